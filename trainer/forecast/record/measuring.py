"""How forecasts fare: held-out runs and forecasts cut from a folder of tables, calibrated without each one's own
family.

`python -m trainer.forecast.record.measuring FOLDER` prints both tables (`--json FILE` keeps them);
a family is what a file's name says before its first `_`.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from scipy import optimize, stats

from trainer.estimation.objective import Array
from trainer.forecast.backtest import held_out
from trainer.forecast.baseline import Plain, plain_forecast
from trainer.forecast.family.errors import FREEDOM, Parts, Scales
from trainer.forecast.forecaster import Forecaster, forecaster, variable_of
from trainer.tables.runs import Runs, read_runs

DROPS, CUTS = (0.0, 0.3), (0.35, 0.5, 0.65, 0.8)
THIN, THIN_ROWS = 3, 30
CURVE_CUTS, CURVES = (0.5, 0.7), 8
"""Cuts of curves in one variable, and of how many curves a table: their laws are slow to fit."""
SetRow = tuple[str, float, float, float, float, float, float]
FIELDS = ("set", "rows", "error", "error_over_plain", "coverage", "width", "score_over_plain")
LEAST, CALIBRATED = 4, 10
"""Fewest rows a forecast is made from, and fewest for it to count in the calibration."""
LEVEL = 0.9
PRIOR = 0.005
"""Weight of the scales' pull towards those that are set."""
EDGES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Case:
    """One forecast and what came: errors are ln observed - ln forecast, (n,)."""

    table: str
    curve: str
    real: bool
    rows: int
    fitted: Forecaster
    parts: Parts
    errors: Array
    plain: Plain | None

    @property
    def family(self) -> str:
        """What the table's name says before its first underscore: tables of one family are no test of one another."""
        return self.table.split("_")[0]


def case(table: str, curve: str, near: Runs, far: Runs, *, real: bool) -> Case:
    """The runs `far` forecast from the runs `near`, and the plain forecast beside it where the split is the real one."""
    family = forecaster(near)
    parts = family.predict(far)
    errors = np.log(far.columns["loss"]) - parts.log_loss
    return Case(table, curve, real, len(near), family, parts, errors, plain_forecast(near, far) if real else None)


def cases_in(folder: Path) -> Iterator[Case]:
    """The held-out runs of every curve, and forecasts at varied span, number and distance."""
    for path in sorted(folder.glob("*.csv")):
        for number, (curve, runs) in enumerate(read_runs(path).by_curve().items()):
            out = held_out(runs)
            if not LEAST <= (~out).sum() < len(runs):
                continue
            yield case(path.stem, curve, runs.where(~out), runs.where(out), real=True)
            if not variable_of(runs) or number < CURVES:
                yield from cut_cases(path.stem, curve, runs)


def cut_cases(table: str, curve: str, runs: Runs) -> Iterator[Case]:
    """Forecasts from parts of a curve, by where they begin, where they are cut, and how densely they are taken."""
    variable = variable_of(runs)
    along = np.log(runs.columns[variable or "compute"])
    for drop in DROPS:
        for cut in CURVE_CUTS if variable else CUTS:
            least, most = np.quantile(along, (drop, cut))
            near, far = (along >= least) & (along <= most), along > most + 1e-9
            thinned = near & (np.cumsum(near) % THIN == 0)
            for chosen in (near, thinned) if len(runs) >= THIN_ROWS and not variable else (near,):
                if chosen.sum() >= LEAST and far.any():
                    yield case(table, curve, runs.where(chosen), runs.where(far), real=False)


def calibrated(cases: list[Case], start: Scales) -> Scales:
    """Scales of greatest likelihood, each family and each forecast in it counted alike; the quantile makes LEVEL come
    true.
    """
    weights = counted_alike(cases)
    errors = np.concatenate([c.errors / c.fitted.widening for c in cases])
    parts = [
        ("noise", "noise"),
        ("coefficient", "coefficient"),
        ("disagreement", "disagreement"),
        ("per_decade", "growth"),
    ]
    used = [(name, part) for name, part in parts if getattr(start, name) > 0]
    squares = (
        np.array(
            [
                np.concatenate([np.broadcast_to(getattr(c.parts, part), len(c.errors)) for c in cases])
                for _, part in used
            ]
        )
        ** 2
    )
    squares = np.vstack([squares, np.ones(len(errors))])
    first = np.log([*(getattr(start, name) for name, _ in used), start.least])

    def surprise(logs: Array) -> float:
        scale = np.sqrt(np.exp(2 * logs) @ squares)
        surprises = np.log(scale) + (FREEDOM + 1) / 2 * np.log1p((errors / scale) ** 2 / FREEDOM)
        return float(weights @ surprises + PRIOR * ((logs - first) ** 2).sum())

    logs = optimize.minimize(surprise, first, method="Powell", options={"xtol": 1e-3, "ftol": 1e-6}).x
    values = dict(zip([name for name, _ in used], np.exp(logs[:-1]).tolist(), strict=True))
    return requantiled(cases, msgspec.structs.replace(start, **values, least=float(np.exp(logs[-1]))))


def requantiled(cases: list[Case], scales: Scales) -> Scales:
    """These scales with the quantile that makes LEVEL come true."""
    weights = counted_alike(cases)
    sizes = np.concatenate([np.abs(c.errors) / c.fitted.widening / scales.run(c.parts) for c in cases])
    order = np.argsort(sizes)
    quantile = sizes[order][min(int(np.searchsorted(np.cumsum(weights[order]), LEVEL)), len(sizes) - 1)]
    return msgspec.structs.replace(scales, quantile=float(quantile))


