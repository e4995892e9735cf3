"""What linters say of the OpenAPI document: no error, and no warning that its settings beside this file do not justify."""

import json
from pathlib import Path

import msgspec
import pytest
from clients import PACKAGES, SETTINGS, run

from fitted_laws.catalogue import shipped
from service.api.openapi.document import document
from service.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PACKAGES.exists(), reason="Node's packages are not installed, not tested: make test SLOW=1"),
]


@pytest.fixture(scope="module", params=["", "a-key"], ids=["open", "keyed"])
def folder(request, tmp_path_factory) -> Path:
    """A folder with the document of a service with keys, or without."""
    made = tmp_path_factory.mktemp("linted")
    (made / "openapi.json").write_bytes(msgspec.json.encode(document(shipped(), Settings(api_keys=request.param))))
    return made


def test_redocly_finds_nothing(folder) -> None:
    done = run("redocly", "lint", "openapi.json", "--config", SETTINGS / "redocly.yaml", "--format=json", folder=folder)
    problems = json.loads(done.stdout)["problems"]
    assert [(each["severity"], each["ruleId"], each["message"]) for each in problems] == []
    assert done.returncode == 0


def test_spectral_finds_nothing(folder) -> None:
    options = ["--ruleset", SETTINGS / "spectral.yaml", "--fail-severity", "hint", "--format", "json", "--quiet"]
    done = run("spectral", "lint", *options, "openapi.json", folder=folder)
    assert json.loads(done.stdout) == []
    assert done.returncode == 0


@pytest.mark.parametrize("linter", ["redocly", "spectral"])
def test_they_find_what_is_there(folder, linter) -> None:
    """An array of nothing said, and a reference that leads nowhere."""
    broken = json.loads((folder / "openapi.json").read_text())
    del broken["components"]["schemas"]["Problem"]["properties"]["errors"]["items"]
    broken["components"]["schemas"]["Fault"] = {"$ref": "#/components/schemas/Nowhere"}
    (folder / "broken.json").write_text(json.dumps(broken))
    rules = ["--config" if linter == "redocly" else "--ruleset", SETTINGS / f"{linter}.yaml"]
    assert run(linter, "lint", "broken.json", *rules, folder=folder).returncode != 0
