"""The law of `make sweep` that ships, as the service answers it; that it comes again from its records is tested with those of other sweeps."""

import shutil
from pathlib import Path

import pytest
from litestar.testing import TestClient

from fitted_laws.catalogue import load
from trainer.commands.served import answer_line
from trainer.studies.study import RECORDS
from trainer.sweep.config import read_sweep
from trainer.sweep.law.law import sweep_law
from trainer.sweep.records import read_records

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
    assert told["citation"].startswith("fitted to 40 readings of 8 runs of markov.jsonl"), (
        "rows of the table, and what they share weights with"
    )
    assert told["where"] == "trainer/runs/markov.jsonl"


def test_a_sweep_trained_again_stands_beside_the_law_that_ships(tmp_path: Path) -> None:
    """Its law has an id of its own, so that a server takes both and answers from either."""
    shutil.copy(RECORDS / "markov.jsonl", tmp_path / "runs.jsonl")
    path = sweep_law(read_sweep("markov"), tmp_path, 2026)
    assert path.stem == f"{ID}-own"
    laws = load([path])
    assert {ID, f"{ID}-own"} <= {law.id for law in laws}
    assert "inside" in answer_line(path, read_records(tmp_path / "runs.jsonl"))


def test_it_answers_for_one_new_run(client: TestClient) -> None:
    """The interval of a run is no narrower than that of such runs' mean, to what is chance in it, and holds nine in ten of the losses fitted."""
    records = read_records(RECORDS / "markov.jsonl")
    runs = [r for r in records if r.tokens >= max(other.tokens for other in records) / 4]
    asked_of = {"domain": "markov", "law": ID, "params": [r.params for r in runs], "tokens": [r.tokens for r in runs]}
    run, mean = (client.post("/v1/loss", json={**asked_of, "interval": kind}).json() for kind in ("run", "mean"))
    assert all(wide >= narrow * (1 - 1e-4) for wide, narrow in zip(run["loss_high"], mean["loss_high"], strict=True))
    inside = [low <= r.loss <= high for r, low, high in zip(runs, run["loss_low"], run["loss_high"], strict=True)]
    assert sum(inside) >= 0.9 * len(runs)


def test_generated_motion_is_said_to_be_generated(client: TestClient) -> None:
    """With what the law says of its data and among what to know before believing it."""
    told = client.get("/v1/laws/sweep-2026-video-pans").json()
    assert "motion is generated" in told["data"]
    assert any("real clips" in caveat for caveat in told["caveats"])
