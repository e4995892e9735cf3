"""Which of a tracker's keys are params, tokens, loss and compute, and the rows of runs that follow."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fitted_laws.quantities.spelling import Unreadable, read
from trainer.tables.reading import QUANTITIES

from .tracked import OK, Tracked, UnreadableExport

KEYS: dict[str, tuple[str, ...]] = {
    "loss": (
        "val_loss",
        "validation_loss",
        "eval_loss",
        "valid_loss",
        "test_loss",
        "final_loss",
        "loss",
        "train_loss",
        "training_loss",
    ),
    "params": (
        "params",
        "n_params",
        "num_params",
        "parameters",
        "num_parameters",
        "param_count",
        "total_params",
        "model_size",
    ),
    "tokens": (
        "tokens",
        "n_tokens",
        "num_tokens",
        "tokens_seen",
        "total_tokens",
        "train_tokens",
        "training_tokens",
        "consumed_tokens",
        "tokens_processed",
        "num_input_tokens_seen",
    ),
    "compute": ("compute", "flop", "flops", "total_flops", "train_flops", "training_flops", "total_flos"),
}
"""Names that tools and people use, the first found wins: a held-out loss before the training loss."""
CARRIED = ("curve", "split", "weight")
"""Settings under the very name of a column come along; epochs only beside unique_tokens, since configured epochs say
nothing of tokens logged.
"""
REPEATED = ("unique_tokens", "epochs")


class ChosenKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys to read; those left out are found by name. `tokens_per_step` is a number or a key, `steps` a key."""

    keys: dict[str, str] = {}
    curve_key: str = ""
    steps_key: str = ""
    tokens_per_step: str = ""
    every_step: bool = False


class TrackedRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to write, and what to tell: which key became what, what was not found."""

    rows: list[dict[str, Any]]
    read_as: dict[str, str]
    notes: list[str]


def table(runs: Sequence[Tracked], chosen: ChosenKeys) -> TrackedRows:
    """One row a run, its last values; or one a step of each.

    Raises:
        UnreadableExport: a key that was named is in no run, or none is found for the loss, or for all of size, data and
            compute.
    """
    keys = {meaning: key for meaning in KEYS if (key := key_of(runs, meaning, chosen.keys.get(meaning, "")))}
    for key in filter(None, (chosen.curve_key, chosen.steps_key)):
        key_of(runs, "", key)
    if "loss" not in keys or not ({*keys} - {"loss"} or chosen.tokens_per_step):
        lacking = "loss" if "loss" not in keys else "params, tokens or compute"
        raise UnreadableExport(
            f"expected a key for {lacking}, got {found_in(runs)}: --{'loss' if lacking == 'loss' else 'params'}-key names it"
        )
    rows = [
        row for run in runs for row in (stepwise(run, keys, chosen) if chosen.every_step else [last(run, keys, chosen)])
    ]
    notes = [
        f"no key was found for {m}: --{m}-key names one"
        for m in ("params", "tokens")
        if m not in keys and not (m == "tokens" and chosen.tokens_per_step)
    ]
    return TrackedRows(rows=rows, read_as={key: meaning for meaning, key in keys.items()}, notes=notes)


def key_of(runs: Sequence[Tracked], meaning: str, wanted: str) -> str:
    """The key that means `meaning`: `wanted`, or the likeliest that at least half of the runs have; empty if there is
    none.
    """
    counts: dict[str, int] = {}
    for run in runs:
        for key in run.keys():  # noqa: SIM118 - no mapping
            counts[key] = counts.get(key, 0) + 1
    if wanted:
        if wanted not in counts:
            raise UnreadableExport(f"no run has the key {wanted}; expected one of {found_in(runs)}")
        return wanted
    ranked = sorted(
        (rank, key)
        for key, count in counts.items()
        if 2 * count >= len(runs) and (rank := _rank(key, KEYS[meaning])) is not None
    )
    return ranked[0][1] if ranked else ""


def _rank(key: str, names: Sequence[str]) -> tuple[int, int] | None:
    """Which of the names a key is, and how many folders of it had to be dropped for that (`model/n_params`)."""
    parts = [part for part in re.split(r"[/.]", key.lower()) if part]
    for dropped in range(len(parts)):
        plain = re.sub(r"[^a-z0-9]+", "_", "_".join(parts[dropped:])).strip("_")
        if plain in names:
            return names.index(plain), dropped
    return None


def found_in(runs: Sequence[Tracked]) -> str:
    """The keys of all runs, for messages."""
    keys = sorted({key for run in runs for key in run.keys()})  # noqa: SIM118 - no mapping
    return f"the keys {', '.join(keys[:60])}{' …' if len(keys) > 60 else ''}" if keys else "no keys at all"


def last(run: Tracked, keys: Mapping[str, str], chosen: ChosenKeys) -> dict[str, Any]:
    """The run as it ended: of each key the last value logged, not the best: the lowest of many noisy losses is biased."""
    values = {
        meaning: value for meaning, key in keys.items() if (value := _at(run, key, math.inf, meaning)) is not None
    }
    if chosen.tokens_per_step and "tokens" not in keys:
        values.update(_from_steps(run, chosen, run.history.get(keys["loss"], [(math.nan, 0.0)])[-1][0]))
    return _row(run, values, chosen)


def stepwise(run: Tracked, keys: Mapping[str, str], chosen: ChosenKeys) -> list[dict[str, Any]]:
    """The run at every step whose loss was logged, after the first: what else is said is the last value up to then."""
    logged = run.history.get(keys["loss"], [])
    rows = []
    for step, _ in logged:
        values = {
            meaning: value for meaning, key in keys.items() if (value := _at(run, key, step, meaning)) is not None
        }
        counted = _at(run, chosen.steps_key, step, "steps") if chosen.steps_key else step
        if counted and "tokens" not in keys and chosen.tokens_per_step:
            values.update(_from_steps(run, chosen, step))
        if counted:
            rows.append(_row(run, {"steps": counted, **values}, chosen))
    return rows or [_row(run, {}, chosen)]


def _from_steps(run: Tracked, chosen: ChosenKeys, step: float) -> dict[str, Any]:
    """Tokens as steps times tokens a step; nothing where a run says no steps (NaN)."""
    per_step = _at(run, chosen.tokens_per_step, step, "tokens") or number(chosen.tokens_per_step, "tokens")
    steps = _at(run, chosen.steps_key, step, "steps") if chosen.steps_key else step
    if not isinstance(per_step, float):
        raise UnreadableExport(
            f"--tokens-per-step: expected a number or a key of the runs, got {chosen.tokens_per_step}"
        )
    return {"tokens": steps * per_step} if isinstance(steps, float) and steps > 0 else {}


def _at(run: Tracked, key: str, step: float, meaning: str) -> float | str | None:
    """What `key` says up to `step`: sizes are settings first, all else as logged."""
    if meaning == "params" and key in run.settings:
        return number(run.settings[key], meaning)
    values = [value for at, value in run.history.get(key, []) if at <= step]
    if values:
        return values[-1]
    if key in run.finals and (step == math.inf or key not in run.history):
        return run.finals[key]
    return number(run.settings[key], meaning) if run.settings.get(key) is not None else None


def number(value: object, meaning: str) -> float | str:
    """A number as the columns have them; what is none stays as it is, and is named when the table is read."""
    text = str(value).strip()
    if text.lower() == "nan":  # says that a run diverged
        return math.nan
    try:
        return float(value) if isinstance(value, int | float) else float(read(text, QUANTITIES[meaning]))
    except Unreadable:
        return text


def _row(run: Tracked, values: Mapping[str, Any], chosen: ChosenKeys) -> dict[str, Any]:
    """One row, JSON without NaN: a loss that is none says why."""
    carried = [
        name
        for name in (*CARRIED, *(REPEATED if "unique_tokens" in run.settings else ()))
        if run.settings.get(name) not in (None, "")
    ]
    loss = values.get("loss")
    quality = run.quality
    if loss is None:
        quality = quality if quality != OK else "no loss"
    elif isinstance(loss, float) and not math.isfinite(loss):
        quality = quality if quality != OK else "diverged"
    row = {
        "run": run.name,
        **{name: values[name] for name in ("params", "tokens", "compute", "steps", "loss") if name in values},
        **{name: run.settings[name] for name in carried},
        "quality": quality,
        "source": run.place,
    }
    if chosen.curve_key:
        row["curve"] = str(run.settings.get(chosen.curve_key, run.finals.get(chosen.curve_key, "")))
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }
