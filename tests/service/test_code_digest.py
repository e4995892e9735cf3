"""What tells one version of the answers from another, is there wherever the service is."""

import re
import tomllib

from deployment import ROOT

from service.compute.code_digest import COMPUTES_WITH, PACKAGES, code_digest

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_it_asks_for_no_package_that_the_service_does_not_bring() -> None:
    """The image holds the service's alone; with another one asked for, it would not start beside a Redis."""
    required = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["service"]]
    assert set(COMPUTES_WITH) <= {re.match(r"[\w-]+", each)[0] for each in required}
    assert {"fitted_laws", "service"} == set(PACKAGES)
    assert re.fullmatch("[0-9a-f]{16}", code_digest())
