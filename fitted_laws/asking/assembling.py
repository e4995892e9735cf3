"""An answer, assembled from a solution: its columns, what was asked, how far out it is, whose law it is, and warnings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from fitted_laws.answers.answer import Answer
from fitted_laws.answers.conversions import Conversion, Units, conversions
from fitted_laws.asking.question import in_columns
from fitted_laws.forecast.record import SENTENCE
from fitted_laws.laws.law import Drawn, Law
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.quantities.spelling import PF_DAY
from fitted_laws.quantities.spread import Spread
from fitted_laws.quantities.units import NATS
from fitted_laws.solving.categories import Categories, numbered
from fitted_laws.solving.extrapolation import extrapolation
from fitted_laws.solving.solution import Caution, Cautions, Column, Estimate, Fields, Solution

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

    What one row costs is mostly arrays of one: its numbers are floats, and lists of one in the answer.
    """
    inputs = question.inputs()
    in_rows = any(in_columns(value) for value in inputs.values())
    size = max(map(length, (*inputs.values(), *solution.fields.values())))
    warnings: list[Caution | Cautions] = list(solution.warnings)
    units = units_of(law, per_sample=solution.loss_per_sample)
    columns = Columns(size, alone=size == 1 and not in_rows)
    for name, value in solution.fields.items():
        finite, cautions = _finite(name, value, size)
        if cautions:
            warnings += cautions
        columns.put(name, finite)
        for other, function in conversions(name, units):
            columns.put(other, _applied(function, finite))
    _echo(columns, question, inputs)
    if law is not None:
        beyond = extrapolation(law, solution.sources, solution.fitted or columns, columns, size)
        for name, value in beyond.fields.items():
            columns.put(name, value)
        warnings += beyond.warnings
    ranges = any(type(value) is Spread for value in inputs.values()) and question.draws
    losses = any(columns.get(name) is not None for name in question.losses)
    provenance = provenance_of(question.domain, law, solution.sources, Shown(ranges, losses), digest)
    columns |= provenance.fields
    warnings += provenance.warnings
    columns["warnings"] = _by_row(warnings, size)
    axes = along(inputs, next(iter(columns))) if in_rows else question.axes
    return Answer(columns, size, "columns" if in_rows else "rows" if question.curve else "one", axes)


def units_of(law: Law | None, *, per_sample: bool) -> Units:
    """Which units the losses of `law` can be given in."""
    if law is None:
        return Units(text=False, tokens_per_sample=None, in_nats=True)
    found: Units | None = law.derived.get((units_of, per_sample))
    if found is None:
        tokens = law.domain.tokens_per_sample if per_sample else None
        found = law.derived[units_of, per_sample] = Units(law.domain.text, tokens, law.loss_unit == NATS)
    return found


def along(inputs: Mapping[str, Any], headline: str) -> tuple[str, str] | None:
    """What columns are drawn against: their first input that varies, and the headline upwards."""
    varying = (name for name, value in inputs.items() if isinstance(value, np.ndarray) and (value != value[0]).any())
    name = next(varying, None)
    return (name, headline) if name else None


def _finite(name: str, value: Column, size: int) -> tuple[Column, Sequence[Caution]]:
    """The field with null for an end of an interval that is not finite, and what to know of that.

    Raises:
        Unanswerable: the field itself is infinite, or less than one parameter.
    """
    central = value
    if type(value) is Estimate:
        central = value.value
        if type(central) is float:
            if math.isfinite(central) and (central >= 1 or name not in SIZES) and _bounded(value):
                return value, ()
            value = value.applied(np.atleast_1d)
            central = value.value
    elif type(value) in CONSTANT:
        return value, ()
    if name in SIZES and (smallest := np.fmin.reduce(central)) < 1:
        raise Unanswerable(f"{name} would be {smallest:.3g}, less than one parameter: no model is that small")
    if not isinstance(central, np.ndarray) or central.dtype.kind != "f":
        return value, ()
    if np.isinf(central).any():
        raise Unanswerable(f"{name} is too large to be a number here; ask nearer to the fitted range")
    if not isinstance(value, Estimate) or value.low is None:
        return value, ()
    endless = ~np.isfinite(value.high)
    text = f"{name}_high: no upper end at this level, since too much of what the law allows never gets there"
    cautions = [Caution(text, each(endless, size))] if endless.any() else []
    return value.applied(lambda end: np.where(np.isinf(end), np.nan, end)), cautions


CONSTANT = frozenset({str, bool, type(None)})
"""Types of what is no number and holds for all rows."""


def _bounded(value: Estimate) -> bool:
    """Whether both ends of an interval, where there is one, are finite."""
    return value.low is None or (math.isfinite(value.low) and math.isfinite(value.high))


def _applied(function: Conversion, value: Column) -> Column:
    if value is None:
        return None
    return value.applied(function) if isinstance(value, Estimate) else function(value)


def length(value: Column) -> int:
    """How many rows a field of a solution, or an input, has by itself."""
    if type(value) is Estimate:
        value = value.value
    return 1 if type(value) is float or type(value) in CONSTANT or not in_columns(value) else len(value)


