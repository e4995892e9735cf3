"""Laws that users give answer first in their domain, of several the last named; what they cannot answer goes to the catalogue."""

import json
from pathlib import Path

import pytest

from fitted_laws import Laws, ask, load
from fitted_laws.__main__ import main
from fitted_laws.catalogue import published

OPTIMAL = {"domain": "language", "compute": 1e21}


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Path]:
    """Files of two laws of language: one of a surface, one of an allocation alone, neither of them preferred nor new."""
    files = {}
    for name, stem in (("mine", "hoffmann-2022"), ("first", "llama3-2024")):
        content = next(json.loads(path.read_text()) for path in published() if path.stem == stem)
        files[name] = tmp_path / f"{name}.json"
        files[name].write_text(json.dumps({**content, "id": name, "preference": -5, "year": 1950}))
    return files


def test_a_given_law_answers_first(laws: Laws, given: dict[str, Path]) -> None:
    """Before the preferred law of the catalogue, whatever its year."""
    assert ask("optimal", laws, **OPTIMAL).law == "besiroglu-2024"
    mine = ask("optimal", load([given["mine"]], draws=0), **OPTIMAL)
    assert (mine.law, mine.params) == ("mine", ask("optimal", law="hoffmann-2022", **OPTIMAL).params)


def test_of_several_the_last_named_answers(given: dict[str, Path]) -> None:
    for order in (["mine", "first"], ["first", "mine"]):
        assert ask("optimal", load([given[name] for name in order], draws=0), **OPTIMAL).law == order[-1]


def test_what_a_given_law_cannot_answer_goes_to_the_catalogue(given: dict[str, Path]) -> None:
    """An allocation knows no losses; other domains are as they were."""
    laws = load([given["first"]], draws=0)
    loss = ask("loss", laws, domain="language", params=1e9, tokens=2e10)
    assert (loss.law, loss.loss) == ("besiroglu-2024", ask("loss", domain="language", params=1e9, tokens=2e10).loss)
    assert ask("optimal", laws, domain="math", compute=1e18).law == ask("optimal", domain="math", compute=1e18).law


def test_the_command_line_takes_the_last_of_its_law_files(
    given: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    files = [word for name in ("first", "mine") for word in ("--law-file", str(given[name]))]
    assert main(["optimal", *files, "--compute", "1e21", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["law"] == "mine"
