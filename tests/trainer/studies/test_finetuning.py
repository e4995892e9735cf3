"""Training classifiers: what is exact has no excess, fine-tuning begins with the weights learnt, and what is kept is not trained again."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from trainer.domains.generated.classes import Classes  # noqa: E402 - after the skip
from trainer.domains.generated.ising import Ising  # noqa: E402
from trainer.studies.scaling import finetuning  # noqa: E402
from trainer.studies.scaling.pruning import at_the_end  # noqa: E402
from trainer.sweep.model.training import Limits, train  # noqa: E402
from trainer.sweep.records import RunConfig  # noqa: E402
from trainer.sweep.shape import Shape  # noqa: E402

DOMAIN = Classes(image=Ising(width=2), couplings=(-1.5, 1.5), counts="image")
RUN = RunConfig(domain=DOMAIN, shape=Shape(layers=2, width=16), batch=32, reads=(60,), test_samples=64)
PAIR = tuple(msgspec.structs.replace(RUN, seed=seed, together=(0, 1)) for seed in (0, 1))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the weights of two generative runs are."""
    path = tmp_path_factory.mktemp("kept") / "end.checkpoint"
    train(list(PAIR), Limits(checkpoint=path, kept=True))
    return path


def test_the_truth_is_beyond_nothing() -> None:
    """The exact class probabilities have no excess; a guess has the mutual information, and errs as often as half less the Bayes error."""
    tokens = DOMAIN.samples(3, 2000)
    truth = DOMAIN.conditionals(tokens)[:, -1]
    assert finetuning.beyond_the_best(truth, np.log(truth + 1e-300)) == pytest.approx((0, 0), abs=1e-12)
    guess = np.log(np.full_like(truth, 1e-300))
    guess[:, -2:] = np.log([0.5, 0.5])
    loss, error = finetuning.beyond_the_best(truth, guess)
    label = msgspec.structs.replace(DOMAIN, counts="class")
    assert loss == pytest.approx(np.log(2) - label.entropy.value, abs=0.02)
    assert error == pytest.approx(0.5 - DOMAIN.bayes_error.value, abs=0.03)


def test_fine_tuning_begins_where_the_generative_run_ended(ended: Path) -> None:
    """Its averaged weights but for the head, which is zero; from scratch the same seeds' first weights. The class alone counts."""
    tuned, fresh, learnt = finetuning.begun(PAIR, ended), finetuning.begun(PAIR, None), at_the_end(PAIR, ended)
    for name, weight in tuned.named.items():
        assert torch.equal(weight, torch.zeros_like(weight) if name == "head" else learnt.named[name])
    assert not torch.equal(fresh.named["0.up"], tuned.named["0.up"])
    tokens = DOMAIN.samples(1, 5)
    assert tuned.config.domain.counted(tokens).sum() == 5


def test_classifiers_learn_and_are_kept(ended: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both come near what is exact on as many labelled images; what is in the file is not trained again."""
    for name, value in (("STEPS", 400), ("READS", 3), ("TESTED", 256), ("RATE", 0.01)):
        monkeypatch.setattr(finetuning, name, value)
    guess = np.log(2) - msgspec.structs.replace(DOMAIN, counts="class").entropy.value
    for checkpoint in (ended, None):
        path = tmp_path / f"{checkpoint is None}.json"
        found = finetuning.kept(PAIR, checkpoint, path)
        for own in found:
            assert [each.labelled for each in own] == [200 * 32, 283 * 32, 400 * 32]
            assert all(each.pretrained == (checkpoint is not None) for each in own)
            assert own[-1].excess < guess / 3
            assert own[-1].excess_error < 0.15
        path.write_bytes(msgspec.json.encode(found[:1]))
        assert finetuning.kept(PAIR, checkpoint, path) == found[:1]