class Columns(dict[str, Column]):
    """The columns of an answer of so many rows, in order; of one that is `alone`, no row of a table, numbers are lists of one."""

    def __init__(self, size: int, *, alone: bool) -> None:
        super().__init__()
        self.size = size
        self.alone = alone

    def put(self, name: str, value: Column) -> None:
        """Takes a field in: itself, and the ends of its interval where it has one."""
        if type(value) is Estimate:
            self[name] = self._number(value.value)
            self[f"{name}_low"] = self._number(value.low)
            self[f"{name}_high"] = self._number(value.high)
        else:
            self[name] = self._number(value) if type(value) is np.ndarray else value

    def _number(self, value: Column) -> Column:
        """A number a row; an array of one row holds for all of them."""
        if value is None:
            return None
        if self.alone and type(value) is float:
            return [value]
        values = np.atleast_1d(value)
        return values.tolist() if self.alone else each(values, self.size)


def each(value: Column, size: int) -> Column:
    """The column of `size` rows; an array of one row holds for all of them."""
    if type(value) is not np.ndarray or value.shape[-1] == size:
        return value
    return np.broadcast_to(value, (*value.shape[:-1], size))


def _echo(columns: Columns, question: AskedQuestion, inputs: Mapping[str, Column]) -> None:
    """What was asked, as read, among the columns."""
    for name, value in {**inputs, **question.options_given()}.items():
        if name in columns or name == "domain":
            continue
        if type(value) is Spread:
            columns.put(name, Estimate(value.centre, *value.interval(question.level)))
            continue
        columns.put(name, value)
        if name.endswith("compute"):
            columns.put(f"{name}_pf_days", value / PF_DAY)
    columns["level"] = question.level


class Shown(NamedTuple):
    """What an answer shows that its provenance depends on: numbers drawn from ranges, and losses."""

    ranges: bool
    losses: bool


def provenance_of(domain: str, law: Law | None, sources: Sequence[Drawn[object]], shown: Shown, digest: str) -> Fields:
    """The provenance of an answer, which a law keeps: it has a few, one for each of its relations that a question uses."""
    if law is None:
        return _provenance(domain, law, sources, shown, digest)
    key = (digest, shown, *((id(drawn.relation), drawn.source, drawn.reason) for drawn in sources))
    found = law.derived.get(key)
    if found is None:
        found = law.derived[key] = _provenance(domain, law, sources, shown, digest)
    return found


def _provenance(domain: str, law: Law | None, drawn_from: Sequence[Drawn[Any]], shown: Shown, digest: str) -> Fields:
    """Whose law it is and what its numbers were made from."""
    sources = sorted({drawn.source for drawn in drawn_from})
    sources += [RANGES] if shown.ranges else []
    relations = [drawn.relation for drawn in drawn_from]
    notes = dict.fromkeys(note for relation in relations for note in relation.notes)
    warnings = [Caution(text) for source, text in OF_SOURCE.items() if source in sources]
    warnings += [Caution(drawn.reason) for drawn in drawn_from if drawn.reason]
    warnings += [Caution(note) for note in notes]
    warnings += [Caution(SENTENCE)] * any(relation.fit for relation in relations)
    fields: dict[str, Column] = {}
    if law is not None and any(relation.source_checked == "secondary" for relation in relations):
        fields["source_checked"] = "secondary"
        text = f"these coefficients of {law.id} were read in secondary notes, not in the paper itself"
        warnings.append(Caution(text))
    if relations and shown.losses:
        fields["loss_on"] = " · ".join(dict.fromkeys(relation.loss_on for relation in relations))
        if law is not None and law.loss_unit != NATS:
            fields["loss_unit"] = law.loss_unit
            warnings.append(Caution(f"losses of {law.id} are in {law.loss_unit}, not in {NATS}"))
    citations = dict.fromkeys(f"{r.citation}, {r.where}".rstrip(", ") for r in relations)
    fields |= {
        "domain": domain,
        "law": law.id if law else None,
        "interval_source": " + ".join(source for source in sources if source != "none") or None,
        "catalogue": digest,
        "citation": "; ".join(citations) or None,
    }
    return Fields(fields=fields, warnings=warnings, sources=drawn_from)


def _by_row(warnings: Sequence[Caution | Cautions], size: int) -> Column:
    """The list of sentences of each row; rows with the same warnings share one list."""
    everywhere = [
        w.text for w in warnings if isinstance(w, Caution) and (w.rows is None or (size == 1 and np.all(w.rows)))
    ]
    if size == 1 or len(everywhere) == len(warnings):
        return [list(dict.fromkeys(everywhere))] * size
    texts_of: list[tuple[str, ...]] = [()]
    codes = np.zeros(size, dtype=np.intp)
    for caution in warnings:
        if isinstance(caution, Caution) and caution.rows is None:
            texts_of = [(*texts, caution.text) for texts in texts_of]
            continue
        said = caution if isinstance(caution, Cautions) else Cautions([caution.text], caution.rows.astype(np.intp) - 1)
        more = [(), *((text,) for text in said.texts)]
        found = numbered(codes * len(more) + 1 + said.numbers)
        texts_of = [(*texts_of[n // len(more)], *more[n % len(more)]) for n in found.numbers.tolist()]
        codes = found.codes
    return Categories([list(dict.fromkeys(texts)) for texts in texts_of], codes)
