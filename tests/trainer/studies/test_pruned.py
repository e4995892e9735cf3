"""What pruning leaves, as a relation: coefficients that are known come back, and `loss` answers by the law's name alone."""

import msgspec
import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.forms.conditional import SparseWeights
from fitted_laws.quantities.problems import Unanswerable
from trainer.studies.scaling.pruned import COEFFICIENTS, SETTLED, coefficients, dense_multiples, ratio
from trainer.studies.study import RECORDS
from trainer.sweep.afterwards import Pruned
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.records import RunRecord, read_records

DENSE = read_records(RECORDS / "language-lstm.jsonl")
LADDER = read_records(RECORDS / "pruned-lstm.jsonl")
PART, POWER = 0.4, 3.0


def made(record: RunRecord) -> RunRecord:
    """The run as if pruning followed the form about the dense ladder's law exactly."""
    floor, size, data, alpha, beta = posterior(readings(DENSE)).central
    rest = floor + data / record.tokens**beta

    def loss(share: float) -> float:
        times = (PART * (1 - share) ** POWER + 1 - PART) / (1 - share) ** alpha
        return float(rest + times * size / record.params**alpha)

    own = [Pruned(share=share, steps=9, loss=loss(share)) for share in (0.0, *SETTLED.tolist())]
    return msgspec.structs.replace(record, pruned=own)


def test_known_coefficients_come_back() -> None:
    """From runs of several sizes, whatever the dense ladder's own coefficients are."""
    found = dict(zip(COEFFICIENTS, coefficients([made(r) for r in LADDER], DENSE)[0].tolist(), strict=True))
    size = found["a_S"] + found["c_S"]
    assert found["a_S"] / size == pytest.approx(PART, rel=0.02)
    assert found["b_S"] == pytest.approx(POWER, rel=0.02)


def test_the_law_gives_what_was_measured() -> None:
    """To 4 % of every loss that it was fitted to; nothing pruned is the dense ladder's law."""
    table = coefficients(LADDER, DENSE)
    form = SparseWeights(**dict(zip(COEFFICIENTS, table[0].tolist(), strict=True)))
    for record in LADDER:
        assert record.loss is not None
        for share in SETTLED.tolist():
            measured = record.loss * np.exp(ratio(record, share, retrained=True))
            law = form.additive(share).value(record.params * (1 - share), float(record.tokens))
            assert float(law) == pytest.approx(measured, rel=0.04)
    assert (dense_multiples(table)[0] > 1).all()
    assert (np.quantile(dense_multiples(table), 0.05, axis=0) > 1).all()


def test_it_answers_by_its_name_alone() -> None:
    """With the size of the dense model of the same loss; without a name another law does, and without a sparsity it says what it needs."""
    asked = {"domain": "language", "params": 12_800, "tokens": 4e6, "sparsity": 0.5}
    named = ask("loss", **asked, law="sweep-2026-pruned").plain()
    assert named["dense_params_low"] < named["dense_params"] < named["dense_params_high"]
    assert named["reach"] == "inside"
    assert ask("loss", **asked).plain()["law"] != "sweep-2026-pruned"
    with pytest.raises(Unanswerable, match="needs sparsity"):
        ask("loss", domain="language", params=12_800, tokens=4e6, law="sweep-2026-pruned")
