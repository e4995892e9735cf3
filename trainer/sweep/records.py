"""A run's configuration, which is its identity, and its records, one JSON line a reading. Needs no torch."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec

from trainer.domains.base import identity
from trainer.domains.registry import AnyDomain
from trainer.files import Refusal, content_of, write_whole
from trainer.sweep.afterwards import Finetuned, Pruned
from trainer.sweep.shape import Shape, body_params, exact_flops_per_token, params_by_group

CHUNK = 32
"""Steps whose data are drawn at once; part of what the order of the data is."""
OK, DIVERGED, NO_MEMORY, TIME_LIMIT = "ok", "diverged", "out-of-memory", "time-limit"


Precision = Literal["float32", "bfloat16"]


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that determines a run. The rate is that of `base_width`; hidden and head rates fall with the width (μP)."""

    domain: AnyDomain
    shape: Shape
    batch: int
    """Samples a step."""
    reads: tuple[int, ...]
    """Steps after which the averaged weights are read; the last ends the run."""
    learning_rate: float = 1e-2
    base_width: int = 16
    warmup: float = 0.03
    """The part of all steps over which the rate rises."""
    averaged: float = 0.1
    """The part of the steps before a reading over which weights are averaged."""
    beta1: float = 0.9
    beta2: float = 0.98
    weight_decay: float = 0.0
    clip: float = 1.0
    seed: int = 0
    """Of the weights and of the order of the data; the test set is the same for all."""
    together: tuple[int, ...] = ()
    """Seeds of all runs of the ensemble that this one learns in: the last bits depend on it.

    None where it learns alone.
    """
    test_samples: int = 1024
    precision: Precision | msgspec.UnsetType = msgspec.UNSET
    """Of the products while it learns; weights, averages and readings are float32 always. Unset it is float32, and no part of the identity."""

    def __post_init__(self) -> None:
        if not self.reads or list(self.reads) != sorted(set(self.reads)) or self.reads[0] < 1:
            raise Refusal(f"expected reads as rising numbers of steps, got {self.reads}")
        if self.batch < 1 or self.test_samples < 2 or self.learning_rate <= 0:
            raise Refusal(
                f"expected batch ≥ 1, test_samples ≥ 2, a positive rate; got {self.batch}, {self.test_samples}, {self.learning_rate}"
            )

        if self.together and self.seed not in self.together:
            raise Refusal(
                f"expected the run's own seed among those it learns with, got {self.seed} and {self.together}"
            )

    @property
    def half(self) -> bool:
        """Whether it learns in half precision."""
        return self.precision == "bfloat16"

    @property
    def id(self) -> str:
        return identity(self)

    @property
    def former_id(self) -> str:
        """What `id` was while it hung on the order of fields: files of that time are named by it.

        The fields of `pans` and `video` have moved since: their runs of that time are known by the records alone.
        """
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]

    @property
    def tokens_per_step(self) -> int:
        return self.batch * self.domain.length

    @property
    def tokens(self) -> int:
        return self.reads[-1] * self.tokens_per_step

    @property
    def groups(self) -> dict[str, int]:
        return {str(k): v for k, v in params_by_group(self.shape, self.domain.vocabulary, self.domain.layout).items()}

    @property
    def exact_flops_per_token(self) -> float:
        return exact_flops_per_token(self.shape, self.domain.vocabulary, self.domain.layout)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The averaged weights on the test set.

    `loss` is the oracle's mean KL to the model plus the exact entropy: the sampling error of the test tokens is gone.
    `test_loss` and `oracle_loss` are plain means of −ln p over the same tokens. Where no oracle is, `loss` is
    `test_loss`.

    `by_place` is `test_loss` place by place, `excess_by_place` that over the truth, 0 where nothing is counted; of long
    samples, means over runs of places. `quantiles` are of the test samples' own mean losses. `elsewhere` is the loss on
    further test sets. `parts` are the domain's, in nats a sample, and `least` what is known of how low they can be.
    """

    step: int
    loss: float
    loss_error: float
    test_loss: float
    oracle_loss: float | None
    by_place: list[float] = []
    excess_by_place: list[float] = []
    quantiles: dict[str, float] = {}
    elsewhere: dict[str, float] = {}
    parts: dict[str, float] = {}
    least: dict[str, float] = {}

    def brief(self) -> Reading:
        """Without what is kept of a run's last reading alone."""
        return msgspec.structs.replace(self, by_place=[], excess_by_place=[], quantiles={})


