"""Many curves: a file each as they come, gone on with where they were broken off, with the time that is left."""

import io
from pathlib import Path

import numpy as np
import pytest
import synthetic

from trainer.__main__ import main
from trainer.laws.curves import Remaining, each, is_made, minutes

CURVES = 6


def table(folder: Path, seed: int = 0) -> Path:
    """Six curves of eight rows."""
    tokens = np.tile(np.geomspace(1e8, 1e10, 8), CURVES)
    loss = synthetic.noisy(1.7 + (1e9 / tokens) ** 0.3, 0.003, seed)
    names = np.repeat([f"run {i}" for i in range(CURVES)], 8)
    return synthetic.write_csv(folder / "runs.csv", {"curve": names, "tokens": tokens, "loss": loss})


def test_a_broken_off_fit_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that are there are kept to the byte and not fitted again; other options, or another table, fit all again."""
    words = ["fit", str(table(tmp_path)), "-o", str(tmp_path / "laws"), "--bootstrap", "20"]
    assert main(words) == 0
    files = {path: path.read_bytes() for path in (tmp_path / "laws").iterdir()}
    assert len(files) == CURVES
    lost = sorted(files)[2]
    lost.unlink()
    other = sorted(files)[4]
    other.write_bytes(files[other][:100])
    capsys.readouterr()
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "4 of 6 curves are fitted already" in out
    assert out.count("rms of log loss") == 2
    assert {path: path.read_bytes() for path in (tmp_path / "laws").iterdir()} == files
    assert main([*words, "--seed", "1"]) == 0
    assert "fitted already" not in capsys.readouterr().out
    table(tmp_path, seed=1)
    assert main(words) == 0
    assert "fitted already" not in capsys.readouterr().out


def test_what_is_told_keeps_the_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Curves are told as they stand in the table, whichever core was first; one without a law is named at the end."""
    runs = table(tmp_path)
    with runs.open("a") as more:
        more.writelines(f"flat,{tokens:.0f},2.5\n" for tokens in np.geomspace(1e8, 1e10, 8))
    assert main(["fit", str(runs), "-o", str(tmp_path / "laws"), "--bootstrap", "20"]) == 3
    shown = capsys.readouterr()
    places = [shown.out.index(f"runs-run-{i}.json") for i in range(CURVES)]
    assert places == sorted(places)
    assert "flat: the loss does not depend on data" in shown.err


def test_each_works_in_order_on_every_core() -> None:
    """Results come in the order of the names, also where they are worked elsewhere; an error of the work is raised."""
    assert list(each(str.upper, list("abcdefgh"))) == list("ABCDEFGH")
    with pytest.raises(ZeroDivisionError):
        list(each(lambda name: 1 // int(name), list("12340")))


def test_the_time_left_is_told_now_and_then() -> None:
    """Into a file a line after some seconds, by the pace so far."""
    now, out = [0.0], io.StringIO()
    remaining = Remaining(100, out, lambda: now[0])
    for _ in range(25):
        now[0] += 1.0
        remaining.one_more()
    remaining.end()
    assert out.getvalue().splitlines() == [
        "10 of 100 curves, about 90 s to go".replace("90 s", minutes(90)),
        "20 of 100 curves, about 80 s to go",
    ]


def test_what_is_no_law_file_is_not_made(tmp_path: Path) -> None:
    """Nothing there, other content, another request."""
    path = tmp_path / "law.json"
    assert not is_made(path, "x")
    path.write_text("[]")
    assert not is_made(path, "x")
    path.write_text('{"fit": {"request": "y"}}')
    assert not is_made(path, "x")
    assert is_made(path, "y")
