"""A release: what must agree before one is made, and that what is built works."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import fitted_laws

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def release() -> ModuleType:
    spec = importlib.util.spec_from_file_location("release", ROOT / "deploy" / "release.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_version_is_one_everywhere(release: ModuleType) -> None:
    assert release.version_of(ROOT) == fitted_laws.__version__


def test_versions_that_differ_stop_a_release(release: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "fitted_laws").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n')
    (tmp_path / "fitted_laws" / "__init__.py").write_text('__version__ = "1.2.0"\n')
    (tmp_path / "CITATION.cff").write_text("version: 1.1.0\n")
    with pytest.raises(release.NotReady, match=r"CITATION.cff: expected version 1.2.0, .* got 1.1.0"):
        release.version_of(tmp_path)


def test_the_notes_are_the_versions_section(release: ModuleType) -> None:
    changes = "# Changes\n\n## Unreleased\n\n- Next.\n\n## 1.2.0 (2027-01-01)\n\n- This.\n\n## 1.1.0 (2026-12-01)\n\n- That.\n"
    assert release.section(changes, "1.2.0", rehearsal=False) == "- This.\n"
    assert release.section(changes, "1.3.0", rehearsal=True) == "- Next.\n"
    with pytest.raises(release.NotReady, match=r"expected a section '## 1.3.0 \(date\)'"):
        release.section(changes, "1.3.0", rehearsal=False)


def test_a_tag_of_another_version_is_refused() -> None:
    """As a maintainer would see it: one line, nothing built."""
    tag = "v0.0.0-no-such-tag"
    done = subprocess.run(
        [sys.executable, ROOT / "deploy" / "release.py", tag], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("not ready: git rev-parse")
    assert len(done.stderr.splitlines()) == 1


def test_citation_and_forms_are_what_their_readers_take() -> None:
    """The fields that the Citation File Format requires, and those that a form of an issue must have."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "title", "message", "authors"} <= citation.keys()
    assert citation["license"] == "Apache-2.0"
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    for form in (yaml.safe_load(path.read_text()) for path in forms if path.stem != "config"):
        assert {"name", "description", "body"} <= form.keys()
        ids = [part["id"] for part in form["body"]]
        assert len(ids) == len(set(ids))
        assert all(part["attributes"]["label"] for part in form["body"])


def test_the_hooks_run_what_lint_runs() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = (ROOT / "Makefile").read_text().partition("\nlint:")[2].partition("\n\n")[0]
    for hook in hooks:
        program, *words = hook["entry"].removeprefix(".venv/bin/").split()
        assert f".venv/bin/{' '.join([program, *words[:1]]).removesuffix(' --force-exclude')}" in lint, hook


@pytest.mark.slow
def test_a_release_is_rehearsed(tmp_path: Path) -> None:
    """From a commit of its own folder: wheel and sdist that agree, sums, notes; the wheel answers in a new environment."""
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, tmp_path / "clone"], check=True)
    clone = tmp_path / "clone"
    done = subprocess.run(
        [sys.executable, clone / "deploy" / "release.py"],
        cwd=clone,
        env={"PATH": f"{ROOT / '.uv' / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path), **uv_settings()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"rehearsal of {fitted_laws.__version__}" in done.stdout
    sums = dict(reversed(line.split("  ")) for line in (clone / "dist" / "SHA256SUMS").read_text().splitlines())
    assert sorted(Path(name).suffix for name in sums) == [".gz", ".whl"]
    assert (clone / "dist" / "NOTES.md").read_text().startswith("- ")


def uv_settings() -> dict[str, str]:
    """Where packages come from on this machine, as its user has set it."""
    return {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))}


def test_the_changelog_marks_what_clients_must_change() -> None:
    """docs/stability.md promises the words."""
    promised = (ROOT / "docs" / "stability.md").read_text()
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert "**Change for clients.**" in promised
    assert "**Change for clients.**" in changes
    assert "**Security.**" in (ROOT / "SECURITY.md").read_text()
