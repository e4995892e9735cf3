"""From a solution by one law to an answer: intervals, equivalents in other units, extrapolation, echo, provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec
import numpy as np

from fitted_laws.extrapolation import Caution, extrapolation
from fitted_laws.forms import Values
from fitted_laws.laws import Drawn, Law
from fitted_laws.problems import Unanswerable
from fitted_laws.uncertainty import central_interval
from fitted_laws.units import PF_DAY, nats_to_bits

if TYPE_CHECKING:
    from fitted_laws.questions.base import Question

Shape: TypeAlias = Literal["one", "rows", "columns"]
Scalar: TypeAlias = float | int | str | bool | None
Column: TypeAlias = Any
"""One field of an answer: an array (rows,) with NaN for null, a list of one value a row, or a scalar that holds for all rows."""

LOSSES = frozenset({"loss", "optimal_loss", "expected_loss"})
RECONSTRUCTION = "the interval spans the laws that print the same digits: neither a lower nor an upper bound on statistical error"

PERCENTILES = "the interval follows from the paper's own percentiles of the exponent; how well the prefactor is known is not in it"


class Solution(msgspec.Struct, kw_only=True):
    """What one law says: fields of shape (1 + draws, rows) get an interval, others do not; `sources` are the relations used."""

    fields: dict[str, Any]
    sources: list[Drawn]
    warnings: list[Caution] = []
    loss_per_sample: bool = True
    fitted: dict[str, Any] | None = None
    """params, tokens and compute in the law's own count, where the answer gives them in another."""


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
        columns = {name: _joined([part.columns.get(name) for part in parts], sizes) for name in names}
        if compared and LOSSES & set(columns):
            columns["comparable"] = [len({part.columns.get("loss_on") for part in parts}) == 1] * sum(sizes)
        first = parts[0]
        return cls(columns, sum(sizes), "rows" if rows and first.shape == "one" else first.shape, first.axes)

    def column(self, name: str) -> list[Any]:
        """One value a row, None where there is none."""
        value = self.columns[name]
        if isinstance(value, np.ndarray):
            return _nulled(value)
        return value if isinstance(value, list) else [value] * self.size

    def records(self) -> list[dict[str, Any]]:
        """One flat dict a row, with every field."""
        names = list(self.columns)
        return [dict(zip(names, row, strict=True)) for row in zip(*(self.column(n) for n in names), strict=True)]

    def plain(self) -> dict[str, Any]:
        """The answer as its JSON object: flat; `rows` with what all share beside them; or one list a field."""
        if self.shape == "one":
            return {name: self.column(name)[0] for name in self.columns}
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
            return self.column(name)[0]
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


def _nulled(values: Values) -> list[float | None]:
    """The values as Python's, NaN as None."""
    listed: list[float | None] = values.tolist()
    if not np.isnan(values).any():
        return listed
    return [None if missing else value for value, missing in zip(listed, np.isnan(values).tolist(), strict=True)]


def _joined(parts: list[Column], sizes: list[int]) -> Column:
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    scalars = not any(isinstance(part, np.ndarray | list) for part in parts)
    if scalars and all(part == parts[0] and type(part) is type(parts[0]) for part in parts):
        return parts[0]
    values: list[Any] = []
    for part, size in zip(parts, sizes, strict=True):
        if isinstance(part, np.ndarray):
            values += _nulled(part)
        else:
            values += part if isinstance(part, list) else [part] * size
    return values


def assemble(question: Question, law: Law | None, solution: Solution, digest: str) -> Answer:
    """The answer to `question` by `law`, in order: what was computed, what was asked, how far out, whose law, and warnings."""
    size = max([question.size, *(v.shape[-1] for v in solution.fields.values() if isinstance(v, np.ndarray))])
    warnings = list(solution.warnings)
    columns: dict[str, Column] = {}
    for name, value in solution.fields.items():
        if isinstance(value, np.ndarray) and value.ndim == 2:
            columns.update(_with_interval(name, value, question.level, size, warnings))
        else:
            columns[name] = np.broadcast_to(value, (size,)) if isinstance(value, np.ndarray) else value
    _require_finite(columns, solution)
    columns = _with_equivalents(columns, law, solution)
    columns.update(_echo(question, columns, size))
    if law is not None:
        columns.update(extrapolation(law, solution.fitted or columns, size, warnings))
    columns.update(_provenance(question, law, solution, digest, columns, warnings))
    columns["warnings"] = _by_row(warnings, size)
    shape: Shape = "rows" if question.curve else "columns" if question.asked_in_columns else "one"
    if question.curve and question.asked_in_columns:
        shape = "columns"
    return Answer(columns, size, shape, question.axes)


