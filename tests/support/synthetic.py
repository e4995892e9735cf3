"""Runs that nobody trained: tables from known laws with known noise, for tests and benchmarks. What a fit finds can be held against the truth."""

import csv
import io
from pathlib import Path

import numpy as np

from fitted_laws.forms import FORMS

SURFACE = {"E": 1.72, "A": 420.0, "B": 1500.0, "alpha": 0.34, "beta": 0.36}
"""Truth of every additive table here."""


def surface_loss(params, tokens, truth=SURFACE) -> np.ndarray:
    return truth["E"] + truth["A"] / params ** truth["alpha"] + truth["B"] / tokens ** truth["beta"]


def places(count, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """Params and tokens of `count` runs, well spread: 1e7 to 1e10, and 2 to 500 tokens a parameter."""
    random = np.random.default_rng(seed)
    params = np.exp(random.uniform(np.log(1e7), np.log(1e10), count)).round()
    tokens = (params * np.exp(random.uniform(np.log(2), np.log(500), count))).round()
    return params, tokens


def noisy(loss, noise=0.005, seed=0) -> np.ndarray:
    return np.round(loss * np.exp(noise * np.random.default_rng([seed, 1]).standard_normal(len(loss))), 6)


def surface(count=60, noise=0.005, seed=0) -> dict[str, np.ndarray]:
    """A table of an additive surface: params, tokens, loss."""
    params, tokens = places(count, seed)
    return {"params": params, "tokens": tokens, "loss": noisy(surface_loss(params, tokens), noise, seed)}


def write_csv(path: Path, table) -> Path:
    """The columns of `table` as a CSV file."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(table)
    rows.writerows(zip(*(np.asarray(column).tolist() for column in table.values()), strict=True))
    path.write_text(out.getvalue())
    return path


def every_form() -> dict[str, tuple[dict[str, np.ndarray], str, dict[str, float]]]:
    """A table by form that a fit of that form recovers, and the inputs of a question that it then answers: (question, inputs)."""
    size = np.geomspace(1e6, 1e10, 40).round()
    params, tokens = places(60)
    passes = np.random.default_rng(3).choice([1, 2, 4, 8, 16, 40], 60).astype(float)
    unique = (tokens / 10).round()
    truth = {"E": 1.87, "A": 521.0, "B": 1488.0, "alpha": 0.35, "beta": 0.35, "R_N": 5.3, "R_D": 15.4}
    repeated = FORMS["repeated"](**truth).value(params, unique, passes)
    sigmoid = FORMS["m4"](L_inf=1.2, L_0=6.0, alpha=0.7, beta=1e8, c=-0.4).value(1e12 * size)
    broken = FORMS["broken"](a=0.8, b=40.0, c0=0.08, c1=0.2, d1=1e20, f1=0.4).value(1e12 * size)
    kaplan = ((8.8e13 / params) ** (0.076 / 0.095) + 5.4e13 / tokens) ** 0.095
    steps = (6.5e13 / params) ** 0.077 + (2.1e3 / (tokens / 1e5)) ** 0.76
    both = {"params": 1e9, "tokens": 1e11}
    return {
        "power": ({"params": size, "loss": noisy((1e13 / size) ** 0.076)}, "loss", {"params": 1e9}),
        "power-constant": (
            {"tokens": 20 * size, "loss": noisy(1.5 + (1e10 / (20 * size)) ** 0.3)},
            "loss",
            {"tokens": 1e9},
        ),
        "m4": ({"compute": 1e12 * size, "loss": noisy(sigmoid)}, "loss", {"compute": 1e20}),
        "broken": ({"compute": 1e12 * size, "loss": noisy(broken, 0.002)}, "loss", {"compute": 1e20}),
        "log-information": (
            {"params": size, "mutual_information": noisy(2.1 * np.log(size / 1e5))},
            "information_gain",
            {"params": 1e9},
        ),
        "additive": (surface(), "loss", both),
        "over-training": (surface(), "loss", both),
        "kaplan": (
            {"params": params, "unique_tokens": tokens, "loss": noisy(kaplan)},
            "loss",
            {"params": 1e9, "unique_tokens": 1e10},
        ),
        "learning-curve": (
            {"params": params, "steps": tokens / 1e5, "loss": noisy(steps)},
            "loss",
            {"params": 1e9, "steps": 1e5},
        ),
        "repeated": (
            {"params": params, "unique_tokens": unique, "epochs": passes, "loss": noisy(repeated, 0.003)},
            "repeat",
            {"params": 1e9, "unique_tokens": 1e10, "epochs": 4},
        ),
    }