MEASURED = tuple(name for name in Reading.__struct_fields__ if name != "step")
"""What a record's line takes over from a reading."""
LOSSES = ("loss", "loss_error", "test_loss", "oracle_loss")
"""Those that a record without a reading has as null."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's numbers may differ by: time, speed, place."""

    seconds: float
    tokens_per_second: float
    device: str
    host: str
    versions: dict[str, str]
    mfu: float | msgspec.UnsetType = msgspec.UNSET
    """exact FLOP over what the card's tensor cores could do in `seconds`, all members together; unset where its peak is not known."""
    peak_memory: int | msgspec.UnsetType = msgspec.UNSET
    """Bytes of the card, at most."""
    setup_seconds: float | msgspec.UnsetType = msgspec.UNSET
    """Before the first step, not among `seconds`."""
    notes: list[str] | msgspec.UnsetType = msgspec.UNSET
    """What was done otherwise than asked: micro-batches, no compiler."""

    @property
    def of_a_card(self) -> bool:
        """Whether a GPU trained the run: its memory is counted always."""
        return self.peak_memory is not msgspec.UNSET


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line: a reading of a run, or why there is none.

    Rows of one `run` share weights, and are resampled together by a fit.
    """

    run: str
    status: str
    reason: str = ""
    params: int
    """Attention and MLP weights, which the embedding and the head are not among: `groups` has all."""
    tokens: int
    compute: float
    """6 × params × tokens."""
    exact_compute: float
    loss: float | None
    loss_error: float | None
    test_loss: float | None
    oracle_loss: float | None
    entropy: float | None
    entropy_error: float | None
    groups: dict[str, int]
    config: RunConfig
    learning_curve: list[tuple[int, float]]
    """Tokens and mean training loss since the point before, up to here."""
    machine: Machine
    by_place: list[float] = []
    excess_by_place: list[float] = []
    quantiles: dict[str, float] = {}
    elsewhere: dict[str, float] = {}
    parts: dict[str, float] = {}
    least: dict[str, float] = {}
    pruned: list[Pruned] | msgspec.UnsetType = msgspec.UNSET
    """Of a run's last reading, where it was pruned afterwards."""
    finetuned: list[Finetuned] | msgspec.UnsetType = msgspec.UNSET
    """Of a generative run's last reading, where classifiers of its shape were trained afterwards."""


def record(
    config: RunConfig,
    step: int,
    reading: Reading | None,
    curve: list[tuple[int, float]],
    machine: Machine,
    fault: tuple[str, str],
) -> RunRecord:
    """The line of a reading, or of a fault (status, reason) at a step."""
    tokens, groups = step * config.tokens_per_step, config.groups
    entropy = config.domain.entropy if config.domain.known else None
    params = body_params(groups)
    measured = {name: getattr(reading, name) for name in MEASURED} if reading else dict.fromkeys(LOSSES)
    return RunRecord(
        run=config.id,
        status=OK if reading else fault[0],
        reason="" if reading else fault[1],
        params=params,
        tokens=tokens,
        compute=6.0 * params * tokens,
        exact_compute=config.exact_flops_per_token * tokens,
        entropy=entropy.value if entropy else None,
        entropy_error=entropy.standard_error if entropy else None,
        groups=groups,
        config=config,
        learning_curve=[(t, loss) for t, loss in curve if t <= tokens],
        machine=machine,
        **measured,
    )


def same(one: RunRecord, other: RunRecord) -> bool:
    """Whether two records agree in all but time, speed and host."""
    return msgspec.structs.replace(one, machine=other.machine) == other


def write_records(records: list[RunRecord], path: Path) -> None:
    write_whole(b"".join(msgspec.json.encode(r) + b"\n" for r in records), path)


def read_records(path: Path) -> list[RunRecord]:
    """Raises Refusal with the file and line of what is no record."""
    records = []
    for number, line in enumerate(content_of(path, "records of runs").splitlines(), start=1):
        try:
            records.append(msgspec.json.decode(line, type=RunRecord))
        except msgspec.MsgspecError as error:
            raise Refusal(f"{path}, line {number}: expected a run's record, got {error}") from None
    return records


def name_by_id(folder: Path, configs: Sequence[RunConfig]) -> None:
    """Files of runs that a folder has by a former identity get today's as their names; what is recorded in them stays.

    Records are known by the configuration in them, checkpoints by the `former_id` of these configurations.

    Raises:
        Refusal: a file ends in .jsonl and holds no records.
    """
    names = {path: first.config.id for path in folder.glob("*.jsonl") for first in read_records(path)[:1]}
    names |= {folder / f"{config.former_id}.checkpoint": config.id for config in configs}
    for path, name in names.items():
        target = path.with_stem(name)
        if path.exists() and not target.exists():
            path.rename(target)


def geometric_reads(last: int, count: int, factor: float = 2.0) -> tuple[int, ...]:
    """Steps at which a run is read: last/factor^(count−1), …, last/factor, last; rounded, each once."""
    return tuple(sorted({max(1, math.floor(last / factor**k + 0.5)) for k in range(count)}))