def _with_interval(name: str, values: Values, level: float, size: int, warnings: list[Caution]) -> dict[str, Column]:
    central = np.broadcast_to(values[0], (size,))
    if len(values) == 1:
        return {name: central, f"{name}_low": None, f"{name}_high": None}
    low, high = central_interval(values, level)
    endless = ~np.isfinite(high)
    if endless.any():
        warnings.append(
            Caution(f"{name}_high: no upper end at this level, since too many of the draws never get there", np.broadcast_to(endless, (size,)))
        )
        high = np.where(endless, np.nan, high)
    low = np.where(np.isfinite(low), low, np.nan)
    return {name: central, f"{name}_low": np.broadcast_to(low, (size,)), f"{name}_high": np.broadcast_to(high, (size,))}


def _require_finite(columns: Mapping[str, Column], solution: Solution) -> None:
    for name in solution.fields:
        value = columns.get(name)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and np.isinf(value).any():
            raise Unanswerable(f"{name} is too large to be a number here; ask nearer to the fitted range")


def _with_equivalents(columns: dict[str, Column], law: Law | None, solution: Solution) -> dict[str, Column]:
    """The same quantities in the units that users also read: bits, perplexity, nats a sample, PF-days."""
    out: dict[str, Column] = {}
    for name, value in columns.items():
        out[name] = value
        if name == "loss_high" or (name == "loss" and "loss_high" not in columns):
            out.update(_loss_equivalents(columns, law, solution))
        if name.endswith("compute_high") or (name.endswith("compute") and f"{name}_high" not in columns):
            base = name.removesuffix("_high")
            out.update(
                {
                    f"{base}_pf_days{end}": _apply(columns.get(base + end), lambda c: c / PF_DAY)
                    for end in ("", "_low", "_high")
                    if base + end in columns
                }
            )
    return out


def _loss_equivalents(columns: Mapping[str, Column], law: Law | None, solution: Solution) -> dict[str, Column]:
    out: dict[str, Column] = {}
    ends = [end for end in ("", "_low", "_high") if f"loss{end}" in columns]
    out.update({f"loss_bits{end}": _apply(columns[f"loss{end}"], nats_to_bits) for end in ends})
    if law is not None and law.domain.text:
        out.update({f"perplexity{end}": _apply(columns[f"loss{end}"], perplexity) for end in ends})
    if law is not None and law.domain.tokens_per_sample and solution.loss_per_sample:
        tokens = law.domain.tokens_per_sample
        out.update({f"loss_per_sample{end}": _apply(columns[f"loss{end}"], lambda loss: loss * tokens) for end in ends})
    return out


def perplexity(loss: Values) -> Values:
    """e^L; null (NaN) where it is too large to be a number."""
    return np.where(loss > 709, np.nan, np.exp(np.minimum(loss, 709)))


def _apply(value: Column, function: Any) -> Column:
    return None if value is None else function(value)


def _echo(question: Question, columns: Mapping[str, Column], size: int) -> dict[str, Column]:
    out: dict[str, Column] = {}
    given = {**question.inputs(), **question.options_given()}
    for name, value in given.items():
        if name in columns or name == "domain":
            continue
        out[name] = np.broadcast_to(value, (size,)) if isinstance(value, np.ndarray) else value
        if name.endswith("compute"):
            out[f"{name}_pf_days"] = out[name] / PF_DAY
    return {**out, "level": question.level}


def _provenance(
    question: Question, law: Law | None, solution: Solution, digest: str, columns: Mapping[str, Column], warnings: list[Caution]
) -> dict[str, Column]:
    sources = sorted({drawn.source for drawn in solution.sources})
    relations = [drawn.relation for drawn in solution.sources]
    if "printed-digits" in sources:
        warnings.append(Caution(RECONSTRUCTION))
    if "printed-percentiles" in sources:
        warnings.append(Caution(PERCENTILES))
    warnings += [Caution(text) for drawn in solution.sources if drawn.reason for text in [drawn.reason]]
    warnings += [Caution(note) for note in dict.fromkeys(note for relation in relations for note in relation.notes)]
    out: dict[str, Column] = {}
    if law is not None and any(r.source_checked == "secondary" for r in relations):
        out["source_checked"] = "secondary"
        warnings.append(Caution(f"these coefficients of {law.id} were read in secondary notes, not in the paper itself"))
    if relations and any(columns.get(name) is not None for name in LOSSES):
        out["loss_on"] = " · ".join(dict.fromkeys(", ".join(filter(None, (r.data, r.tokenizer))) for r in relations))
    return {
        **out,
        "domain": getattr(question, "domain", None),
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
