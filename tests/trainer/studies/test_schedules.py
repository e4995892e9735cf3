"""What trials of averages, decays and batches say: paired differences, and the document's table of them."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from trainer.studies.schedules.table import WAYS, differences, rows, shown
from trainer.studies.schedules.trial import Measured, Trial, read_measured
from trainer.studies.study import RECORDS

KEPT = RECORDS / "trials" / "schedules.jsonl"
DOCUMENT = Path(__file__).parents[3] / "docs" / "sweep.md"


@pytest.mark.parametrize("domain", ["markov", "language"])
def test_the_document_has_the_table_of_the_records(domain: str) -> None:
    assert "\n".join(rows(list(read_measured(KEPT)), domain)) in DOCUMENT.read_text()


def test_differences_are_of_the_same_width_and_seed_with_students_interval() -> None:
    """A run that one side lacks is no pair; branches that are counted give the other side more data."""
    random = np.random.default_rng(0)
    ours, theirs = random.normal(3.0, 0.5, 6), random.normal(3.1, 0.5, 6)
    six = Trial(domain="markov", width=16, reads=(4096,), seeds=tuple(range(6)))
    four = Trial(domain="markov", width=16, reads=(4096,), seeds=(0, 1, 2, 3))
    decay = WAYS[0]
    lines = [
        Measured(trial=six, way="average", part=0.1, samples=4480, steps=1, losses=ours.tolist()),
        Measured(trial=six, way="average", part=0.1, samples=4096, steps=1, losses=[9.0] * 6),
        Measured(trial=four, way="decay", part=0.1, samples=4096, steps=1, losses=theirs[:4].tolist()),
    ]
    found = differences(lines, "markov", decay, 4096)
    assert found == pytest.approx(theirs[:4] - ours[:4])
    interval = stats.ttest_1samp(found, 0.0).confidence_interval(0.9)
    assert shown(found) == f"{np.mean(found):+.4f} ± {(interval.high - interval.low) / 2:.4f} (4)"


def test_samples_a_step_double_with_the_data() -> None:
    growing = Trial(domain="markov", width=16, batches=(4, 8, 16, 32))
    assert [growing.batch(at) for at in (0, 2047, 2048, 4096, 8191, 8192, 10**6)] == [4, 4, 8, 16, 16, 32, 32]
