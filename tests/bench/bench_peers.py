"""Times of other packages' fits of the same runs: `python bench_peers.py runs.csv` in a Python that has them, one JSON object out.

`chinchilla` needs pandas and seaborn, `simple-scaling-laws` Python 3.12: neither is a dependency of anything here.
"""

import csv
import importlib
import json
import logging
import sys
import tempfile
import time
import warnings
from typing import Any

DELTA = 1e-3
DRAWS = 100


def chinchilla(rows) -> dict[str, Any]:
    """Its BFGS from a grid of 32 starts (its own example takes 3,125), Huber on log loss, in all its processes."""
    package = importlib.import_module("chinchilla")
    metrics = importlib.import_module("chinchilla._metrics")
    grid = {"E": [1.5, 1.9], "a": [5.0, 8.0], "b": [6.0, 9.0], "alpha": [0.3, 0.45], "beta": [0.3, 0.45]}
    with tempfile.TemporaryDirectory() as folder:
        made = package.Chinchilla(
            folder, param_grid=grid, loss_fn=lambda y, f: metrics.log_huber(y, f, DELTA), log_level=logging.CRITICAL
        )
        for row in rows:
            made.database.append(
                C=6 * row["params"] * row["tokens"], N=row["params"], D=row["tokens"], loss=row["loss"]
            )
        made.visualizer.optim = lambda *_, **__: None  # its plots are no part of the fit
        start = time.perf_counter()
        made.fit()
        seconds = time.perf_counter() - start
    return {"fit_s": seconds, "coefficients": [float(getattr(made, name)) for name in ("E", "A", "B", "alpha", "beta")]}


def simple_scaling_laws(rows) -> dict[str, Any]:
    """Its separable power law with DRAWS resamples; the objective is its own."""
    package = importlib.import_module("simple_scaling_laws")
    polars = importlib.import_module("polars")
    table = polars.DataFrame(
        {
            "training_run_id": [str(i) for i in range(len(rows))],
            "model_size__n_params": [row["params"] for row in rows],
            "dataset_size__n_tokens": [row["tokens"] for row in rows],
            "test_loss__loss": [row["loss"] for row in rows],
        }
    )
    start = time.perf_counter()
    package.fit(table, law="separable-power", n_draws=DRAWS, seed=0)
    return {"whole_s": time.perf_counter() - start, "draws": DRAWS}


PEERS = {"chinchilla": chinchilla, "simple-scaling-laws": simple_scaling_laws}


def measured(measure, rows) -> dict[str, Any]:
    try:
        return measure(rows)
    except ImportError as error:
        return {"absent": f"not installed ({error.name})"}
    except Exception as error:  # noqa: BLE001 - another's fault is a result here
        return {"absent": f"failed: {error}"}


def main(path) -> None:
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123 - any Python may run this
        rows = [{name: float(row[name]) for name in ("params", "tokens", "loss")} for row in csv.DictReader(stream)]
    warnings.simplefilter("ignore")
    print(json.dumps({name: measured(measure, rows) for name, measure in PEERS.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
