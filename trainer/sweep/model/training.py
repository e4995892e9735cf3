"""Runs that learn together: configurations in, records out; killed at any moment and started again, they give the same bit by bit (CPU)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import torch

from trainer.files import Refusal, whole
from trainer.sweep import ranks
from trainer.sweep.model.ensemble import Ensemble
from trainer.sweep.model.machine import Work, made_ready, this_machine
from trainer.sweep.model.steps import LOOK, Steps, steps_of
from trainer.sweep.records import DIVERGED, NO_MEMORY, OK, TIME_LIMIT, Machine, Reading, RunConfig, RunRecord, record

SAVED_PART = 20.0
"""On a card, whose runs outgrow a disk's speed, checkpoints are so many times as far apart as one takes to write, where that is longer than asked."""
BLOWN_UP = 3.0
"""A mean training loss above so many times ln V has diverged."""
CURVE_FACTOR = 1.15


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What runs may take and where they keep themselves; none of it changes a record but for runs that end early."""

    checkpoint: Path | None = None
    checkpoint_seconds: float = 15.0
    kept: bool = False
    """Whether the checkpoint also has the end, for who wants the weights."""
    seconds: float = math.inf
    device: str = "cpu"
    beside: int = 0
    """Other ensembles that share the card."""


class Stopped(Exception):
    """The runs cannot go on: status and reason."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Fault(msgspec.Struct, frozen=True):
    """Why a run has no further reading."""

    step: int
    status: str
    reason: str


class Member(msgspec.Struct, kw_only=True):
    """What one run has shown so far."""

    id: str
    readings: list[Reading] = []
    curve: list[tuple[int, float]] = []
    since: float = 0.0
    """Sum of the training losses since the curve's last point."""
    fault: Fault | None = None


class Progress(msgspec.Struct, kw_only=True):
    """How far the runs are: all that their end depends on beside the tensors. The data follow from seed and step alone, and no step draws chance."""

    members: list[Member]
    step: int = 0
    seconds: float = 0.0
    counted: int = 0
    """Steps since the curves' last points."""
    setup_seconds: float = 0.0
    notes: list[str] = []


def train(
    configs: list[RunConfig], limits: Limits, tell: Callable[[Progress], None] = lambda _: None
) -> list[list[RunRecord]]:
    """Trains from the checkpoint, where there is one, to the end; a run that cannot go on ends with a record that says why."""
    running = training(configs, limits, tell)
    while True:
        try:
            next(running)
        except StopIteration as ended:
            records: list[list[RunRecord]] = ended.value
            return records


def training(
    configs: list[RunConfig], limits: Limits, tell: Callable[[Progress], None] = lambda _: None
) -> Generator[None, None, list[list[RunRecord]]]:
    """`train`, that stops where it would wait for a card, and once made ready, so that others can have their turn."""
    progress = Progress(members=[Member(id=config.id) for config in configs])
    begun = time.monotonic()
    made_ready(limits.device)
    try:
        ensemble = Ensemble(configs, limits.device)
        progress = restored(ensemble, limits.checkpoint, progress)
        steps, every = steps_of(ensemble)
        with closing(steps):
            progress.notes = [
                *steps.notes,
                *[f"shares time and memory with {limits.beside} others"] * bool(limits.beside),
                *[f"{ranks.count()} processes share each batch"] * (ranks.count() > 1),
            ]
            progress.setup_seconds = time.monotonic() - begun
            yield
            yield from loop(ensemble, (steps, every), progress, (limits, tell))
        if ranks.first() and limits.kept and limits.checkpoint:
            save(ensemble, progress, limits.checkpoint)
    except Stopped as stop:
        end(progress, stop.status, stop.reason)
    except (MemoryError, RuntimeError) as error:
        if not short_of_memory(error):
            raise
        end(progress, NO_MEMORY, (str(error).splitlines() or ["memory"])[0])
    made = machine_of(configs, progress, limits.device)
    return [records_of(config, member, made) for config, member in zip(configs, progress.members, strict=True)]


def machine_of(configs: list[RunConfig], progress: Progress, device: str) -> Machine:
    """The machine, and how fast it was so far."""
    tokens = progress.step * configs[0].tokens_per_step * len(configs)
    work = Work(
        tokens=tokens,
        flops=tokens * configs[0].exact_flops_per_token,
        seconds=progress.seconds,
        setup=progress.setup_seconds,
    )
    return this_machine(work, device, progress.notes)


