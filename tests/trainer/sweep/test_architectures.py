"""Other architectures between the same embedding and head: causal, counted as the transformer is, and no change to what was trained before."""

import math
from pathlib import Path

import msgspec
import pytest

torch = pytest.importorskip("torch")

from tiny import SMALL  # noqa: E402 - after the skip

from trainer.domains.generated.ising import Ising  # noqa: E402
from trainer.files import Refusal  # noqa: E402
from trainer.studies.study import RECORDS  # noqa: E402
from trainer.sweep.model.ensemble import Ensemble  # noqa: E402
from trainer.sweep.model.training import Limits, Member, Progress, restored, train  # noqa: E402
from trainer.sweep.model.transformer import logits  # noqa: E402
from trainer.sweep.records import RunConfig, read_records  # noqa: E402
from trainer.sweep.shape import Shape, body_params, exact_flops_per_token, params_by_group, weights  # noqa: E402

LSTM = Shape(layers=2, width=8, head_width=4, architecture="lstm")
CONVOLUTION = Shape(layers=3, width=8, head_width=4, mlp=0.5, architecture="convolution")
VOCABULARY = 11


def drawn_weights(shape: Shape, layout: tuple[int, ...]) -> dict:
    """Two members' weights, none of them 0."""
    random = torch.Generator().manual_seed(0)
    return {
        name: 0.3 * torch.randn(2, *kind.size, generator=random)
        for name, kind in weights(shape, VOCABULARY, layout).items()
    }


def changed_places(shape: Shape, layout: tuple[int, ...], place: int) -> set[int]:
    """Where the logits change when the token of one place does."""
    named, length = drawn_weights(shape, layout), math.prod(layout)
    tokens = torch.randint(0, VOCABULARY, (2, 3, length), generator=torch.Generator().manual_seed(1))
    other = tokens.clone()
    other[:, :, place] = (other[:, :, place] + 1) % VOCABULARY
    moved = (logits(shape, layout, named, tokens) - logits(shape, layout, named, other)).abs().amax((0, 1, 3))
    return set((moved > 0).nonzero().flatten().tolist())


def test_an_lstm_sees_all_that_was_and_nothing_that_comes() -> None:
    assert changed_places(LSTM, (16,), 5) == set(range(6, 16))


def test_a_convolution_sees_the_pixel_before_and_three_above() -> None:
    """One layer, four by five: of row 1 and column 2 the next two pixels and the three below.

    Of the last column no pixel beyond the edge; what the last of a row knows, the next row begins with.
    """
    one = msgspec.structs.replace(CONVOLUTION, layers=1)
    at = 1 * 5 + 2
    assert changed_places(one, (4, 5), at) == {at + 1, at + 2, at + 4, at + 5, at + 6}
    at_the_edge = 1 * 5 + 4
    assert changed_places(one, (4, 5), at_the_edge) == {10, 11, at_the_edge + 4, at_the_edge + 5}


def test_a_convolution_sees_the_same_colour_above() -> None:
    """In three colours, and every colour of the pixel before."""
    one = msgspec.structs.replace(CONVOLUTION, layers=1)
    at = (1 * 5 + 2) * 3 + 1
    below = {at + 15 - 3, at + 15, at + 15 + 3}
    assert changed_places(one, (4, 5, 3), at) == {at + 1, at + 2, at + 3, at + 4} | below


@pytest.mark.parametrize("shape", [LSTM, CONVOLUTION])
def test_layers_are_counted_and_cost_six_flops_a_weight(shape: Shape) -> None:
    groups = params_by_group(shape, VOCABULARY, (4, 5))
    body = {"lstm": 2 * 8 * 8 * 8, "convolution": 3 * (4 * 8 + 4 * 4 * 5 + 8 * 4)}[shape.kind]
    assert body_params(groups) == body
    assert exact_flops_per_token(shape, VOCABULARY, (4, 5)) == 6 * (body + VOCABULARY * 8)


def test_a_convolution_needs_an_image() -> None:
    with pytest.raises(Refusal, match="needs images"):
        params_by_group(CONVOLUTION, VOCABULARY, (20,))


def test_a_transformer_is_known_as_before() -> None:
    """The configuration of a committed run has the identity that it was recorded under, and says no architecture."""
    for record in read_records(RECORDS / "language.jsonl"):
        assert record.config.former_id == record.run
    assert b"architecture" not in msgspec.json.encode(record.config)
    other = msgspec.structs.replace(record.config.shape, architecture="lstm")
    assert msgspec.structs.replace(record.config, shape=other).id != record.config.id


RUNS = [
    msgspec.structs.replace(SMALL, shape=LSTM),
    msgspec.structs.replace(SMALL, shape=CONVOLUTION, domain=Ising(width=4)),
]


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.shape.kind)
def test_other_architectures_learn(run: RunConfig) -> None:
    """In two hundred steps on a source whose entropy is known they lose half of what a guess has above it."""
    last = train([run], Limits())[0][-1]
    entropy = run.domain.entropy.value
    assert last.status == "ok"
    assert last.loss is not None
    assert entropy < last.loss < entropy + (math.log(run.domain.vocabulary) - entropy) / 2


def test_the_kept_checkpoint_has_the_weights_that_were_read(tmp_path: Path) -> None:
    """Restored, they give the last reading again."""
    run, path = RUNS[0], tmp_path / "run.checkpoint"
    last = train([run], Limits(checkpoint=path, kept=True))[0][-1]
    ensemble = Ensemble([run], "cpu")
    restored(ensemble, path, Progress(members=[Member(id=run.id)]))
    assert ensemble.read(run.reads[-1])[0].loss == last.loss
