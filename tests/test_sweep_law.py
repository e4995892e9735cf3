"""The law of `make sweep` that ships, as the service answers it; that it comes again from its records is tested with those of other sweeps."""

import shutil
from pathlib import Path

import pytest
from litestar.testing import TestClient

from fitted_laws.catalogue import load
from trainer.records import read_records
from trainer.studies.study import RECORDS
from trainer.sweep import read_sweep
from trainer.sweeping import asked
from trainer.sweeplaw import sweep_law

ID = "sweep-2026-markov"


def test_its_irreducible_loss_is_the_entropy(client: TestClient) -> None:
    """The service's answer has the exact entropy in its 90 % interval, and its centre within 0.005 nats; data and range are said."""
    domain, last = read_sweep("markov").domain, read_records(RECORDS / "markov.jsonl")[-1]
    query = {"domain": "markov", "law": ID, "params": last.params, "tokens": last.tokens}
    answer = client.get("/v1/loss.json", params=query).json()
    assert answer["irreducible_loss_low"] <= domain.entropy.value <= answer["irreducible_loss_high"]
    assert answer["irreducible_loss"] == pytest.approx(domain.entropy.value, abs=0.005)
    assert answer["loss"] == pytest.approx(last.loss, abs=0.005)
    assert answer["extrapolation"] == 0
    assert client.get("/v1/loss.json", params=query | {"tokens": 1e12}).json()["extrapolation"] > 3
    told = client.get(f"/v1/laws/{ID}").json()
    assert "markov" in told["data"]
    assert told["citation"].startswith("fitted to 40 readings of 8 runs of markov.jsonl"), "rows of the table, and what they share weights with"
    assert told["where"] == "trainer/runs/markov.jsonl"


def test_a_sweep_trained_again_stands_beside_the_law_that_ships(tmp_path: Path) -> None:
    """Its law has an id of its own, so that a server takes both and answers from either."""
    shutil.copy(RECORDS / "markov.jsonl", tmp_path / "runs.jsonl")
    path = sweep_law(read_sweep("markov"), tmp_path, 2026)
    assert path.stem == f"{ID}-own"
    laws = load([path])
    assert {ID, f"{ID}-own"} <= {law.id for law in laws}
    assert "inside" in asked(path, read_records(tmp_path / "runs.jsonl"))
