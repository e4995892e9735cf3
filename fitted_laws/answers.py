"""From a solution by one law to an answer: intervals, equivalents in other units, extrapolation, echo, provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

import numpy as np

from fitted_laws.extrapolation import Caution, extrapolation, fitted_ranges
from fitted_laws.fared import SENTENCE
from fitted_laws.forms import Values
from fitted_laws.laws import Law
from fitted_laws.problems import Unanswerable
from fitted_laws.solutions import Column, Estimate, Solution, joined, nulled
from fitted_laws.units import PF_DAY, nats_to_bits

Shape: TypeAlias = Literal["one", "rows", "columns"]
Scalar: TypeAlias = float | int | str | bool | None

LOSSES = frozenset({"loss", "optimal_loss", "expected_loss"})
RECONSTRUCTION = "the interval spans the laws that print the same digits: neither a lower nor an upper bound on statistical error"

PERCENTILES = "the interval follows from the paper's own percentiles of the exponent; how well the prefactor is known is not in it"


class Answer(Mapping[str, Any]):
    """An answer, read by item or attribute: one flat record, `rows` of a curve or of several laws, or `columns` of equal length."""

    def __init__(self, columns: Mapping[str, Column], size: int, shape: Shape, axes: tuple[str, str] | None = None) -> None:
        self.columns, self.size, self.shape, self.axes = dict(columns), size, shape, axes

    @property
    def headline(self) -> str:
        """The field that comes first: the one number of a `.txt` answer."""
        return next(iter(self.columns))

    @classmethod
    def stack(cls, parts: Sequence[Answer], *, rows: bool = False, compared: bool = False) -> Answer:
        """The rows of `parts` one after the other; `compared` marks losses of different data as not comparable."""
        names = dict.fromkeys(name for part in parts for name in part.columns)
        sizes = [part.size for part in parts]
        columns = {name: joined([part.columns.get(name) for part in parts], sizes) for name in names}
        if compared and LOSSES & set(columns):
            columns["comparable"] = [len({part.columns.get("loss_on") for part in parts}) == 1] * sum(sizes)
        first = parts[0]
        return cls(columns, sum(sizes), "rows" if rows and first.shape == "one" else first.shape, first.axes)

    def column(self, name: str) -> list[Any]:
        """One value a row, None where there is none."""
        value = self.columns[name]
        if isinstance(value, np.ndarray):
            return nulled(value)
        return value if isinstance(value, list) else [value] * self.size

    def records(self) -> list[dict[str, Any]]:
        """One flat dict a row, with every field."""
        names = list(self.columns)
        return [dict(zip(names, row, strict=True)) for row in zip(*(self.column(n) for n in names), strict=True)]

    def plain(self) -> dict[str, Any]:
        """The answer as its JSON object: flat; `rows` with what all share beside them; or one list a field."""
        if self.shape == "one":
            return {name: _first(value) for name, value in self.columns.items()}
        if self.shape == "columns":
            return {name: self.column(name) for name in self.columns}
        shared = {n: v for n, v in self.columns.items() if not isinstance(v, np.ndarray | list)}
        within = [n for n in self.columns if n not in shared or n in ("domain", "law")]
        rows = [dict(zip(within, row, strict=True)) for row in zip(*(self.column(n) for n in within), strict=True)]
        return {"rows": rows, **shared}

    def __getitem__(self, name: str) -> Any:
        if name == "rows" and self.shape == "rows":
            return self.plain()["rows"]
        value = self.columns[name]
        if self.shape == "one":
            return _first(value)
        return value if isinstance(value, np.ndarray) or self.shape == "rows" else self.column(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"this answer has no {name!r}; it has {', '.join(self.__dict__.get('columns', ()))}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.plain())

    def __len__(self) -> int:
        return len(self.plain())

    def __repr__(self) -> str:
        return f"Answer({self.plain()!r})"


def _first(column: Column) -> Any:
    """The first row's value."""
    if isinstance(column, np.ndarray):
        value = column.item(0)
        return None if value != value else value  # noqa: PLR0124 - NaN alone differs from itself
    return column[0] if isinstance(column, list) else column


class Asked(Protocol):
    """What an answer repeats of its question."""

    curve: ClassVar[bool]
    axes: ClassVar[tuple[str, str] | None]

    @property
    def domain(self) -> str: ...
    @property
    def level(self) -> float: ...
    def inputs(self) -> dict[str, Any]: ...
    def options_given(self) -> dict[str, Any]: ...


def assemble(question: Asked, law: Law | None, solution: Solution, digest: str) -> Answer:
    """The answer to `question` by `law`, in order: what was computed, what was asked, how far out, whose law, and warnings."""
    inputs = question.inputs()
    size = max(length(value) for value in (*inputs.values(), *solution.fields.values()))
    warnings = list(solution.warnings)
    columns: dict[str, Column] = {}
    for name, value in solution.fields.items():
        found = _finite(name, value, size, warnings)
        _add(columns, name, found, size)
        for other, function in _equivalents(name, law, solution):
            _add(columns, other, _applied(function, found), size)
    columns.update(_echo(question, inputs, columns, size))
    if law is not None:
        columns.update(extrapolation(fitted_ranges(law, solution.sources), solution.fitted or columns, size, warnings))
    columns.update(_provenance(question, law, solution, digest, columns, warnings))
    columns["warnings"] = _by_row(warnings, size)
    in_columns = any(isinstance(value, np.ndarray) for value in inputs.values())
    return Answer(columns, size, "columns" if in_columns else "rows" if question.curve else "one", question.axes)


