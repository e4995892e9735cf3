"""Fixtures that tests of pages in a real browser share."""

from collections.abc import Iterator

import pytest
from browser import Tab, accessibility_checker, browsing


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """One tab of a Chromium of its own."""
    with browsing(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker, as a script."""
    return accessibility_checker(tmp_path_factory.mktemp("axe"))
