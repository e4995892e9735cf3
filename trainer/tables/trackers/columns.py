"""The rows of runs that follow from what a tracker keeps: as each run ended, or one a step."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fitted_laws.quantities.spelling import Unreadable
from fitted_laws.quantities.units import NATS
from fitted_laws.tables import numerals
from trainer.tables.reading import NUMERIC, ChosenColumn

from .keys import FoundKey, found_in, keys_of, require_key
from .tracked import OK, Tracked, UnreadableExport

CARRIED = ("curve", "split", "weight")
"""Settings under the very name of a column come along."""
SIZES = ("params", "active_params", "embedding_params", "non_embedding_params")
"""What is a setting first, and only else what was logged."""


class ChosenKeys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys to read; those left out are found by name. `tokens_per_step` is a number or a key, `steps` a key;
    `of_table`: the runs are rows of a table that someone made; `settings` are keys that come along as they are.
    """

    keys: dict[str, ChosenColumn] = {}
    curve_key: str = ""
    steps_key: str = ""
    tokens_per_step: str = ""
    every_step: bool = False
    loss_unit: str = ""
    of_table: bool = False
    settings: tuple[str, ...] = ()


class TrackedRows(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to write, and what to tell: which key became what, what was not found."""

    rows: list[dict[str, Any]]
    read_as: dict[str, FoundKey]
    notes: list[str]


def table(runs: Sequence[Tracked], chosen: ChosenKeys) -> TrackedRows:
    """One row a run, its last values; or one a step of each.

    Raises:
        UnreadableExport: a key that was named is in no run, or none is found for the loss, or for all of size, data and
            compute.
    """
    keys = keys_of(runs, chosen.keys, of_table=chosen.of_table)
    for key in filter(None, (chosen.curve_key, chosen.steps_key)):
        require_key(runs, key)
    if "loss" not in keys or not ({*keys} - {"loss"} or chosen.tokens_per_step):
        lacking = "loss" if "loss" not in keys else "params, tokens or compute"
        raise UnreadableExport(
            f"expected a key for {lacking}, got {found_in(runs)}: --{'loss' if lacking == 'loss' else 'params'}-key names it"
        )
    rows = [
        row for run in runs for row in (stepwise(run, keys, chosen) if chosen.every_step else [last(run, keys, chosen)])
    ]
    follow = {"unique_tokens", "steps", "tokens_per_param"} & {*keys} or chosen.tokens_per_step
    two = len({"params", "tokens", "compute"} & {*keys}) > 1
    notes = [
        f"no key was found for {m}: --{m}-key names one"
        for m in ("params", "tokens")
        if m not in keys and not two and not (m == "tokens" and follow)
    ]
    return TrackedRows(rows=rows, read_as=keys, notes=notes)


def last(run: Tracked, keys: Mapping[str, FoundKey], chosen: ChosenKeys) -> dict[str, Any]:
    """The run as it ended: of the loss the last value logged, not the best: the lowest of many noisy losses is biased.
    What else is said is what was said by then.
    """
    logged = run.history.get(keys["loss"].key)
    step = logged[-1][0] if logged else math.inf
    values = _values(run, keys, step)
    if chosen.tokens_per_step and "tokens" not in keys:
        values.update(_from_steps(run, chosen, step if logged else math.nan))
    return _row(run, values, keys, chosen)


def stepwise(run: Tracked, keys: Mapping[str, FoundKey], chosen: ChosenKeys) -> list[dict[str, Any]]:
    """The run at every step whose loss was logged, after the first: what else is said is the last value up to then."""
    rows = []
    for step, _ in run.history.get(keys["loss"].key, []):
        values = _values(run, keys, step)
        counted = _at(run, FoundKey(chosen.steps_key), step, "steps") if chosen.steps_key else step
        if counted and "tokens" not in keys and chosen.tokens_per_step:
            values.update(_from_steps(run, chosen, step))
        if counted:
            rows.append(_row(run, {**values, "steps": counted}, keys, chosen))
    return rows or [_row(run, {}, keys, chosen)]


def _values(run: Tracked, keys: Mapping[str, FoundKey], step: float) -> dict[str, Any]:
    said = {meaning: _at(run, key, step, meaning) for meaning, key in keys.items()}
    return {meaning: value for meaning, value in said.items() if value is not None}


def _from_steps(run: Tracked, chosen: ChosenKeys, step: float) -> dict[str, Any]:
    """Tokens as steps times tokens a step; nothing where a run says no steps (NaN)."""
    key = FoundKey(chosen.tokens_per_step)
    per_step = _at(run, key, step, "tokens") or number(chosen.tokens_per_step, key, "tokens")
    steps = _at(run, FoundKey(chosen.steps_key), step, "steps") if chosen.steps_key else step
    if not isinstance(per_step, float):
        raise UnreadableExport(
            f"--tokens-per-step: expected a number or a key of the runs, got {chosen.tokens_per_step}"
        )
    return {"tokens": steps * per_step} if isinstance(steps, float) and steps > 0 else {}


def _at(run: Tracked, found: FoundKey, step: float, meaning: str) -> float | str | None:
    """What a key says up to `step`, or, where it was only logged later, at first: sizes are settings first, all else as
    logged.
    """
    key = found.key
    if meaning in SIZES and key in run.settings:
        return number(run.settings[key], found, meaning)
    logged = run.history.get(key, [])
    if logged and meaning != "loss":
        return found.scale * next((value for at, value in reversed(logged) if at <= step), logged[0][1])
    if logged:
        return next((value for at, value in reversed(logged) if at <= step), math.nan)
    if key in run.finals:
        return found.scale * run.finals[key]
    return number(run.settings[key], found, meaning) if run.settings.get(key) is not None else None


def number(value: object, found: FoundKey, meaning: str) -> float | str | None:
    """A number as the columns have them, None where it says none; what is no number stays as it is, and is named when
    the table is read.
    """
    try:
        read = numerals.number(value, NUMERIC[meaning])
    except Unreadable:
        return str(value).strip()
    own = isinstance(value, str) and value.strip()[-1:].isalpha()
    return read if read is None or own else found.scale * read


def leaf(key: str) -> str:
    """A key without its folders."""
    return re.split(r"[/.]", key)[-1]


def _row(run: Tracked, values: Mapping[str, Any], keys: Mapping[str, FoundKey], chosen: ChosenKeys) -> dict[str, Any]:
    """One row, JSON without NaN: a loss that is none says why."""
    loss = values.get("loss")
    quality = run.quality
    if loss is None:
        quality = quality if quality != OK else "no loss"
    elif isinstance(loss, float) and not math.isfinite(loss):
        quality = quality if quality != OK else "diverged"
    unit = chosen.loss_unit or keys["loss"].unit or NATS
    row = {
        "run": run.name,
        **values,
        **({"loss_unit": unit} if unit != NATS else {}),
        **{name: run.settings[name] for name in CARRIED if run.settings.get(name) not in (None, "")},
        "quality": quality,
        "source": run.place,
    }
    for key in chosen.settings:
        row.setdefault(leaf(key), run.settings.get(key))
    if chosen.curve_key:
        row["curve"] = str(run.settings.get(chosen.curve_key, run.finals.get(chosen.curve_key, "")))
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }
