"""Which of a tracker's keys are what: by what a user says, else by the names that columns of tables have as well."""

from collections.abc import Mapping, Sequence

import msgspec

from fitted_laws.quantities.spelling import Unreadable
from fitted_laws.tables.numerals import number
from trainer.tables.naming.headings import heading
from trainer.tables.naming.names import ELSEWHERE
from trainer.tables.reading import NUMERIC, ChosenColumn

from .tracked import Tracked, UnreadableExport

TOKENS_FOLLOW_FROM = ("batch_tokens", "batch_size", "sequence_length", "tokens_per_param")
"""What tokens follow from, with steps, where no key says them."""
CONFIGURED = ("epochs", "weight")
"""Settings of a tracker that say nothing of what was logged; only tables of runs mean them."""


class FoundKey(msgspec.Struct, frozen=True):
    """A key, what its numbers are multiplied by, and their unit."""

    key: str
    scale: float = 1.0
    unit: str = ""


def keys_of(runs: Sequence[Tracked], wanted: Mapping[str, ChosenColumn], *, of_table: bool) -> dict[str, FoundKey]:
    """The key of each quantity. `of_table`: the runs are the rows of a table that someone made.

    Raises:
        UnreadableExport: a key that was named is in no run, or several losses could be meant.
    """
    counts: dict[str, int] = {}
    for run in runs:
        for key in run.keys():  # noqa: SIM118 - no mapping
            counts[key] = counts.get(key, 0) + 1
    named = {q: _named(runs, q, column) for q, column in wanted.items() if q in NUMERIC and column.name}
    likely = [
        key for key, count in counts.items() if 2 * count >= len(runs) and key not in {f.key for f in named.values()}
    ]
    found = {key: said for key in likely if (said := heading(key)) is not None and _numeric(runs, key)}
    out: dict[str, FoundKey] = {}
    for quantity in NUMERIC:
        if quantity in wanted or (quantity in CONFIGURED and not of_table):
            out |= {quantity: named[quantity]} if quantity in named else {}
            continue
        ranked = sorted((said.rank, key) for key, said in found.items() if said.quantity == quantity)
        if quantity == "loss" and len(ranked) > 1 and ranked[0][0] >= ELSEWHERE:
            losses = ", ".join(key for _, key in ranked[:10])
            raise UnreadableExport(f"expected one loss, got the keys {losses}: --loss-key names it")
        if ranked:
            key = ranked[0][1]
            out[quantity] = FoundKey(key, found[key].scale, found[key].unit)
    if "epochs" not in out and "unique_tokens" in out:
        out |= {"epochs": FoundKey("epochs")} if "epochs" in counts else {}
    if {"tokens", "unique_tokens"} & {*out}:
        out = {quantity: key for quantity, key in out.items() if quantity not in ("steps", *TOKENS_FOLLOW_FROM)}
    return out


def _named(runs: Sequence[Tracked], quantity: str, column: ChosenColumn) -> FoundKey:
    require_key(runs, column.name)
    if column.unit is not None:
        return FoundKey(column.name, column.unit.scale, column.unit.unit)
    said = heading(column.name)
    return FoundKey(column.name, said.scale, said.unit) if said and said.quantity == quantity else FoundKey(column.name)


def require_key(runs: Sequence[Tracked], key: str) -> None:
    """Refuses a key that no run has.

    Raises:
        UnreadableExport: with those that are there.
    """
    if not any(key in run.keys() for run in runs):  # noqa: SIM118 - no mapping
        raise UnreadableExport(f"no run has the key {key}; expected one of {found_in(runs)}")


def _numeric(runs: Sequence[Tracked], key: str) -> bool:
    """Whether a key says a number in any run: a setting `loss` may name a function."""
    return any(key in run.history or key in run.finals or _says_a_number(run.settings.get(key)) for run in runs)


def _says_a_number(value: object) -> bool:
    try:
        return number(value, "compute") is not None
    except Unreadable:
        return False


def found_in(runs: Sequence[Tracked]) -> str:
    """The keys of all runs, for messages."""
    keys = sorted({key for run in runs for key in run.keys()})  # noqa: SIM118 - no mapping
    return f"the keys {', '.join(keys[:60])}{' …' if len(keys) > 60 else ''}" if keys else "no keys at all"
