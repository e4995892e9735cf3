"""Text of a folder: what is trained on and what is held out, its digest, and refusals that say what would work."""

import gzip
import importlib.util
import subprocess
import sys
import sysconfig
from pathlib import Path

import msgspec
import numpy as np
import pytest

from trainer.__main__ import main
from trainer.domains.collected.text import Text
from trainer.domains.material.sources import SOURCES
from trainer.domains.registry import AnyDomain
from trainer.sweep.config import read_sweep, with_data

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: make sweep brings it"
)
LINES = [f"line {i} of {i % 7} and {i * i % 11}\n" for i in range(20_000)]


def folder_of(folder: Path, files: int) -> Path:
    """Files of text that no two share a line of."""
    folder.mkdir()
    for i in range(files):
        (folder / f"{i:03d}.txt").write_text("".join(LINES[i::files]))
    return folder


def seen(rows: np.ndarray) -> set[bytes]:
    return {bytes(row) for row in rows.astype(np.uint8)}


@pytest.mark.parametrize("files", [1, 30])
def test_training_and_test_share_nothing(tmp_path: Path, files: int) -> None:
    """A tenth is held out, by file where files are many; together they are the text, and no test window is in training."""
    domain = Text(source=str(folder_of(tmp_path / "text", files)), context=32)
    material = domain.material
    whole = sum(map(len, LINES))
    assert material.test.size == pytest.approx(0.1 * whole, rel=0.3)
    assert whole - 32 < material.unique_tokens + material.test.size <= whole
    assert not seen(material.test) & seen(material.train)
    if files > 1:
        assert f"of {files} files" in material.split


def test_samples_are_the_text(tmp_path: Path) -> None:
    """Windows of it, the same for a seed; tests are evenly spaced, the same however often asked; other sources are read beside it."""
    folder = str(folder_of(tmp_path / "text", 1))
    domain = Text(source=folder, context=24, also=(folder,))
    text = (tmp_path / "text" / "000.txt").read_bytes()
    tokens = domain.samples((0, 1, 2), 50)
    assert tokens.shape == (50, 24)
    assert all(bytes(row.astype(np.uint8)) in text for row in tokens)
    assert np.array_equal(tokens, domain.samples((0, 1, 2), 50))
    assert np.array_equal(domain.testing(40), domain.elsewhere(40)["text"])
    assert len(seen(domain.testing(100))) == 100


def test_the_digest_is_of_names_and_bytes_not_of_the_place(tmp_path: Path) -> None:
    """A pinned domain survives a move, and refuses a changed byte."""
    first = Text(source=str(folder_of(tmp_path / "one", 3))).pinned()
    second = Text(source=str(folder_of(tmp_path / "two", 3))).pinned()
    assert first.digest == second.digest != ""
    assert msgspec.json.decode(msgspec.json.encode(first), type=AnyDomain) == first
    path = tmp_path / "two" / "001.txt"
    path.write_text(path.read_text().replace("line 1 ", "line 8 "))
    changed = msgspec.structs.replace(first, source=str(tmp_path / "two" / ".." / "two"))
    with pytest.raises(ValueError, match="the files have changed"):
        changed.samples(1, 2)


def test_unique_data_can_be_limited(tmp_path: Path) -> None:
    """So many bytes from all over the text; the test set, the digest, and the identity of a text without a limit stay as they are."""
    whole = Text(source=str(folder_of(tmp_path / "text", 1)), context=32)
    few = msgspec.structs.replace(whole, unique=10_000)
    assert few.material.unique_tokens == 10_000
    assert seen(few.testing(50)) == seen(whole.testing(50))
    assert few.pinned().digest == whole.pinned().digest
    text = bytes(whole.material.train[:, 0]) + bytes(whole.material.train[-1, 1:])
    rows = [bytes(row) for row in few.material.train[::1000].astype(np.uint8)]
    at = [text.find(row) for row in rows]
    assert min(at) < 0.1 * len(text) < 0.9 * len(text) < max(at)
    assert len({bytes(row.astype(np.uint8)) for row in few.samples(0, 30_000)}) <= 10_000 - 31
    assert msgspec.json.decode(msgspec.json.encode(few), type=AnyDomain) == few
    assert b'"unique"' not in msgspec.json.encode(whole)
    with pytest.raises(ValueError, match="at least 99000000 bytes to train on"):
        msgspec.structs.replace(whole, unique=99_000_000).samples(0, 1)
    with pytest.raises(ValueError, match="two contexts or more"):
        Text(source="gcide", context=32, unique=40)


def test_packed_text_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress("".join(LINES).encode()))
    assert b"line 0 of 0 and 0\nline 1" in bytes(Text(source=str(tmp_path)).material.train[:, 0])


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "an empty folder"),
        ({"a.png": b"\x89PNG"}, "ending in .txt"),
        ({"a.txt": b"short"}, "bytes of text, got 5"),
        ({"a.txt": "Zürich ".encode("latin1") * 900}, "a.txt: expected UTF-8, got fc 72 69 63 at byte 1: convert it"),
        ({"a.txt.gz": b"no gzip at all"}, "a.txt.gz: expected a readable file"),
        ({".hidden.txt": b"seen by nobody " * 999}, "an empty folder"),
        ({"a.txt": b"only so much text. " * 150}, "64 samples of 64 tokens to hold out"),
    ],
)
def test_folders_are_refused_in_a_sentence(
    tmp_path: Path, files: dict[str, bytes], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert main(["sweep", "language", "--data", str(tmp_path), "--dry-run"]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1


def test_data_for_a_sweep_that_makes_its_own_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "markov", "--data", str(tmp_path), "--dry-run"]) == 2
    assert (
        "code, code-gpu, image-16x16, image-16x16-gpu, image-32x32, image-32x32-gpu, image-8x8"
        in capsys.readouterr().err
    )
    assert main(["sweep", "language", "--data", str(tmp_path / "none"), "--dry-run"]) == 2
    assert "which is neither" in capsys.readouterr().err


def test_what_is_missing_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = msgspec.structs.replace(SOURCES["gcide"], patterns=("/nowhere/*.dz",))
    monkeypatch.setitem(SOURCES, "gcide", gone)
    with pytest.raises(ValueError, match="apt install dict-gcide, or name a folder with --data"):
        Text(source="gcide").material  # noqa: B018 - it reads the files


def test_the_standard_library_is_always_there() -> None:
    """Its own modules, held out by file, with no test data and nothing that pip installed."""
    domain = with_data(read_sweep("code"), None).domain
    assert isinstance(domain, Text)
    assert "PSF-2.0" in domain.described()
    whole = bytes(domain.material.train[:, 0])
    assert (Path(sysconfig.get_paths()["stdlib"]) / "textwrap.py").read_bytes()[:2000] in whole + bytes(
        domain.material.test.ravel()
    )
    assert domain.material.unique_tokens > 3_000_000


@needs_torch
@pytest.mark.slow
def test_a_law_from_a_folder(tmp_path: Path) -> None:
    """The command that users type, on a little text and time: records, a law that says whose data, a page, and no claim of a truth."""
    out = tmp_path / "out"
    command = [sys.executable, "-m", "trainer", "sweep", "language", "--budget", "40s", "-o", str(out), "--data"]
    done = subprocess.run([*command, str(folder_of(tmp_path / "text", 30))], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].endswith("the truth is unknown")
    (law,) = (out / "frozen").glob("*.json")
    content = msgspec.json.decode(law.read_bytes())
    assert content["domain"] == "language"
    assert "30 files of the folder text" in content["data"]
    assert "the user's own data" in content["data"]
    assert (out / "report.html").exists()
