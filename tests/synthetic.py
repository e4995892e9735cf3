"""Runs that nobody trained: tables from known laws with known noise, for tests and benchmarks. What a fit finds can be held against the truth."""

import csv
import io
from pathlib import Path

import numpy as np

SURFACE = {"E": 1.72, "A": 420.0, "B": 1500.0, "alpha": 0.34, "beta": 0.36}
"""Truth of every additive table here."""
CENTRE = 1.0e9


def surface_loss(params, tokens, truth=SURFACE):
    return truth["E"] + truth["A"] / params ** truth["alpha"] + truth["B"] / tokens ** truth["beta"]


def places(count, seed=0):
    """Params and tokens of `count` runs, well spread: 1e7 to 1e10, and 2 to 500 tokens a parameter."""
    random = np.random.default_rng(seed)
    params = np.exp(random.uniform(np.log(1e7), np.log(1e10), count)).round()
    tokens = (params * np.exp(random.uniform(np.log(2), np.log(500), count))).round()
    return params, tokens


def noisy(loss, noise=0.005, seed=0):
    return np.round(loss * np.exp(noise * np.random.default_rng([seed, 1]).standard_normal(len(loss))), 6)


def surface(count=60, noise=0.005, seed=0):
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
