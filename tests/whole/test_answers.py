"""The comparison of two folders of answers, by which a move of modules is checked."""

from pathlib import Path

import pytest
from answers import main


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    """Two folders with one file each, that name the same loss and another module."""
    for name, module in (("before", "fitted_laws/units.py"), ("after", "fitted_laws/quantities/units.py")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "loss").write_text(f"loss 1.974\nmade by {module}\n")
    return [str(tmp_path / "before"), str(tmp_path / "after")]


def test_names_of_code_may_differ(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Where a module is named by its place, folders are equal; it is said which file names it."""
    assert main(["--compare", *folders]) == 0
    assert capsys.readouterr().out == "loss: equal but for names of code\n"


def test_a_last_digit_may_not(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A number that differs is shown, was and is, and fails."""
    Path(folders[1], "loss").write_text("loss 1.975\nmade by service/app.py\n")
    assert main(["--compare", *folders]) == 1
    told = capsys.readouterr().out
    assert "-loss 1.974\n+loss 1.975" in told
    assert "made by" not in told


def test_a_file_that_went_is_named(folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A file of one folder alone is a difference."""
    Path(folders[1], "loss").unlink()
    assert main(["--compare", *folders]) == 1
    assert capsys.readouterr().out == f"loss: only in {folders[0]}\n"
