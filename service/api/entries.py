"""What the lists of what there is hold, a struct each: the schemas that clients are given are made from them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct


class InputEntry(Struct, frozen=True):
    """An input: null where it has no unit, range, default or choices."""

    name: str
    type: Annotated[str, Meta(description="number, integer, boolean or text")]
    unit: str | None
    low: float | None
    high: float | None
    required: bool
    default: Any
    choices: list[str] | None
    option: Annotated[bool, Meta(description="whether every question takes it")]
    doc: str | None


class FieldEntry(Struct, frozen=True):
    """A field of an answer, and its unit."""

    name: str
    unit: str | None


class QuestionEntry(Struct, frozen=True):
    """A question with its example, inputs and the fields of its answer."""

    question: str
    doc: str
    example: Annotated[dict[str, Any], Meta(description="inputs that are answered, `domain` among them")]
    inputs: list[InputEntry]
    answers: Annotated[list[FieldEntry], Meta(description="the headline first")]
    curve: Annotated[bool, Meta(description="whether an answer has `rows`")]


class DomainEntry(Struct, frozen=True):
    """What is modelled, and its laws."""

    id: str
    title: str
    text: Annotated[bool, Meta(description="whether tokens spell text, so that losses have a perplexity")]
    sample: Annotated[str | None, Meta(description="what `loss_per_sample` is of")]
    tokens_per_sample: int | None
    small_models: Annotated[bool, Meta(description="whether all its laws are of our own small sweeps")]
    scale: Annotated[str | None, Meta(description="the sizes of their models, where they are small")]
    example_compute: Annotated[float | None, Meta(description="a budget inside a law's fit, in FLOP")]
    laws: Annotated[list[str], Meta(description="ids of its laws, preferred first")]


class LawEntry(Struct, frozen=True):
    """What a law covers, where it comes from, and which others are its twins."""

    id: str
    domains: list[str]
    family: Annotated[str, Meta(description="of laws that are twins: one paper, or one set of runs")]
    family_title: str
    take: Annotated[str, Meta(description="which of the family to take for what")]
    differs: Annotated[str, Meta(description="how it differs from its twins")]
    relations: Annotated[list[str], Meta(description="what it relates, such as L(N, D)")]
    title: str
    authors: str
    year: int
    citation: str
    url: str
    source_checked: Annotated[
        str, Meta(description="where its numbers were read: in the paper, in notes on it, or own runs")
    ]
    counts: Annotated[str, Meta(description="which parameters `params` counts")]
    data: str
