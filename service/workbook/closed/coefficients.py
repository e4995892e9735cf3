"""The one table of coefficients: a row a law that the workbook calculates by itself, and what its cells look up in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fitted_laws.answers.answer import Scalar
from service.workbook.closed.ends import LEFT_OUT, Ends, start
from service.workbook.closed.expressions import NA, Expr, letters
from service.workbook.closed.surfaces import COEFFICIENTS, PLANE, ClosedLaw

SHEET = "coefficients"
FIRST = 4
"""The row of the first law, counted from 0; its title stands above."""


class CoefficientTable:
    """Columns of what is known of each law; `key` is its domain and id in one text."""

    def __init__(self, laws: Sequence[ClosedLaw], ends: Ends) -> None:
        self.laws = laws
        runs = max((len(law.validated) for law in laws), default=0)
        rows = [self._row(law, ends, runs) for law in laws]
        self.columns: dict[str, list[Scalar]] = {name: [row[name] for row in rows] for name in (rows or [{}])[0]}
        self.runs = runs

    def _row(self, law: ClosedLaw, ends: Ends, runs: int) -> Mapping[str, Scalar]:
        first = ends.first(law)
        tested = [(run.at.get(name, 0.0)) for run in law.validated for name in PLANE]
        tested += [0.0] * (len(PLANE) * runs - len(tested))
        named = [f"tested_{i + 1}_{name}" for i in range(runs) for name in PLANE]
        return {
            "key": f"{law.domain} {law.law}",
            "family": law.family,
            "domain": law.domain,
            "law": law.law,
            **law.coefficients,
            **{
                f"{name}_{end}": law.ranges[name][i] if name in law.ranges else LEFT_OUT
                for name in PLANE
                for i, end in enumerate(("low", "high"))
            },
            "basin_low": law.basin[0],
            "basin_high": law.basin[1],
            "E_low": LEFT_OUT if law.irreducible[0] is None else law.irreducible[0],
            "E_high": LEFT_OUT if law.irreducible[1] is None else law.irreducible[1],
            "text": 1.0 if law.text else 0.0,
            "unstated": 1.0 if law.unstated else 0.0,
            **dict(zip(named, tested, strict=True)),
            "start": start(law) if first else LEFT_OUT,
            "rows_along": float(law.per_decade[0]) if first else LEFT_OUT,
            "rows_about": float(law.per_decade[1]) if first else LEFT_OUT,
            "first_along": float(first[0]) if first else LEFT_OUT,
            "first_about": float(first[1]) if first else LEFT_OUT,
            "citation": law.citation,
        }

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that people read; the others serve the formulas alone."""
        ranges = [f"{name}_{end}" for name in PLANE for end in ("low", "high")]
        return ("key", "family", "domain", "law", *COEFFICIENTS, *ranges)

    def span(self, name: str) -> str:
        """A column's cells."""
        column = letters(list(self.columns).index(name))
        return f"{SHEET}!${column}${FIRST + 1}:${column}${FIRST + max(len(self.laws), 1)}"

    def row_of(self, key: Expr) -> Expr:
        """The row of a law, counted from 1; #N/A where it is none of these."""
        keys = self.columns["key"] if self.laws else []
        return Expr(
            f"MATCH({key.text},{self.span('key')},0)", float(keys.index(key.value) + 1) if key.value in keys else None
        )

    def pick(self, name: str, row: Expr) -> Expr:
        """What a column says of the law in that row."""
        if not self.laws:
            return NA
        value = self.columns[name][int(row.value) - 1] if isinstance(row.value, float | int) else None
        return Expr(f"INDEX({self.span(name)},{row.text})", value)
