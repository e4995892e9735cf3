"""The record of forecasts is one: the documentation, its figures, the service's page and every fitted answer say the same."""

from pathlib import Path

import numpy as np
import pytest
import synthetic
from litestar.testing import TestClient

from fitted_laws import ask, load
from fitted_laws.forecast.record import ADDRESS, SENTENCE, TITLES, in_short, markdown, track_record
from service.app import create_app
from service.settings import Settings
from trainer.__main__ import main
from trainer.forecast.backtest import held_out
from trainer.forecast.forecaster import forecaster
from trainer.forecast.record.figures import FIGURES
from trainer.forecast.record.record import measured
from trainer.tables.runs import read_runs

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A law fitted to runs."""
    folder = tmp_path_factory.mktemp("law")
    synthetic.write_csv(folder / "runs.csv", synthetic.surface(20))
    assert (
        main(
            ["fit", str(folder / "runs.csv"), "--form", "additive", "--bootstrap", "20", "-o", str(folder / "law.json")]
        )
        == 0
    )
    return folder / "law.json"


def test_the_page_shows_the_record_that_ships() -> None:
    """Tables and figures of docs/forecasts.md are those that `python -m trainer.forecast.record.record` writes."""
    text = (DOCS / "forecasts.md").read_text()
    assert markdown(track_record()) in text
    for name, draw in FIGURES.items():
        assert f"]({name})" in text
        assert (DOCS / name).read_bytes() == draw(track_record())


def test_the_record_is_consistent() -> None:
    """Shares are shares, and every miss is in: a table per name, a mean of families that are each within it."""
    record = track_record()
    assert len({each.table for each in record.tables}) == len(record.tables) >= 10
    for each in record.tables:
        assert 0 <= each.coverage <= 1
        assert min(each.error, each.width, each.score) > 0
    for each in record.distances:
        assert each.coverage == pytest.approx(np.mean([*each.families.values()]), abs=2e-4)


def test_every_fitted_answer_links_to_it(law: Path) -> None:
    """The answer of a law fitted to runs says where; a paper's does not. The address is there, and shows the record."""
    laws = load([law])
    fitted = ask("loss", laws, domain="runs", params=1e9, tokens=2e10)
    assert SENTENCE in fitted.plain()["warnings"]
    assert ADDRESS in SENTENCE
    assert (
        SENTENCE
        not in ask("loss", laws, domain="language", law="besiroglu-2024", params=1e9, tokens=2e10).plain()["warnings"]
    )
    page, anchor = ADDRESS.split("#")
    with TestClient(create_app(laws, Settings())) as client:
        docs = client.get(page).text
        assert f'id="{anchor}"' in docs
        for kind in TITLES:
            assert in_short(kind, track_record()) in docs.replace("&#x27;", "'")
        assert f'href="{ADDRESS}"' in client.get("/v1/laws/runs.html").text
        assert f'href="{ADDRESS}"' not in client.get("/v1/laws/besiroglu-2024.html").text


def test_a_report_links_to_it(law: Path, tmp_path: Path) -> None:
    assert main(["report", str(law), "-o", str(tmp_path / "page.html")]) == 0
    assert "docs/forecasts.md" in (tmp_path / "page.html").read_text()


def test_it_is_measured_on_what_was_held_out(tmp_path: Path) -> None:
    """On additive surfaces of two families: errors within the noise, intervals that hold, and those of the set of laws."""
    for seed, name in enumerate(("made_here", "other_one")):
        columns = synthetic.surface(24, noise=0.003, seed=seed)
        order = np.argsort(np.asarray(columns["params"]) * np.asarray(columns["tokens"]))
        split = np.array(["fit"] * 24, dtype="<U4")
        split[order[-6:]] = "test"
        synthetic.write_csv(tmp_path / f"{name}.csv", {**columns, "split": split})
    record = measured(tmp_path)
    assert [(table.table, table.kind, table.curves, table.rows) for table in record.tables] == [
        ("made_here", "surface", 1, 6),
        ("other_one", "surface", 1, 6),
    ]
    for table in record.tables:
        assert table.error < 0.02
        assert table.coverage >= 0.5
    assert {family for each in record.distances for family in each.families} == {"made", "other"}
    runs = read_runs(tmp_path / "made_here.csv")
    far = held_out(runs)
    forecast = forecaster(runs.where(~far)).forecast(runs.where(far))
    width = np.mean((forecast.high() - forecast.low()) / np.exp(forecast.log_loss))
    assert record.tables[0].width == pytest.approx(width, abs=1e-4)
