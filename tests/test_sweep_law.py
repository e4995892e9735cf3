"""The law of `make sweep` that ships: fitted again from its committed records without torch, and answered by the service."""

import base64
from pathlib import Path

import msgspec
import numpy as np
import pytest
from litestar.testing import TestClient

from trainer.lawfile import write
from trainer.records import read_records
from trainer.sweep import read_sweep
from trainer.sweeplaw import law_from

ROOT = Path(__file__).parent.parent
ID = "sweep-2026-markov"
RECORDS, FROZEN = ROOT / "trainer" / "runs" / "markov.jsonl", ROOT / "fitted_laws" / "coefficients" / f"{ID}.json"


def drawn(law: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(law["draws"]["data"]), "<f4").reshape(law["draws"]["shape"])


def test_it_comes_again_from_its_records() -> None:
    """Coefficients to 1e-4 and the ends of the interval to a thousandth of its width: the posterior is a search."""
    frozen = msgspec.json.decode(FROZEN.read_bytes())
    again = msgspec.json.decode(msgspec.json.encode(law_from(read_sweep("markov"), RECORDS, ID)))
    assert again["coefficients"] == pytest.approx(frozen["coefficients"], rel=1e-4)
    ends = [np.quantile(drawn(law)[:, 0], (0.05, 0.95)) for law in (frozen, again)]
    np.testing.assert_allclose(ends[1], ends[0], atol=np.ptp(ends[0]) / 1000)
    for law in (frozen, again):
        for name in ("coefficients", "fit", "draws"):
            del law[name]
    assert again == frozen


def test_its_irreducible_loss_is_the_entropy(client: TestClient) -> None:
    """The service's answer has the exact entropy in its 90 % interval, and its centre within 0.005 nats; data and range are said."""
    domain, last = read_sweep("markov").domain, read_records(RECORDS)[-1]
    query = {"domain": "markov", "law": ID, "params": last.params, "tokens": last.tokens}
    answer = client.get("/v1/loss.json", params=query).json()
    assert answer["irreducible_loss_low"] <= domain.entropy.value <= answer["irreducible_loss_high"]
    assert answer["irreducible_loss"] == pytest.approx(domain.entropy.value, abs=0.005)
    assert answer["loss"] == pytest.approx(last.loss, abs=0.005)
    assert answer["extrapolation"] == 0
    assert client.get("/v1/loss.json", params=query | {"tokens": 1e12}).json()["extrapolation"] > 3
    (told,) = (law for law in client.get(f"/v1/laws/{ID}").json()["laws"] if law["domain"] == "markov")
    assert '"symbols":64' in msgspec.json.encode(told).decode().replace("\\", "")


if __name__ == "__main__":
    write(law_from(read_sweep("markov"), RECORDS, ID), FROZEN)