def short_of_memory(error: Exception) -> bool:
    """Whether numpy, a GPU or a CPU could not give the memory asked for; for the last torch has no error of its own."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)


def records_of(config: RunConfig, member: Member, made: Machine) -> list[RunRecord]:
    """A line a reading, and one for the fault, where there is one."""
    found = [record(config, r.step, r, member.curve, made, (OK, "")) for r in member.readings]
    fault = member.fault
    return (
        [*found, record(config, fault.step, None, member.curve, made, (fault.status, fault.reason))] if fault else found
    )


def end(progress: Progress, status: str, reason: str) -> None:
    """Every run that still goes on has this fault."""
    for member in progress.members:
        member.fault = member.fault or Fault(progress.step, status, reason)


def loop(
    ensemble: Ensemble,
    taking: tuple[Steps, int],
    progress: Progress,
    watched: tuple[Limits, Callable[[Progress], None]],
) -> Iterator[None]:
    """Raises:
    Stopped: every member has diverged or the time is up.
    """
    (steps, every), (limits, tell), config = taking, watched, ensemble.config
    starts = {read - max(1, round(config.averaged * read)): read for read in config.reads}
    begun, saved, spent, cost = time.monotonic(), time.monotonic(), progress.seconds, 0.0
    averaging = progress.step and any(start <= progress.step < read for start, read in starts.items())
    while progress.step < config.reads[-1]:
        step = progress.step
        if step in starts:
            ensemble.forget()
            averaging = True
        steps.advance(step)
        progress.step += 1
        progress.counted += 1
        if progress.step % every == 0 or due(config, progress):
            yield
            watch(config, progress, *steps.taken())
        if averaging:
            ensemble.remember()
        if progress.step in config.reads:
            if ranks.first():
                kept(progress, ensemble.read(progress.step))
            averaging = False
        if progress.step % LOOK == 0 or progress.step in config.reads:
            now = time.monotonic()
            progress.seconds = ranks.agreed(spent + now - begun, ensemble.device)
            tell(progress)
            if progress.seconds > limits.seconds:
                raise Stopped(
                    TIME_LIMIT,
                    f"{progress.seconds:.0f} s at step {progress.step} of {config.reads[-1]}: over the limit of {limits.seconds:.0f} s",
                )
            if ranks.first() and limits.checkpoint and now - saved >= max(limits.checkpoint_seconds, SAVED_PART * cost):
                save(ensemble, progress, limits.checkpoint)
                saved = time.monotonic()
                cost = saved - now if ensemble.on_card else 0.0


def kept(progress: Progress, readings: list[Reading]) -> None:
    """Readings go to the runs that go on."""
    for member, found in zip(progress.members, readings, strict=True):
        if member.fault is None:
            member.readings.append(found)


def due(config: RunConfig, progress: Progress) -> bool:
    """Whether the learning curves have a point here: at steps that grow geometrically, and at readings."""
    last = progress.step - progress.counted
    return progress.step >= max(10, last * CURVE_FACTOR) or progress.step in config.reads


def watch(config: RunConfig, progress: Progress, sums: list[float], count: int) -> None:
    """Keeps the learning curves; a loss that is no number, or far above a guess's, ends its run.

    Raises:
        Stopped: no run goes on.
    """
    guess = math.log(config.domain.vocabulary)
    for member, total in zip(progress.members, sums, strict=True):
        if member.fault is None and not total / count < BLOWN_UP * guess:
            reason = f"training loss {total / count:.3g} at step {progress.step}, where a guess has {guess:.3g}"
            member.fault = Fault(progress.step, DIVERGED, reason)
        if member.fault is None:
            member.since += total
    if all(member.fault for member in progress.members):
        raise Stopped(DIVERGED, "every run has diverged")
    if due(config, progress):
        for member in progress.members:
            if member.fault is None:
                member.curve.append((progress.step * config.tokens_per_step, member.since / progress.counted))
            member.since = 0.0
        progress.counted = 0


def save(ensemble: Ensemble, progress: Progress, path: Path) -> None:
    """Writes the whole state, whole or not at all.

    Raises:
        Refusal: it cannot be written.
    """
    state = {
        "progress": msgspec.json.encode(progress),
        "flats": ensemble.flats,
        "sums": ensemble.sums,
        "summed": ensemble.summed,
        "optimiser": ensemble.optimiser.state_dict(),
        "random": torch.get_rng_state(),
    }
    with whole(path, "a place for the checkpoint") as part:
        try:
            torch.save(state, part)
        except RuntimeError as error:  # what torch makes of a full disk
            raise OSError(str(error).splitlines()[0]) from None


def restored(ensemble: Ensemble, path: Path | None, fresh: Progress) -> Progress:
    """The state of the checkpoint, if it is this run's."""
    if path is None or not path.exists():
        return fresh
    state = torch.load(path, map_location=ensemble.device, weights_only=True)
    progress = msgspec.json.decode(state["progress"], type=Progress)
    theirs, ours = ([member.id for member in p.members] for p in (progress, fresh))
    if theirs not in (ours, [config.former_id for config in ensemble.configs]):
        raise Refusal(f"{path}: expected the checkpoint of run {', '.join(ours)}, got that of {', '.join(theirs)}")
    for member, id_ in zip(progress.members, ours, strict=True):
        member.id = id_
    with torch.no_grad():
        for now, then in zip((*ensemble.flats, *ensemble.sums), (*state["flats"], *state["sums"]), strict=True):
            now.copy_(then)
    ensemble.summed = state["summed"]
    ensemble.optimiser.load_state_dict(state["optimiser"])
    torch.set_rng_state(state["random"].cpu())
    return progress
