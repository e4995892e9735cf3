"""Steps that wait for no host, as a card takes them: on a CPU the same losses as its own steps, the same data, the same readings; on a card too."""

from contextlib import closing
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: make sweep brings it")

from tiny import PAIR, Killed  # noqa: E402 - after the skip

from trainer.domains.base import Domain  # noqa: E402
from trainer.domains.collected.text import Text  # noqa: E402
from trainer.domains.generated.arithmetic import Arithmetic  # noqa: E402
from trainer.domains.generated.ising import Ising  # noqa: E402
from trainer.domains.generated.markov import Markov  # noqa: E402
from trainer.sweep.config import SweepConfig  # noqa: E402
from trainer.sweep.law.law import readings  # noqa: E402
from trainer.sweep.law.posterior import posterior  # noqa: E402
from trainer.sweep.model.captured import Captured  # noqa: E402
from trainer.sweep.model.ensemble import Ensemble, data  # noqa: E402
from trainer.sweep.model.feeds import Drawn, Resident, feed_of  # noqa: E402
from trainer.sweep.model.measuring import AGREED, parity  # noqa: E402
from trainer.sweep.model.steps import Stepped  # noqa: E402
from trainer.sweep.model.training import Limits, Progress, train  # noqa: E402
from trainer.sweep.records import CHUNK, RunConfig, RunRecord, same  # noqa: E402
from trainer.sweep.shape import Shape  # noqa: E402

HALF = [msgspec.structs.replace(config, precision="bfloat16") for config in PAIR]
needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is here")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Text:
    folder = tmp_path_factory.mktemp("text")
    (folder / "a.txt").write_text("all of it the same, nothing alike. " * 400)
    return Text(source=str(folder), context=12)


def pair(domain: Domain, **more: object) -> list[RunConfig]:
    plain = {"shape": Shape(layers=2, width=16), "batch": 6, "reads": (100,), "test_samples": 64} | more
    return [RunConfig(domain=domain, seed=seed, together=(0, 1), **plain) for seed in (0, 1)]


def domains(text: Text) -> list[Domain]:
    return [text, Markov(symbols=20, context=10), Arithmetic(digits=1, modules=("compare",))]