def counted_alike(cases: list[Case]) -> Array:
    """Weights of all errors: families alike, and each forecast in one."""
    families = {c.family: sum(d.family == c.family for d in cases) for c in cases}
    return np.concatenate(
        [np.full(len(c.errors), 1 / families[c.family] / len(c.errors) / len(families)) for c in cases]
    )


def half_widths(cases: list[Case], calibrate: Callable[[list[Case], Scales], Scales] = calibrated) -> list[Array]:
    """Half the width of each case's interval for a new run, calibrated on the other families."""
    scales: dict[tuple[str, int], Scales] = {}
    for c in cases:
        key = (c.family, id(c.fitted.scales))
        if key not in scales:
            others = [
                d
                for d in cases
                if not d.real and d.rows >= CALIBRATED and d.fitted.scales is c.fitted.scales and d.family != c.family
            ]
            scales[key] = calibrate(others, c.fitted.scales) if others else c.fitted.scales
    return [
        c.fitted.widening * (s := scales[c.family, id(c.fitted.scales)]).reach(LEVEL) * s.run(c.parts) for c in cases
    ]


def interval_score(low: Array, high: Array, observed: Array) -> Array:
    """Gneiting & Raftery 2007, eq 43."""
    penalty = 2 / (1 - LEVEL)
    return np.asarray(high - low + penalty * (np.maximum(low - observed, 0) + np.maximum(observed - high, 0)))


def real_table(cases: list[Case], halves: list[Array]) -> list[SetRow]:
    """By set: rows held out, error, error over the plain fit's, coverage, width, interval score over the plain fit's."""
    out = []
    for name in dict.fromkeys(c.table for c in cases):
        here = [(c, half) for c, half in zip(cases, halves, strict=True) if c.table == name and c.real and c.plain]
        errors, half = (np.concatenate(parts) for parts in zip(*((c.errors, h) for c, h in here), strict=True))
        centre = np.concatenate([c.parts.log_loss for c, _ in here])
        plain, low, high = (
            np.concatenate([getattr(c.plain, part) for c, _ in here]) for part in ("log_loss", "low", "high")
        )
        observed = centre + errors
        error, rival = (float(np.abs(np.expm1(guess - observed)).mean()) for guess in (centre, plain))
        score = (
            interval_score(centre - half, centre + half, observed).mean() / interval_score(low, high, observed).mean()
        )
        out.append(
            (
                name,
                float(len(errors)),
                error,
                error / rival,
                float((np.abs(errors) <= half).mean()),
                float((2 * np.sinh(half)).mean()),
                float(score),
            )
        )
    return out


def distance_table(cases: list[Case], halves: list[Array]) -> list[tuple[float, int, float]]:
    """By decades beyond the data: from where, how many families, coverage as the families' mean."""
    out = []
    for low, high in zip(EDGES, (*EDGES[1:], np.inf), strict=True):
        by: dict[str, list[Array]] = {}
        for c, half in zip(cases, halves, strict=True):
            inside = (c.parts.beyond >= low) & (c.parts.beyond < high)
            if not c.real and inside.any():
                by.setdefault(c.family, []).append((np.abs(c.errors[inside]) <= half[inside]).astype(np.float64))
        if by:
            out.append((low, len(by), float(np.mean([np.concatenate(hits).mean() for hits in by.values()]))))
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.forecast.record.measuring", description=(__doc__ or "").split("\n\n", maxsplit=1)[0]
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="a file that gets the same tables")
    parser.add_argument(
        "--shipped", action="store_true", help="keep the scales that ship, and calibrate their quantile alone"
    )
    options = parser.parse_args()
    cases = list(cases_in(options.folder))
    halves = half_widths(cases, requantiled if options.shipped else calibrated)
    table = real_table(cases, halves)
    print(f"{'set':20} rows  error  /plain  coverage  width  score/plain")
    for name, rows, error, ratio, coverage, width, score in table:
        print(f"{name:20} {rows:4.0f}  {error:6.2%}  {ratio:5.2f}  {coverage:7.0%}  {width:6.1%}  {score:5.2f}")
    content: dict[str, Any] = {"sets": [dict(zip(FIELDS, row, strict=True)) for row in table]}
    surfaces = {c.table for c in cases if c.real and c.fitted.scales.coefficient > 0}
    for title, chosen in (("surfaces", surfaces), ("curves", {row[0] for row in table} - surfaces)):
        if chosen:
            print(summary(title, [row for row in table if row[0] in chosen]))
            of = [(c, half) for c, half in zip(cases, halves, strict=True) if c.table in chosen]
            by_distance = distance_table([c for c, _ in of], [half for _, half in of])
            print("  decades beyond: " + ", ".join(f"{low}: {hit:.0%} of {n} families" for low, n, hit in by_distance))
            scales = calibrated([c for c, _ in of if not c.real and c.rows >= CALIBRATED], of[0][0].fitted.scales)
            print("  scales on all:", scales)
            distances = [{"decades_beyond": low, "families": n, "coverage": hit} for low, n, hit in by_distance]
            content[title] = {
                "by_distance": distances,
                "forecasts": len(of),
                "likeliest_scales": msgspec.to_builtins(scales),
            }
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(rounded(content)), indent=1) + b"\n")


def rounded(value: Any) -> Any:
    """Numbers to four digits, at any depth."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


def summary(title: str, rows: list[SetRow]) -> str:
    """Geometric mean of the errors' ratio and the means over sets."""
    ratio, better = stats.gmean([row[3] for row in rows]), sum(row[6] < 1 for row in rows)
    coverage, width = (float(np.mean([row[i] for row in rows])) for i in (4, 5))
    return f"{title}: error {ratio:.2f} of the plain fit's, coverage {coverage:.0%}, width {width:.1%}, score better on {better} of {len(rows)}"


if __name__ == "__main__":
    main()
