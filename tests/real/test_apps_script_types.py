"""The script of docs/google-sheets.md, read by the TypeScript compiler beside the published types of Apps Script: it calls only what is there."""

import json
from pathlib import Path

import pytest
from clients import PACKAGES, run
from documents import blocks

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PACKAGES.exists(), reason="Node's packages are not installed, not tested: make test SLOW=1"),
]
((_, SCRIPT),) = blocks((Path(__file__).parents[2] / "docs" / "google-sheets.md").read_text(), "javascript")
OPTIONS = {
    "allowJs": True,
    "checkJs": True,
    "noEmit": True,
    "strict": True,
    "target": "es2020",
    "lib": ["es2020"],
    "types": ["apps-script-types"],
}
WRONG = {
    "a service's function that is none": "UrlFetchApp.fetchEach([]);",
    "an argument of another kind": 'CacheService.getScriptCache().putAll({}, "60");',
    "what browsers have and Apps Script has not": 'fetch("https://example.com");',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("apps-script")
    (made / "node_modules").symlink_to(PACKAGES)
    (made / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["*.js"]}))
    return made


def said(folder, script) -> str:
    (folder / "script.js").write_text(script)
    return run("tsc", "--project", ".", folder=folder).stdout


def test_the_script_calls_what_apps_script_has(folder) -> None:
    assert said(folder, SCRIPT) == ""


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG)
def test_what_apps_script_has_not_is_found(folder, line) -> None:
    assert "script.js(1," in said(folder, f"{line}\n{SCRIPT}")