def losses(
    configs: list[RunConfig], parts: int = 1, steps: int = CHUNK + 8, *, fast: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Of each step and member, by the CPU's own steps and by those of a card."""
    plain = Stepped(Ensemble(configs, "cpu"))
    with closing(Captured(Ensemble(configs, "cpu"))) as captured:
        captured.parts, captured.fast = parts, fast
        rows = []
        for step in range(steps):
            plain.advance(step)
            captured.advance(step)
            rows.append((plain.taken()[0], captured.taken()[0]))
    one, two = np.array(rows).transpose(1, 0, 2)
    return one, two


@pytest.mark.parametrize("which", range(3))
def test_losses_are_those_of_a_cpu(text: Text, which: int) -> None:
    """Over a change of chunks, where tokens lie whole, are drawn ahead, and count in part; to float32's rounding."""
    one, two = losses(pair(domains(text)[which]))
    np.testing.assert_allclose(two, one, atol=2e-6)


def test_bands_as_well() -> None:
    one, two = losses(pair(Markov(symbols=20, context=10), shape=Shape(layers=2, width=16, band=4)), steps=8)
    np.testing.assert_allclose(two, one, atol=2e-6)


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_micro_batches_change_nothing(parts: int) -> None:
    """Also where parts of a batch count differently many tokens."""
    one, two = losses(pair(Arithmetic(digits=1, modules=("compare",))), parts=parts, steps=8)
    np.testing.assert_allclose(two, one, atol=2e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore:The .grad attribute"
)  # what torch's compiler does is warned of by torch itself
@pytest.mark.parametrize("band", [0, 4])
def test_compiled_pieces_are_the_same_arithmetic(text: Text, band: int) -> None:
    one, two = losses(pair(text, shape=Shape(layers=3, width=16, band=band)), fast=True, steps=8)
    np.testing.assert_allclose(two, one, atol=2e-6)


def test_half_precision_learns_as_single(text: Text) -> None:
    """Losses apart by rounding to eight bits, no more; weights, moments and averages stay float32."""
    one, two = losses(pair(text, precision="bfloat16"), steps=100)
    assert 0 < abs(one - two)[:8].max() < 0.01
    assert abs(one[-20:].mean() - two[-20:].mean()) < 0.02
    ensemble = Ensemble(pair(text, precision="bfloat16"), "cpu")
    with closing(Captured(ensemble)) as steps:
        steps.advance(0)
        ensemble.remember()
        moments = [value for state in ensemble.optimiser.state.values() for value in state.values()]
        assert {t.dtype for t in (*ensemble.flats, *ensemble.sums, *moments)} == {torch.float32}


@pytest.mark.parametrize("which", range(3))
def test_the_order_of_the_data_is_a_cpus(text: Text, which: int) -> None:
    """Token for token and weight for weight, from the first chunk and from a later one; only files whose tokens all count lie whole."""
    configs = pair(domains(text)[which])
    feed = feed_of(configs, torch.device("cpu"))
    assert isinstance(feed, Resident if which == 0 else Drawn)
    for step in (0, CHUNK - 1, CHUNK, 5 * CHUNK + 3):
        tokens, targets = data(configs, step // CHUNK, "cpu")
        feed.load(step)
        found, weight = feed.batch()
        assert torch.equal(found, tokens[step % CHUNK])
        assert torch.equal(weight, (targets[step % CHUNK] >= 0).float())
    feed.close()


@pytest.mark.parametrize(
    "domain", [Markov(symbols=12, context=8), Ising(width=3), Arithmetic(digits=1, modules=("compare",))]
)
def test_readings_on_a_card_are_those_of_a_cpu(domain: Domain) -> None:
    """What comes back is a number a token; every field of the reading is the same, to double precision."""
    ensemble = Ensemble(pair(domain)[:1], "cpu")
    ensemble.flats[1].add_(torch.randn(ensemble.flats[1].shape, generator=torch.Generator().manual_seed(1)) * 0.1)
    ensemble.remember()
    (plain,) = ensemble.read(100)
    ensemble.on_card = True
    (scored,) = ensemble.read(100)
    assert scored.loss == pytest.approx(plain.loss, abs=1e-12)
    assert scored.by_place == pytest.approx(plain.by_place)
    assert scored.excess_by_place == pytest.approx(plain.excess_by_place, abs=1e-9)
    assert msgspec.structs.replace(
        scored, loss=plain.loss, loss_error=plain.loss_error, by_place=[], excess_by_place=[], test_loss=0.0
    ) == (msgspec.structs.replace(plain, by_place=[], excess_by_place=[], test_loss=0.0))


@pytest.fixture(scope="module")
def undisturbed() -> list[list[RunRecord]]:
    """The records of a run in half precision."""
    torch.set_num_threads(1)
    return train(HALF, Limits())


def test_half_precision_comes_where_single_does(undisturbed: list[list[RunRecord]]) -> None:
    """A curve with as many points, and the same loss to rounding."""
    plain = train(PAIR, Limits())
    assert [t for t, _ in undisturbed[0][-1].learning_curve] == [t for t, _ in plain[0][-1].learning_curve]
    assert undisturbed[0][-1].loss == pytest.approx(plain[0][-1].loss, abs=2e-3)


@pytest.mark.parametrize("moment", [25, 100, 175])
def test_killed_and_started_again(tmp_path: Path, moment: int, undisturbed: list[list[RunRecord]]) -> None:
    """In half precision: the same records as undisturbed."""
    limits = Limits(checkpoint=tmp_path / "state", checkpoint_seconds=0)

    def kill(progress: Progress) -> None:
        if progress.step == moment:
            raise Killed

    with pytest.raises(Killed):
        train(HALF, limits, kill)
    again = train(HALF, limits)
    assert all(same(a, b) for one, two in zip(again, undisturbed, strict=True) for a, b in zip(one, two, strict=True))


def test_divergence_is_seen_at_the_next_look() -> None:
    ((found,), _) = train([msgspec.structs.replace(config, learning_rate=1e4, warmup=0.0) for config in HALF], Limits())
    assert found.status == "diverged"


@pytest.mark.slow
def test_the_law_of_half_precision_is_that_of_single() -> None:
    """A short ladder on a chain: its irreducible loss lies in the interval that float32 gives, and the true entropy in its own."""
    sweep = SweepConfig(name="both", domain=Markov(symbols=32, chain=21), widths=(12, 20, 32), head_width=4, tokens=250_000, reads=7, factor=2**0.5,
                        batch=16, seeds=(5, 6), test_samples=512)  # fmt: skip
    found = {}
    for precision in ("float32", "bfloat16"):
        made = msgspec.structs.replace(sweep, precision=precision)
        runs = [[made.run(width, seed, made.steps) for seed in made.seeds] for width in made.widths]
        found[precision] = posterior(
            readings([record for run in runs for lines in train(run, Limits()) for record in lines])
        )
    single, half = found["float32"], found["bfloat16"]
    assert single.quantile(0.05) < half.quantile(0.5) < single.quantile(0.95)
    assert half.quantile(0.05) < sweep.domain.entropy.value < half.quantile(0.95)


class Short(Captured):
    """Memory for a quarter of the samples."""

    def capture(self) -> None:
        if self.parts < 4:
            raise torch.OutOfMemoryError("CUDA out of memory")


class Crippled(Captured):
    """A compiler that fails on any piece."""

    def capture(self) -> None:
        if self.fast:
            raise RuntimeError("no C compiler\nmore")


def test_too_little_memory_halves_the_micro_batch() -> None:
    """And it is said; where not one sample fits, the run ends for want of memory."""
    with closing(Short(Ensemble(PAIR, "cpu"))) as steps:
        assert steps.parts == 4
        assert steps.notes[-1] == "memory is short: micro-batches of 2 samples"
    with pytest.raises(torch.OutOfMemoryError):
        Short(Ensemble([msgspec.structs.replace(config, batch=3) for config in PAIR], "cpu"))


def test_without_a_compiler_training_goes_on() -> None:
    """And it is said."""
    with closing(Crippled(Ensemble(PAIR, "cpu"))) as steps:
        steps.fast = steps.graphed = True
        steps.prepare()
        assert steps.notes == ["not compiled: RuntimeError: no C compiler"]
        assert not steps.fast


@needs_card
def test_a_card_agrees_with_the_cpu() -> None:
    """Two hundred steps of float32."""
    assert parity("cuda")["apart"] < AGREED


@needs_card
def test_a_graph_leaves_the_first_step_to_the_run(text: Text) -> None:
    """Warming up and capturing change neither weights nor moments."""
    configs = pair(text)
    ensemble, fresh = Ensemble(configs, "cuda"), Ensemble(configs, "cuda")
    with closing(Captured(ensemble)) as steps:
        assert steps.graph is not None, steps.notes
        assert all(torch.equal(a, b) for a, b in zip(ensemble.flats, fresh.flats, strict=True))
        assert all(not value.any() for state in ensemble.optimiser.state.values() for value in state.values())
