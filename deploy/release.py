"""`make release`: wheel, sdist, notes and image of one tag, checked. Without TAG it is a rehearsal of what is committed. Nothing is published."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OUT = ROOT / "dist"
UNRELEASED = "Unreleased"
BUILDERS = ("docker", "podman", "buildah")
ASKED = ("optimal", "--domain", "language", "--compute", "1e21", "--format", "txt")


class NotReady(Exception):
    """What must be set right before a release, in a sentence."""


def main(tag: str) -> None:
    """Makes `dist/` anew from `tag`, or from HEAD where it is empty.

    Raises:
        NotReady: version, tag, changelog and citation do not agree, or what was built does not work.
    """
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "tree"
        commit = run("git", "rev-parse", f"{tag or 'HEAD'}^{{commit}}")
        checked_out(commit, tree)
        version = version_of(tree)
        if tag and tag != f"v{version}":
            raise NotReady(f"expected the tag v{version}, as pyproject.toml has the version, got {tag}")
        notes = section((tree / "CHANGELOG.md").read_text(), version, rehearsal=not tag)
        shutil.rmtree(OUT, ignore_errors=True)
        OUT.mkdir()
        built = build(tree, OUT, commit)
        same(*built, Path(temporary) / "again", commit)
        works(built[0], version, Path(temporary) / "venv")
        (OUT / "NOTES.md").write_text(notes)
        (OUT / "SHA256SUMS").write_text("".join(f"{digest(file)}  {file.name}\n" for file in built))
        image = built_image(tree, version, rehearsal=not tag)
    print(f"{'release' if tag else 'rehearsal of'} {version} at {commit[:12]}")
    print("\n".join(f"  {file.name}, {file.stat().st_size / 1e6:.1f} MB" for file in built))
    print(f"  {image}\n  NOTES.md, {len(notes.splitlines())} lines")
    if tag:
        print(f"to publish: git push origin {tag}; uv publish dist/*.whl dist/*.tar.gz; push the image")


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """What a command prints.

    Raises:
        NotReady: it fails; with its last line.
    """
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise NotReady(f"{' '.join(map(str, command[:4]))} … failed: {''.join(last)}")
    return done.stdout.strip()


def checked_out(commit: str, folder: Path) -> None:
    """The files of a commit, and nothing that lies beside them here."""
    folder.mkdir()
    archive = folder.parent / "tree.tar"
    run("git", "archive", "--format=tar", "-o", archive, commit)
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")


def version_of(tree: Path) -> str:
    """The version, which stands in three files.

    Raises:
        NotReady: they do not agree.
    """
    version = str(tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"])
    for file, pattern in (
        ("fitted_laws/__init__.py", r'__version__ = "([^"]+)"'),
        ("CITATION.cff", r"(?m)^version: (\S+)"),
    ):
        said = re.search(pattern, (tree / file).read_text())
        if not said or said[1] != version:
            raise NotReady(
                f"{file}: expected version {version}, as in pyproject.toml, got {said[1] if said else 'none'}"
            )
    return version


def section(changelog: str, version: str, *, rehearsal: bool) -> str:
    """What the changelog says of a version; in a rehearsal of one that has no section yet, what is unreleased.

    Raises:
        NotReady: there is no section, or it is empty.
    """
    sections = {
        match[1]: match[2].strip() for match in re.finditer(r"(?ms)^## (\S+)[^\n]*\n(.*?)(?=^## |\Z)", changelog)
    }
    found = sections.get(version) or (sections.get(UNRELEASED) if rehearsal else None)
    if not found:
        raise NotReady(
            f"CHANGELOG.md: expected a section '## {version} (date)' with what users can now do: rename '## {UNRELEASED}'"
        )
    return f"{found}\n"


def build(tree: Path, out: Path, commit: str) -> tuple[Path, Path]:
    """The wheel and the sdist, with the time of the commit: the same commit gives the same bytes."""
    time = run("git", "show", "-s", "--format=%ct", commit)
    run(sys.executable, "-m", "hatchling", "build", "-d", out, cwd=tree, SOURCE_DATE_EPOCH=time)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def same(wheel: Path, sdist: Path, folder: Path, commit: str) -> None:
    """Whether the sdist builds the wheel.

    Raises:
        NotReady: it lacks something.
    """
    folder.mkdir()
    with tarfile.open(sdist) as packed:
        packed.extractall(folder, filter="data")
    again = build(next(folder.iterdir()), folder, commit)[0]
    if members(again) != members(wheel):
        differing = sorted(members(again) ^ members(wheel))
        raise NotReady(f"the sdist builds another wheel: {', '.join(name for name, _ in differing[:5])} differ")


def members(wheel: Path) -> set[tuple[str, int]]:
    with zipfile.ZipFile(wheel) as packed:
        return {(entry.filename, entry.CRC) for entry in packed.infolist()}


def works(wheel: Path, version: str, venv: Path) -> None:
    """Whether the wheel, installed by itself into a new environment, says its version and answers.

    Raises:
        NotReady: it does not.
    """
    uv = next(iter(found("uv")), str(ROOT / ".uv/bin/uv"))
    run(uv, "venv", "--quiet", "--python", sys.executable, venv)
    run(uv, "pip", "install", "--quiet", "--python", venv / "bin/python", "-c", ROOT / "requirements.lock", wheel)
    command = venv / "bin/fitted-laws"
    if run(command, "--version", cwd=venv) != f"fitted-laws {version}":
        raise NotReady(
            f"expected the installed wheel to say fitted-laws {version}, got {run(command, '--version', cwd=venv)}"
        )
    float(run(command, *ASKED, cwd=venv))


def found(*programs: str) -> Iterator[str]:
    """Where those of `programs` lie that are installed."""
    return (path for program in programs if (path := shutil.which(program)))


def built_image(tree: Path, version: str, *, rehearsal: bool) -> str:
    """The image, by the first builder that works; what became of it.

    Raises:
        NotReady: no builder works, and this is no rehearsal.
    """
    why = f"none of {', '.join(BUILDERS)} is installed"
    for builder in found(*BUILDERS):
        try:
            run(builder, "build", "-t", f"fitted-laws:{version}", ".", cwd=tree)
        except NotReady as reason:
            why = str(reason)
        else:
            return f"image fitted-laws:{version}, built by {Path(builder).name}"
    if rehearsal:
        return f"no image: {why}"
    raise NotReady(f"no image: {why}")


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2] or [""])
    except NotReady as reason:
        sys.exit(f"not ready: {reason}")