def _finite(name: str, value: Column, size: int, warnings: list[Caution]) -> Column:
    """The field with null for an end of an interval that is not finite.

    Raises:
        Unanswerable: the field itself is infinite.
    """
    ends = value.ends if isinstance(value, Estimate) else value
    if not isinstance(ends, np.ndarray) or ends.dtype.kind != "f" or np.isfinite(ends).all():
        return value
    if np.isinf(ends[0] if isinstance(value, Estimate) else ends).any():
        raise Unanswerable(f"{name} is too large to be a number here; ask nearer to the fitted range")
    if not isinstance(value, Estimate):
        return value
    if len(ends) > 1 and not np.isfinite(ends[2]).all():
        text = f"{name}_high: no upper end at this level, since too much of what the law allows never gets there"
        warnings.append(Caution(text, each(~np.isfinite(ends[2]), size)))
    return Estimate(np.where(np.isinf(ends), np.nan, ends))


def _add(columns: dict[str, Column], name: str, value: Column, size: int) -> None:
    """Adds a field, with its interval where it has one."""
    if not isinstance(value, Estimate):
        columns[name] = each(value, size)
        return
    ends = each(value.ends, size)
    columns[name] = ends[0]
    columns[f"{name}_low"], columns[f"{name}_high"] = ends[1:] if len(ends) > 1 else (None, None)


def length(value: Column) -> int:
    """How many rows a field of a solution, or an input, has by itself."""
    if isinstance(value, Estimate):
        return len(value.ends[0])
    return len(value) if isinstance(value, np.ndarray) else 1


def each(value: Column, size: int) -> Column:
    """The column of `size` rows; an array of one row holds for all of them."""
    return np.broadcast_to(value, (*value.shape[:-1], size)) if isinstance(value, np.ndarray) and value.shape[-1] != size else value


Conversion: TypeAlias = Callable[[Any], Any]


def _equivalents(name: str, law: Law | None, solution: Solution) -> Iterator[tuple[str, Conversion]]:
    """The same quantity in the units that users also read: bits, perplexity, nats a sample, PF-days."""
    if name == "loss":
        yield "loss_bits", nats_to_bits
        if law is not None and law.domain.text:
            yield "perplexity", perplexity
        if law is not None and law.domain.tokens_per_sample and solution.loss_per_sample:
            tokens = law.domain.tokens_per_sample
            yield "loss_per_sample", lambda loss: loss * tokens
    if name.endswith("compute"):
        yield f"{name}_pf_days", lambda compute: compute / PF_DAY


def _applied(function: Conversion, value: Column) -> Column:
    if value is None:
        return None
    return Estimate(function(value.ends)) if isinstance(value, Estimate) else function(value)


def perplexity(loss: Values) -> Values:
    """e^L; null (NaN) where it is too large to be a number."""
    return np.where(loss > 709, np.nan, np.exp(np.minimum(loss, 709)))


def _echo(question: Asked, inputs: Mapping[str, Column], columns: Mapping[str, Column], size: int) -> dict[str, Column]:
    out: dict[str, Column] = {}
    for name, value in {**inputs, **question.options_given()}.items():
        if name in columns or name == "domain":
            continue
        out[name] = each(value, size)
        if name.endswith("compute"):
            out[f"{name}_pf_days"] = out[name] / PF_DAY
    return {**out, "level": question.level}


def _provenance(
    question: Asked, law: Law | None, solution: Solution, digest: str, columns: Mapping[str, Column], warnings: list[Caution]
) -> dict[str, Column]:
    sources = sorted({drawn.source for drawn in solution.sources} | ({"forecast"} if solution.forecast else set()))
    relations = [drawn.relation for drawn in solution.sources]
    if "printed-digits" in sources:
        warnings.append(Caution(RECONSTRUCTION))
    if "printed-percentiles" in sources:
        warnings.append(Caution(PERCENTILES))
    warnings += [Caution(text) for drawn in solution.sources if drawn.reason for text in [drawn.reason]]
    warnings += [Caution(note) for note in dict.fromkeys(note for relation in relations for note in relation.notes)]
    warnings += [Caution(SENTENCE)] * any(relation.fit for relation in relations)
    out: dict[str, Column] = {}
    if law is not None and any(r.source_checked == "secondary" for r in relations):
        out["source_checked"] = "secondary"
        warnings.append(Caution(f"these coefficients of {law.id} were read in secondary notes, not in the paper itself"))
    if relations and any(columns.get(name) is not None for name in LOSSES):
        out["loss_on"] = " · ".join(dict.fromkeys(", ".join(filter(None, (r.data, r.tokenizer))) for r in relations))
    return {
        **out,
        "domain": question.domain,
        "law": law.id if law else None,
        "interval_source": " + ".join(s for s in sources if s != "none") or None,
        "catalogue": digest,
        "citation": "; ".join(dict.fromkeys(f"{r.citation}, {r.where}".rstrip(", ") for r in relations)) or None,
    }


def _by_row(warnings: Sequence[Caution], size: int) -> Column:
    """The list of sentences of each row; rows with the same warnings share one list."""
    if size == 1 or all(w.rows is None for w in warnings):
        texts = [w.text for w in warnings if w.rows is None or bool(np.all(w.rows))]
        return [list(dict.fromkeys(texts))] * size
    code = np.zeros(size, dtype=np.int64)
    for bit, warning in enumerate(warnings):
        code |= np.where(True if warning.rows is None else warning.rows, 1 << bit, 0)
    lists = {int(c): list(dict.fromkeys(w.text for bit, w in enumerate(warnings) if int(c) >> bit & 1)) for c in np.unique(code)}
    return [lists[c] for c in code.tolist()]
