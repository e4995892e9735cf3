"""How a user wants a table read: which column is what, at which scale, and what the loss is measured in."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fitted_laws.quantities.spelling import Kind
from trainer.files import Refusal
from trainer.tables.naming.headings import Unit, unit_of
from trainer.tables.naming.loss_units import unit_named

QUANTITIES: dict[str, Kind] = {
    "params": "count",
    "tokens": "count",
    "compute": "compute",
    "unique_tokens": "count",
    "epochs": "number",
    "loss": "number",
    "steps": "number",
    "weight": "number",
}
"""What a table of runs may say in numbers, and what their texts may carry."""
MADE_FROM: dict[str, Kind] = {
    "active_params": "count",
    "embedding_params": "count",
    "non_embedding_params": "count",
    "batch_tokens": "count",
    "batch_size": "count",
    "sequence_length": "count",
    "tokens_per_param": "number",
    "bytes_per_token": "number",
    "vocabulary": "count",
}
"""What the quantities may follow from, or be checked by."""
NUMERIC: dict[str, Kind] = {**QUANTITIES, **MADE_FROM}
LABELS = ("curve", "run", "split", "quality", "status")


class UnreadableRuns(Refusal):
    """A table of runs cannot be used at all: file, expected, got."""


class ChosenColumn(msgspec.Struct, frozen=True):
    """The column that a user says is a quantity; an empty name: none is. `unit` is None where its name says it."""

    name: str
    unit: Unit | None = None


class ReadingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a user says of a table, by quantity; what is not said is told from the columns' names."""

    columns: dict[str, ChosenColumn] = {}
    loss_unit: str = ""
    bytes_per_token: float = 0.0
    counts: str = ""


def chosen_columns(texts: Sequence[str]) -> dict[str, ChosenColumn]:
    """The columns that `--as` names: `params=COLUMN`, with its scale `params=COLUMN:B`, or `epochs=` for none.

    Raises:
        Refusal: a text is none of these, or a quantity comes twice.
    """
    chosen: dict[str, ChosenColumn] = {}
    for text in texts:
        quantity, equals, column = text.partition("=")
        if not equals or quantity not in (*NUMERIC, *LABELS):
            known = ", ".join((*NUMERIC, *LABELS))
            raise Refusal(f"--as: expected QUANTITY=COLUMN or QUANTITY=COLUMN:B with one of {known}, got {text}")
        if quantity in chosen:
            raise Refusal(f"--as: expected {quantity} once, got it twice")
        name, colon, scale = column.rpartition(":")
        unit = unit_of(scale) if colon else None
        if quantity == "loss" and unit is not None and unit.scale != 1:
            unit = None  # a column may end in `:B`; a loss has no such scale
        chosen[quantity] = ChosenColumn(column) if unit is None else ChosenColumn(name, unit)
    return chosen


def reading(
    columns: Sequence[str] = (), loss_unit: str = "", bytes_per_token: float = 0.0, counts: str = ""
) -> ReadingOptions:
    """What the options `--as`, `--loss-unit`, `--bytes-per-token` and `--counts` say.

    Raises:
        Refusal: one of them cannot be read.
    """
    if bytes_per_token < 0:
        raise Refusal(f"--bytes-per-token: expected a mean length above 0, got {bytes_per_token:g}")
    unit = unit_named(loss_unit) if loss_unit else ""
    return ReadingOptions(
        columns=chosen_columns(columns), loss_unit=unit, bytes_per_token=bytes_per_token, counts=counts
    )
