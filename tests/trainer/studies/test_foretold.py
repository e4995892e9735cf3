"""The law of two cores asked about larger runs: the table comes again from the records, and its pages have it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from trainer.studies.page import table
from trainer.studies.registry import STUDIES
from trainer.studies.scaling.foretold import ASKED, LAW, find
from trainer.studies.study import RECORDS
from trainer.sweep.config import SWEEPS
from trainer.sweep.records import read_records

DOCS = Path(__file__).parents[3] / "docs"
MEASURED = {
    294_912: (37, 1.236, 1.130, 1.342, 1.178, 1.187),
    1_179_648: (150, 1.161, 1.010, 1.308, 1.064, 1.069),
    4_718_592: (600, 1.132, 0.9506, 1.302, 1.013, 1.024),
    18_874_368: (2400, 1.125, 0.9247, 1.3, 0.977, 0.983),
}
"""Times the law's largest compute, what is foretold with its interval, and what each seed came to as whoever trained the runs wrote it down."""


def test_the_table_is_what_was_measured() -> None:
    """To the digits written down when the runs were trained; all of them are inside."""
    found = STUDIES["foretold"].finding()
    rows = {row["params"]: row for row in found.rows}
    columns = ("times_its_compute", "foretold", "low", "high", "trained_0", "trained_1")
    for params, expected in MEASURED.items():
        times, *losses = (rows[params][name] for name in columns)
        assert int(times) == expected[0]
        assert losses == pytest.approx(expected[1:], abs=6e-4)
    assert found.numbers["inside"] == 1
    assert len(rows) == 7


def test_a_run_outside_its_interval_is_counted() -> None:
    """Losses of the first places alone matter, whatever comes after them."""
    records = {name: read_records(RECORDS / f"{name}.jsonl") for name in (ASKED, LAW)}
    length = records[LAW][0].config.domain.length

    def made(first: float) -> list:
        places = [first] * length + [9.0] * (256 - length)
        return [
            msgspec.structs.replace(r, by_place=places) if r.tokens == r.config.tokens else r for r in records[ASKED]
        ]

    low = find({**records, ASKED: made(0.94)})
    assert [row["trained_0"] for row in low.rows] == pytest.approx([0.94] * 7)
    held = [row["low"] <= 0.94 <= row["high"] for row in low.rows]
    assert low.numbers["inside"] == pytest.approx(np.mean(held))
    assert 0 < low.numbers["inside"] < 1


def test_the_pages_have_the_table() -> None:
    rows = table(STUDIES["foretold"].finding().rows)
    for page in ("forecasts.md", "reproduction.md"):
        assert "\n".join(rows) in (DOCS / page).read_text("utf-8")


def test_the_page_has_the_limit_that_the_runs_refute() -> None:
    """The irreducible loss that the law answers with, which is above the lowest loss trained; its interval reaches below that."""
    answer = ask("loss", shipped(), domain="language", law=f"sweep-2026-{LAW}", params=18_874_368, tokens=100_000_000)
    low, limit, high = (answer[f"irreducible_loss{end}"] for end in ("_low", "", "_high"))
    assert f"{limit:.2f} ({low:.2f} to {high:.2f}) by the set" in (DOCS / "forecasts.md").read_text("utf-8")
    assert low < min(MEASURED[18_874_368][4:]) < limit


def test_records_of_the_prototype_are_no_sweeps() -> None:
    """No ladder has their name, so that no law and no other study takes them; the file is small, and names no place."""
    path = RECORDS / f"{ASKED}.jsonl"
    assert not (SWEEPS / f"{ASKED}.toml").exists()
    assert ASKED not in STUDIES["heldout"].records
    assert path.stat().st_size < 200_000
    text = path.read_text()
    assert "/" not in text.replace("+cu130", "")
    assert {r.machine.device for r in read_records(path)} == {"NVIDIA H100 80GB HBM3"}
