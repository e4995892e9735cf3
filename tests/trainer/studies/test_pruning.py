"""Magnitude pruning: nothing pruned is the run as it was read; a share is 0 in every body matrix and stays so; half a model loses more."""

from pathlib import Path

import msgspec
import pytest

torch = pytest.importorskip("torch")

from tiny import PAIR  # noqa: E402 - after the skip

from trainer.studies.scaling.pruned import ratio  # noqa: E402
from trainer.studies.scaling.pruning import SHARES, at_the_end, masked, pruned, retrain  # noqa: E402
from trainer.sweep.model.training import Limits, train  # noqa: E402
from trainer.sweep.records import RunConfig, RunRecord  # noqa: E402


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[RunConfig, ...], Path, list[RunRecord]]:
    """Two runs that learnt together, where their weights are, their last records."""
    configs = tuple(PAIR)
    path = tmp_path_factory.mktemp("kept") / "end.checkpoint"
    return configs, path, [lines[-1] for lines in train(list(configs), Limits(checkpoint=path, kept=True))]


def test_the_smallest_of_every_body_matrix_are_0_and_stay_so(ended: tuple) -> None:
    """Of each member by its own magnitudes; embedding and head keep all, and retraining moves what remains."""
    configs, path, _ = ended
    ensemble = at_the_end(configs, path)
    before = {name: weight.detach().clone() for name, weight in ensemble.named.items()}
    masks = masked(ensemble, 0.75)
    retrain(ensemble, masks, 6)
    for name, weight in ensemble.named.items():
        zeros = (weight == 0).flatten(1).float().mean(1)
        assert zeros.tolist() == pytest.approx([0.75 if name[0].isdigit() else 0.0] * 2, abs=0.01)
        if name[0].isdigit():
            for now, then in zip(weight, before[name], strict=True):
                assert then[now == 0].abs().max() <= then[now != 0].abs().min()
    assert not torch.equal(ensemble.named["head"], before["head"])


def test_nothing_pruned_is_the_run_as_it_was_read(ended: tuple) -> None:
    configs, path, records = ended
    for record, own in zip(records, pruned(configs, path), strict=True):
        assert [each.share for each in own[::2]] == list(SHARES)
        assert own[0].loss == pytest.approx(record.loss, abs=1e-6)
        kept = msgspec.structs.replace(record, pruned=own)
        assert ratio(kept, 0.9, retrained=False) > ratio(kept, 0.25, retrained=False)
        assert 0 < ratio(kept, 0.9, retrained=True) < ratio(kept, 0.9, retrained=False)
