"""Fine-tuning for classification: powers that are known come back, images to an error are read off, and the law answers by its name alone."""

import msgspec
import numpy as np
import pytest

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from fitted_laws.quantities.problems import Unanswerable
from trainer.domains.generated.classes import Classes
from trainer.domains.generated.ising import Ising
from trainer.studies.registry import STUDIES
from trainer.studies.scaling.finetuned import curves, find, reaching
from trainer.studies.study import RECORDS
from trainer.sweep.afterwards import Finetuned
from trainer.sweep.records import OK, Machine, Reading, RunConfig, RunRecord, read_records, record
from trainer.sweep.shape import Shape

MACHINE = Machine(seconds=0.0, tokens_per_second=0.0, device="", host="", versions={})
DOMAIN = Classes(image=Ising(width=3), counts="image")
LABELLED = (16_384, 32_768, 65_536)
ASKED = {"domain": "classes", "law": "sweep-2026-finetuned"}


def made(width: int, seed: int) -> RunRecord:
    """Excesses are powers: of the size N^−.3 of images, N^−.5 and D^−.4 fine-tuned, and N^−.2 from scratch; errors are a tenth of them."""
    config = RunConfig(domain=DOMAIN, shape=Shape(layers=1, width=width), batch=32, reads=(100,), seed=seed)
    plain = record(config, 100, None, [], MACHINE, (OK, ""))
    luck = 1 + 0.01 * seed
    loss = DOMAIN.entropy.value + 0.02 * plain.params**-0.3 * luck
    reading = Reading(step=100, loss=loss, loss_error=0.0, test_loss=loss, oracle_loss=None)
    found = []
    for pretrained, size, data in ((True, 0.5, 0.4), (False, 0.2, 0.9)):
        for images in LABELLED:
            excess = 1e3 * plain.params**-size * (images * 10) ** -data * luck
            found.append(Finetuned(pretrained=pretrained, labelled=images, excess=excess, excess_error=excess / 10))
    return msgspec.structs.replace(record(config, 100, reading, [], MACHINE, (OK, "")), finetuned=found)


RUNS = [made(width, seed) for width in (8, 16, 32, 64) for seed in (0, 1)]


def test_known_powers_come_back() -> None:
    """Of sizes and of data, their differences with what is said of them, and a law through them above what is exact."""
    found = find({"finetuned": RUNS})
    numbers = found.numbers
    for name, power in (("generative", 0.3), ("tuned", 0.5), ("tuned_error", 0.5), ("scratch", 0.2)):
        assert numbers[f"{name}_N"] == pytest.approx(power, rel=1e-6)
        assert numbers[f"{name}_N_low"] <= power <= numbers[f"{name}_N_high"] + 1e-9
    assert numbers["tuned_less_generative_N"] == pytest.approx(0.2, rel=1e-6)
    assert "whether with one exponent: not decided" in found.says
    assert numbers["entropy_of_the_class"] < np.log(2)
    loss, error = found.relations
    assert loss["coefficients"]["best"] == numbers["entropy_of_the_class"]
    assert error["coefficients"]["best"] == numbers["Bayes_error"]
    for leaf, scale in ((loss, 1.0), (error, 0.1)):
        assert leaf["coefficients"]["a"] == pytest.approx(0.5, rel=1e-6)
        assert leaf["coefficients"]["b"] == pytest.approx(0.4, rel=1e-6)
        assert leaf["coefficients"]["k"] == pytest.approx(1e3 * scale, rel=0.01)
        assert leaf["ranges"]["finetune_characters"] == [32_768 * 10, 65_536 * 10]


def test_images_to_an_error_lie_between_readings() -> None:
    """By a power between two; where the first reading is below it, that; never where none is."""
    images, error = np.array([100.0, 200.0, 400.0]), np.array([0.4, 0.2, 0.1])
    assert reaching(images, error, 0.4 / 2**0.5) == pytest.approx(100 * 2**0.5)
    assert reaching(images, error, 0.1) == pytest.approx(400)
    assert reaching(images, error, 0.5) == 100
    assert reaching(images, error, 0.05) == np.inf


def test_what_was_recorded_is_beyond_the_best() -> None:
    """No classifier of ours beats what is exact; each size has its seeds, both classifiers and the same labelled images."""
    found = curves(read_records(RECORDS / "finetuned.jsonl"))
    assert min(part.min() for part in (found.generative, found.tuned, found.fresh)) > 0
    assert min(found.tuned_error.min(), found.fresh_error.min()) >= 0
    assert found.tuned.shape == found.fresh.shape == (len(found.params), len(found.labelled))
    assert len(set(found.params.tolist())) == 4


def test_it_answers_by_its_name_alone() -> None:
    """Loss and error of the class, above what is exact; unasked nothing answers, and far outside it says so."""
    inputs = {"params": 2e4, "finetune_characters": 3e6}
    answer = ask("transfer", shipped(), **ASKED, **inputs)
    plain = answer.plain()
    numbers = STUDIES["finetuned"].finding().numbers
    for name, best in (("downstream_loss", "entropy_of_the_class"), ("downstream_error", "Bayes_error")):
        assert numbers[best] < plain[f"{name}_low"] <= plain[name] <= plain[f"{name}_high"] < numbers[best] + 0.2
    assert plain["reach"] == "inside"
    assert answer.headline == "downstream_loss"
    assert "effective_characters_transferred" not in plain
    by_tokens = ask("transfer", shipped(), **ASKED, params=2e4, finetune_tokens=3e6, bytes_per_token=1)
    assert by_tokens.downstream_loss == plain["downstream_loss"]
    far = ask("transfer", shipped(), **ASKED, params=2e4, finetune_characters=3e9).plain()
    assert (far["reach"], far["extrapolation_in"]) == ("far", "finetune_characters")
    with pytest.raises(Unanswerable, match="law=sweep-2026-finetuned"):
        ask("transfer", shipped(), domain="classes", **inputs)
    with pytest.raises(Unanswerable, match="ask with more"):
        ask("transfer", shipped(), **ASKED, params=2e4, finetune_characters=1)
