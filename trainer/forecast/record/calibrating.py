"""Scales that forecasts cut from a folder of tables speak for: what `trainer.forecast.family.scales` keeps was set near them.

`python -m trainer.forecast.record.calibrating FOLDER` prints them for tables where size and data vary.
"""

import argparse
from pathlib import Path

import msgspec
import numpy as np
from scipy import optimize

from trainer.estimation.objective import Array
from trainer.forecast.backtest import LEVEL
from trainer.forecast.family.errors import FREEDOM, Scales
from trainer.forecast.family.scales import SURFACE

from .measuring import Case, cases_in

CALIBRATED = 10
"""Fewest rows a forecast is made from for it to count."""
PRIOR = 0.005
"""Weight of the scales' pull towards those that are set."""


def calibrated(cases: list[Case], start: Scales) -> Scales:
    """Scales of greatest likelihood, each family and each forecast in it counted alike; the quantile makes LEVEL come
    true.
    """
    weights = counted_alike(cases)
    errors = np.concatenate([(c.observed - c.parts.log_loss) / c.widening for c in cases])
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
                np.concatenate([np.broadcast_to(getattr(c.parts, part), len(c.observed)) for c in cases])
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
    sizes = np.concatenate([np.abs(c.observed - c.parts.log_loss) / c.widening / scales.run(c.parts) for c in cases])
    order = np.argsort(sizes)
    quantile = sizes[order][min(int(np.searchsorted(np.cumsum(weights[order]), LEVEL)), len(sizes) - 1)]
    return msgspec.structs.replace(scales, quantile=float(quantile))


def counted_alike(cases: list[Case]) -> Array:
    """Weights of all errors: families alike, and each forecast in one."""
    families = {c.family: sum(d.family == c.family for d in cases) for c in cases}
    return np.concatenate(
        [np.full(len(c.observed), 1 / families[c.family] / len(c.observed) / len(families)) for c in cases]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m trainer.forecast.record.calibrating", description=(__doc__ or "").split("\n\n", maxsplit=1)[0]
    )
    parser.add_argument("folder", type=Path)
    cases = [
        c
        for c in cases_in(parser.parse_args().folder)
        if not c.real and c.rows >= CALIBRATED and c.scales.coefficient > 0
    ]
    print(f"{len(cases)} forecasts: {calibrated(cases, SURFACE)}")


if __name__ == "__main__":
    main()
