"""An answer, assembled from a solution: its columns, what was asked, how far out it is, whose law it is, and warnings."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeAlias

import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.asking.question import equivalents, in_columns
from fitted_laws.forecast.record import SENTENCE
from fitted_laws.forms import Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.quantities.spelling import PF_DAY
from fitted_laws.quantities.spread import Spread
from fitted_laws.quantities.units import NATS, nats_to_bits
from fitted_laws.solving.extrapolation import extrapolation
from fitted_laws.solving.solution import Caution, Column, Estimate, Fields, Solution

OF_SOURCE = {
    "printed-digits": "the interval spans the laws that print the same digits: neither a lower nor an upper bound on statistical error",
    "printed-percentiles": "the interval follows from the paper's own percentiles of the exponent; how well the prefactor is known is not in it",
    "given-ranges": "a range is read as the central 90 % of a log-normal about its geometric mean, independent of the law and of other ranges",
}
"""What to know of an interval by what it was made from."""
RANGES = "given-ranges"

SIZES = ("params", "optimal_params")


class AskedQuestion(Protocol):
    """What an answer repeats of its question."""

    curve: ClassVar[bool]
    axes: ClassVar[tuple[str, str] | None]
    losses: ClassVar[tuple[str, ...]]

    @property
    def domain(self) -> str: ...
    @property
    def level(self) -> float: ...
    @property
    def draws(self) -> bool: ...
    def inputs(self) -> dict[str, Any]: ...
    def options_given(self) -> dict[str, Any]: ...


def assemble(question: AskedQuestion, law: Law | None, solution: Solution, digest: str) -> Answer:
    """The answer to `question` by `law`, in order: what was computed, what was asked, how far out, whose law, and
    warnings.
    """
    inputs = question.inputs()
    size = max(length(value) for value in (*inputs.values(), *solution.fields.values()))
    warnings = list(solution.warnings)
    columns: dict[str, Column] = {}
    for name, value in solution.fields.items():
        finite, cautions = _finite(name, value, size)
        warnings += cautions
        columns |= _with_ends(name, finite, size)
        for other, function in _equivalents(name, law, solution):
            columns |= _with_ends(other, _applied(function, finite), size)
    columns |= _echo(question, inputs, columns, size)
    if law is not None:
        beyond = extrapolation(law, solution.sources, solution.fitted or columns, columns, size)
        columns |= beyond.fields
        warnings += beyond.warnings
    provenance = _provenance(question, law, solution, digest, columns)
    columns |= provenance.fields
    columns["warnings"] = _by_row([*warnings, *provenance.warnings], size)
    rows = any(map(in_columns, inputs.values()))
    axes = along(inputs, next(iter(columns))) if rows else question.axes
    return Answer(columns, size, "columns" if rows else "rows" if question.curve else "one", axes)


def along(inputs: Mapping[str, Any], headline: str) -> tuple[str, str] | None:
    """What columns are drawn against: their first input that varies, and the headline upwards."""
    varying = (name for name, value in inputs.items() if isinstance(value, np.ndarray) and (value != value[0]).any())
    name = next(varying, None)
    return (name, headline) if name else None


def _finite(name: str, value: Column, size: int) -> tuple[Column, list[Caution]]:
    """The field with null for an end of an interval that is not finite, and what to know of that.

    Raises:
        Unanswerable: the field itself is infinite, or less than one parameter.
    """
    ends = value.ends if isinstance(value, Estimate) else value
    if (
        name in SIZES
        and ends is not None
        and (smallest := np.fmin.reduce(ends[0] if isinstance(value, Estimate) else ends)) < 1
    ):
        raise Unanswerable(f"{name} would be {smallest:.3g}, less than one parameter: no model is that small")
    if not isinstance(ends, np.ndarray) or ends.dtype.kind != "f" or np.isfinite(ends).all():
        return value, []
    if np.isinf(ends[0] if isinstance(value, Estimate) else ends).any():
        raise Unanswerable(f"{name} is too large to be a number here; ask nearer to the fitted range")
    if not isinstance(value, Estimate):
        return value, []
    cautions = []
    if len(ends) > 1 and not np.isfinite(ends[2]).all():
        text = f"{name}_high: no upper end at this level, since too much of what the law allows never gets there"
        cautions.append(Caution(text, each(~np.isfinite(ends[2]), size)))
    return Estimate(np.where(np.isinf(ends), np.nan, ends)), cautions


def _with_ends(name: str, value: Column, size: int) -> dict[str, Column]:
    """A field as columns: itself, and the ends of its interval where it has one."""
    if not isinstance(value, Estimate):
        return {name: each(value, size)}
    ends = each(value.ends, size)
    low, high = ends[1:] if len(ends) > 1 else (None, None)
    return {name: ends[0], f"{name}_low": low, f"{name}_high": high}


def length(value: Column) -> int:
    """How many rows a field of a solution, or an input, has by itself."""
    if isinstance(value, Estimate):
        return len(value.ends[0])
    return len(value) if in_columns(value) else 1


def each(value: Column, size: int) -> Column:
    """The column of `size` rows; an array of one row holds for all of them."""
    return (
        np.broadcast_to(value, (*value.shape[:-1], size))
        if isinstance(value, np.ndarray) and value.shape[-1] != size
        else value
    )


Conversion: TypeAlias = Callable[[Any], Any]


def _equivalents(name: str, law: Law | None, solution: Solution) -> Iterator[tuple[str, Conversion]]:
    """The same quantity in the units that users also read: bits, perplexity, nats a sample, PF-days. Losses that are not
    a token's have no equivalents.
    """
    if name == "loss" and law is not None and law.loss_unit != NATS:
        return
    tokens = law.domain.tokens_per_sample if law is not None and solution.loss_per_sample else None
    for other in equivalents(name):
        if other == "loss_bits":
            yield other, nats_to_bits
        elif other == "perplexity" and law is not None and law.domain.text:
            yield other, perplexity
        elif other == "loss_per_sample" and tokens is not None:
            yield other, functools.partial(operator.mul, tokens)
        elif other == f"{name}_pf_days":
            yield other, lambda compute: compute / PF_DAY


def _applied(function: Conversion, value: Column) -> Column:
    if value is None:
        return None
    return Estimate(function(value.ends)) if isinstance(value, Estimate) else function(value)


def perplexity(loss: Values) -> Values:
    """e^L; null (NaN) where it is too large to be a number."""
    return np.where(loss > 709, np.nan, np.exp(np.minimum(loss, 709)))


def _echo(
    question: AskedQuestion, inputs: Mapping[str, Column], columns: Mapping[str, Column], size: int
) -> dict[str, Column]:
    out: dict[str, Column] = {}
    for name, value in {**inputs, **question.options_given()}.items():
        if name in columns or name == "domain":
            continue
        if isinstance(value, Spread):
            low, high = value.interval(question.level)
            out |= {name: each(value.centre, size), f"{name}_low": each(low, size), f"{name}_high": each(high, size)}
            continue
        out[name] = each(value, size)
        out |= {other: out[name] / PF_DAY for other in equivalents(name) if other == f"{name}_pf_days"}
    return {**out, "level": question.level}


def _provenance(
    question: AskedQuestion, law: Law | None, solution: Solution, digest: str, columns: Mapping[str, Column]
) -> Fields:
    """Whose law it is and what its numbers were made from."""
    ranges = any(isinstance(value, Spread) for value in question.inputs().values()) and question.draws
    sources = sorted({drawn.source for drawn in solution.sources})
    sources += [RANGES] if ranges else []
    relations = [drawn.relation for drawn in solution.sources]
    notes = dict.fromkeys(note for relation in relations for note in relation.notes)
    warnings = [Caution(text) for source, text in OF_SOURCE.items() if source in sources]
    warnings += [Caution(drawn.reason) for drawn in solution.sources if drawn.reason]
    warnings += [Caution(note) for note in notes]
    warnings += [Caution(SENTENCE)] * any(relation.fit for relation in relations)
    fields: dict[str, Column] = {}
    if law is not None and any(relation.source_checked == "secondary" for relation in relations):
        fields["source_checked"] = "secondary"
        text = f"these coefficients of {law.id} were read in secondary notes, not in the paper itself"
        warnings.append(Caution(text))
    if relations and any(columns.get(name) is not None for name in question.losses):
        data = dict.fromkeys(", ".join(filter(None, (r.data, r.tokenizer))) for r in relations)
        fields["loss_on"] = " · ".join(data)
        if law is not None and law.loss_unit != NATS:
            fields["loss_unit"] = law.loss_unit
            warnings.append(Caution(f"losses of {law.id} are in {law.loss_unit}, not in {NATS}"))
    citations = dict.fromkeys(f"{r.citation}, {r.where}".rstrip(", ") for r in relations)
    fields |= {
        "domain": question.domain,
        "law": law.id if law else None,
        "interval_source": " + ".join(source for source in sources if source != "none") or None,
        "catalogue": digest,
        "citation": "; ".join(citations) or None,
    }
    return Fields(fields=fields, warnings=warnings)


def _by_row(warnings: Sequence[Caution], size: int) -> Column:
    """The list of sentences of each row; rows with the same warnings share one list."""
    if size == 1 or all(w.rows is None for w in warnings):
        texts = [w.text for w in warnings if w.rows is None or bool(np.all(w.rows))]
        return [list(dict.fromkeys(texts))] * size
    said = np.array([np.broadcast_to(True if w.rows is None else w.rows, size) for w in warnings])  # (warnings, rows)
    patterns, pattern = np.unique(np.packbits(said, axis=0).T, axis=0, return_inverse=True)
    lists = [
        list(dict.fromkeys(w.text for w, on in zip(warnings, np.unpackbits(bits), strict=False) if on))
        for bits in patterns
    ]
    return [lists[number] for number in pattern.ravel().tolist()]
