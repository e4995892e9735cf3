"""Fixtures that several files share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient

from fitted_laws import Laws
from fitted_laws.catalogue import shipped
from service.app import create_app
from service.settings import Settings
from website.pages import write


@pytest.fixture(scope="session")
def laws() -> Laws:
    """The laws that ship with the package."""
    return shipped()


@pytest.fixture(scope="session")
def client(laws: Laws) -> Iterator[TestClient]:
    """A client of the service, in this process, with default settings."""
    with TestClient(create_app(laws, Settings())) as client:
        yield client


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the documents' site."""
    folder = tmp_path_factory.mktemp("site")
    write(folder)
    return folder
