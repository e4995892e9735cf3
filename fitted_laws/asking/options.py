"""The options that every question takes, and which of them are about how an answer is sent."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from fitted_laws.quantities.units import Level, Loss

ANY_CASE = {"any_case": True}
"""Of texts that are read in capitals or not, with spaces around commas or without."""
Name = Annotated[
    str, Meta(min_length=1, max_length=100, pattern="^[a-z0-9.-]+$", description="the id of a law", extra=ANY_CASE)
]
DomainName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern="^[a-z0-9.-]+$",
        description="what is modelled; /v1/domains lists them",
        extra=ANY_CASE,
    ),
]
LawNames = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=500,
        pattern="^[a-z0-9.-]+(,[a-z0-9.-]+)*$",
        description="a law id, or two to eight separated by commas: a row each, in that order; `all`: a row each of all that answer; "
        "without it the domain's default for the question and its inputs answers",
        extra=ANY_CASE,
    ),
]
FieldNames = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=1000,
        pattern="^[a-z0-9_]+(,[a-z0-9_]+)*$",
        description="the fields of the answer, separated by commas, in this order; without it all; "
        "an end of an interval (`loss_low`) is computed only where it is named",
        extra=ANY_CASE,
    ),
]
Text = Annotated[str, Meta(max_length=200)]
ALL = "all"


def several(law: str | None) -> bool:
    """Whether the option `law` asks more than one."""
    return law is not None and (law == ALL or "," in law)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of every question."""

    law: LawNames | None = None
    level: Level = 0.9
    interval: Annotated[
        Literal["mean", "run", "none"],
        Meta(
            description="`mean`: of such runs on the mean; `run`: of the loss of one new run; `none`: no interval, which is quicker"
        ),
    ] = "mean"
    fields: FieldNames | None = None
    irreducible_loss: Annotated[Loss, Meta(description="pins L∞ and refits (nats/token)")] | None = None
    same_loss: Annotated[
        bool, Meta(description="hold losses against one another although their data or tokenizers differ")
    ] = False
    counts: (
        Annotated[Literal["total", "non-embedding"], Meta(description="which parameters `params` counts")] | None
    ) = None
    compute_kind: (
        Annotated[
            Literal["actual", "minimal", "fixed-batch"],
            Meta(description="how Kaplan's laws read compute: C at B = B_crit, C_min, or C at one batch size"),
        ]
        | None
    ) = None
    part: (
        Annotated[Literal["text", "image"], Meta(description="which part of a text–image pair the loss is of")] | None
    ) = None
    field: Annotated[Text, Meta(description="the field that a .txt answer gives; the headline without it")] | None = (
        None
    )
    row: Annotated[
        int, Meta(ge=-1_000_000, le=1_000_000, description="the row that a .txt answer gives; -1 is the last")
    ] = 0
    errors: (
        Annotated[Literal["text"], Meta(description="`text`: a .txt answer gives #ERR: why with status 200")] | None
    ) = None
    key: Annotated[Text, Meta(description="an API key, where the service asks for one")] | None = None


OPTIONS = Options.__struct_fields__
TRANSPORT = frozenset({"fields", "field", "row", "errors", "key"})
"""Options of how an answer is sent: no part of the question itself."""
