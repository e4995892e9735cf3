"""The inputs of a question, from the fields of its struct."""

from __future__ import annotations

import functools
import types
import typing
from typing import Any, Literal

import msgspec
from msgspec import Meta

from fitted_laws.asking.options import OPTIONS
from fitted_laws.asking.question import Question
from fitted_laws.quantities.spelling import Kind
from fitted_laws.quantities.units import Quantity


class Input(msgspec.Struct, frozen=True, eq=False):
    """One input as its annotation declares it."""

    name: str
    base: Any
    meta: Meta
    required: bool
    default: Any
    option: bool
    quantity: Quantity | None
    numeric: bool
    kind: Kind
    ranged: bool
    """Whether it may be a range `a..b`."""

    @property
    def any_case(self) -> bool:
        """Whether its texts are ids, which are read in capitals or not."""
        return bool((self.meta.extra or {}).get("any_case"))

    @property
    def choices(self) -> tuple[str, ...]:
        return typing.get_args(self.base) if typing.get_origin(self.base) is Literal else ()


@functools.cache
def inputs_of(question: type[Question]) -> dict[str, Input]:
    """The inputs of a question by name, its own before the options."""
    hints = typing.get_type_hints(question, include_extras=True)
    fields = {f.name: f for f in msgspec.structs.fields(question)}
    own = question.__annotations__
    names = sorted(fields, key=lambda n: (n != "domain", n in OPTIONS, n not in own))
    return {n: _input(fields[n], hints[n]) for n in names}


def _input(field: Any, hint: Any) -> Input:
    base, meta = _unwrap(hint)
    default = None if field.required else field.default
    quantity = (meta.extra or {}).get("quantity")
    return Input(
        name=field.name,
        base=base,
        meta=meta,
        required=field.required,
        default=default,
        option=field.name in OPTIONS,
        quantity=quantity,
        numeric=base in (float, int),
        kind=quantity.kind if quantity else "number",
        ranged=quantity is not None and quantity.ranged,
    )


def _unwrap(hint: Any) -> tuple[Any, Meta]:
    """The plain type and the outermost constraint of `Annotated[Annotated[T, inner], outer] | None`."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    if typing.get_origin(hint) is not typing.Annotated:
        return hint, Meta()
    base, *metas = typing.get_args(hint)
    merged: dict[str, Any] = {}
    for meta in metas:
        merged.update(
            {
                k: v
                for k in ("ge", "le", "min_length", "max_length", "pattern", "title", "description", "extra")
                if (v := getattr(meta, k)) is not None
            }
        )
    if typing.get_origin(base) in (typing.Union, types.UnionType):
        base = next(arg for arg in typing.get_args(base) if arg is not type(None))
    return base, Meta(**merged)
