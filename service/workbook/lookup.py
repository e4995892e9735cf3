"""What cells look up in the hidden lists: an accelerator's peak and power, and the laws of a domain."""

from __future__ import annotations

from collections.abc import Mapping

from fitted_laws.quantities.hardware import ACCELERATORS
from service.workbook.closed.ends import LEFT_OUT
from service.workbook.closed.expressions import Expr

LISTS = "lists"
"""The hidden sheet of what validation lists offer: a column a list, under its title."""
LIST_ROWS = 200
"""Rows that a list of laws may have: its validation looks no further."""


def chip(name: Expr) -> Mapping[str, Expr]:
    """Peak and power of the accelerator that a cell names."""
    row = ACCELERATORS[name.value]  # type: ignore[index]
    place = f"MATCH({name.text},accelerators,0)"
    return {
        field: Expr(f"INDEX({field},{place})", LEFT_OUT if value is None else float(value))
        for field, value in (("peak_flops", row.bf16_flops), ("power_watts", row.power_watts))
    }


def listed(title: str) -> str:
    """The list under a title, an expression, as a validation's source."""
    place = f"MATCH({title},titles,0)-1"
    column = f"OFFSET({LISTS}!$A$2,0,{place},{LIST_ROWS},1)"
    return f"=OFFSET({LISTS}!$A$2,0,{place},COUNTA({column}),1)"


def laws_here(domain: str) -> str:
    """The laws of the domain that a cell names which the workbook calculates, as a validation's source."""
    return listed(f'"here "&{domain}')
