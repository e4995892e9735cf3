"""What law pages, reports and the workbook ask of a question: each question says it in class variables of these types."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from fitted_laws.answers.answer import Scalar


class LawCurve(msgspec.Struct, frozen=True, kw_only=True):
    """A curve to picture a law by: the input that varies, the ends to look between, and what is drawn upwards, the
    first that the answer has.

    A law is pictured by the first curve that it answers, of all questions in the order of `place`.
    `replaces` names inputs of the question's own example that `across` stands for.
    """

    across: str
    low: float
    high: float
    up: tuple[str, ...]
    place: int
    replaces: tuple[str, ...] = ()


class ReportExample(msgspec.Struct, frozen=True):
    """The inputs by which a report asks a law for an example, and the question's place among those that it asks."""

    inputs: tuple[str, ...]
    place: int


class WorkbookSheet(msgspec.Struct, frozen=True, kw_only=True):
    """The question as a sheet of the workbook: inputs with a cell, None where it is empty at first, and the fields
    shown.
    """

    title: str
    doc: str
    inputs: Mapping[str, Scalar]
    answers: tuple[str, ...]
