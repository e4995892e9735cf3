"""Fixtures that several files share."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from fitted_laws import Laws
from fitted_laws.catalogue import shipped
from service.app import create_app
from service.settings import Settings


@pytest.fixture(scope="session")
def laws() -> Laws:
    """The laws that ship with the package."""
    return shipped()


@pytest.fixture(scope="session")
def client(laws: Laws) -> Iterator[TestClient]:
    """A client of the service, in this process, with default settings."""
    with TestClient(create_app(laws, Settings())) as client:
        yield client
