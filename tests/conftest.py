"""Fixtures that several files share."""

from collections.abc import Iterator

import pytest
from browser import Tab, accessibility_checker, browsing
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


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """One tab of a Chromium of its own."""
    with browsing(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The checker of accessibility, as a script that a page runs."""
    return accessibility_checker(tmp_path_factory.mktemp("axe"))
