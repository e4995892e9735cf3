"""Fixtures that several files share."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from litestar.testing import TestClient
from waiting import PATIENCE

from fitted_laws import Laws
from fitted_laws.catalogue import shipped
from service.app import create_app
from service.settings import Settings

# Of generated inputs: the same each time, and as long as they take. A test that fails here fails everywhere.
settings.register_profile("ours", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ours")


@pytest.fixture(scope="session")
def laws() -> Laws:
    """The laws that ship with the package."""
    return shipped()


@pytest.fixture(scope="session")
def client(laws: Laws) -> Iterator[TestClient]:
    """A client of the service, in this process, with default settings but for the time that it has."""
    with TestClient(create_app(laws, Settings(max_seconds=PATIENCE))) as client:
        yield client
