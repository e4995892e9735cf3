"""A study: committed records in, numbers, a relation that a law answers from, and a plot out. Needs no torch."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.laws.lawfile import LARGEST
from trainer.sweep.records import RunRecord, read_records

RECORDS = Path(__file__).parent.parent / "runs"
DRAWS = 2000
"""Of each relation: with 4,000 a law that several studies add to would outgrow the 200 kB that a law file may have."""
LEVEL = (0.05, 0.95)
SAME = 0.05
"""Two exponents are the same where the 90 % interval of their difference lies within so much of 0."""
Records = dict[str, list[RunRecord]]
"""By the name of the sweep they are of."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a study found: rows of a table, headline numbers, what it says in a sentence, and the relation of a law
    where there is one.
    """

    rows: list[dict[str, float | str]]
    numbers: dict[str, float]
    says: str
    relations: list[dict[str, Any]] = []
    draw: Callable[[Axes], None]


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """`paper` is what Henighan et al. 2020 find, `law` the sweep whose law gets the relations."""

    title: str
    records: tuple[str, ...]
    paper: str
    find: Callable[[Records], Finding]
    law: str = ""

    def finding(self) -> Finding:
        """What the study finds in the committed records."""
        return self.find(
            {name: [r for r in read_records(RECORDS / f"{name}.jsonl") if r.loss is not None] for name in self.records}
        )


def last_readings(records: list[RunRecord]) -> list[RunRecord]:
    """Of each run the last, in the order of size and seed."""
    last = {r.run: r for r in sorted(records, key=lambda r: r.tokens)}
    return sorted(last.values(), key=lambda r: (r.params, r.config.seed))


def resamples(count: int, seed: int = 0) -> Array:
    """How often each of `count` runs is taken: once all, then drawn with replacement, (1 + draws, count)."""
    random = np.random.default_rng(seed)
    drawn = [np.bincount(random.integers(0, count, count), minlength=count) for _ in range(DRAWS)]
    return np.array([np.ones(count), *drawn], float)


def redrawn(fit: Callable[[Array], Array], count: int) -> Array:
    """`fit` of each of the resamples' weights, (1 + draws, coefficients).

    One with fewer than two sizes' runs gives the fit to all.
    """
    return np.array([fit(weights) for weights in resamples(count)])


def powers(y: Array, *inputs: Array) -> Array:
    """ln k, and of each input the power by which y = k·Π x^−power falls, of all runs and of resamples, (1 + draws, 1 + inputs).

    By least squares in logarithms of y, (runs, amounts), with inputs that go with it; a resample that does not tell the powers is as all.
    """
    logs = [-np.log(np.broadcast_to(x, y.shape)).ravel() for x in inputs]
    table = np.column_stack([np.ones(y.size), *logs])
    fits: list[Array] = []
    for weights in resamples(len(y)):
        root = np.repeat(np.sqrt(weights), y.shape[1])
        solved, _, rank, _ = np.linalg.lstsq(root[:, None] * table, root * np.log(y).ravel(), rcond=None)
        fits.append(solved if rank == table.shape[1] else fits[0])
    return np.array(fits)


def times(ratios: Array) -> Array:
    """The geometric mean of ratios of pairs, of all and of resamples, (1 + draws,)."""
    return np.exp([np.average(np.log(ratios), weights=w) for w in resamples(len(ratios))])


def relation(role: str, form: str, names: tuple[str, ...], drawn: Array, **more: Any) -> dict[str, Any]:
    """The leaf of a law file, from (1 + draws, coefficients) whose first row is the fit.

    A coefficient that no draw moves has none.
    """
    moved = np.ptp(drawn, axis=0) > 0
    table = np.ascontiguousarray(np.clip(drawn[1:, moved], -LARGEST, LARGEST), dtype="<f4")
    order = [name for name, moves in zip(names, moved.tolist(), strict=True) if moves]
    return {
        "role": role,
        "form": form,
        "coefficients": dict(zip(names, map(float, drawn[0]), strict=True)),
        "draws": {"order": order, "shape": list(table.shape), "data": base64.b64encode(table.tobytes()).decode()},
        **more,
    }


def interval(name: str, column: Array) -> dict[str, float]:
    """A number with its 90 % interval over the draws, from (1 + draws,)."""
    low, high = np.quantile(column[1:], LEVEL)
    return {name: float(column[0]), f"{name}_low": float(low), f"{name}_high": float(high)}


def told(kind: str, difference: Array) -> tuple[dict[str, float], str]:
    """The number with its interval, and whether the exponents are the same: said only where all of it is within SAME of 0."""
    numbers = interval(kind, difference)
    low, high = numbers[f"{kind}_low"], numbers[f"{kind}_high"]
    return numbers, "the same" if max(abs(low), abs(high)) <= SAME else "not decided"
