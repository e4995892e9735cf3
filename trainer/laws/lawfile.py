"""A fit as a law file: coefficients, draws, ranges, what was done and what was noticed; the same input gives the same
bytes.
"""

from __future__ import annotations

import base64
import contextlib
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from fitted_laws.laws.relation import ROLE_OF_FORM, Counts
from fitted_laws.quantities.units import NATS
from trainer.estimation.fit import Fit
from trainer.estimation.objective import Array, robust_sigma
from trainer.files import digest, write_whole
from trainer.tables.runs import Runs

ROLE_OF_VARIABLE = {"params": "converged", "tokens": "data", "compute": "frontier"}
KEPT_RUNS = 1000
"""Runs kept in the file, so that a pinned irreducible loss can be solved again; more would outgrow it."""


LARGEST = 3e38
"""What a draw, in single precision, can hold."""


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """What the runs cannot say of themselves."""

    id: str
    domain: str
    counts: Counts = "total"
    data: str = ""
    tokenizer: str = ""


def law_of(fitted: Fit, draws: Array, runs: Runs, source: Path, naming: Naming, notes: Sequence[str]) -> dict[str, Any]:
    """The law file of a fit to `runs`, read from `source`, with `draws` of shape (draws, coefficients); `notes` go with
    every answer of the law.
    """
    names = list(fitted.form.coefficients)
    table = np.ascontiguousarray(np.clip(draws, -LARGEST, LARGEST), dtype="<f4")
    beyond = int((np.abs(draws) > LARGEST).any(axis=1).sum())
    cut = (
        [f"{beyond} of {len(draws)} resamples have a coefficient above {LARGEST:.0e}, and are cut there"]
        if beyond
        else []
    )
    variable = getattr(fitted.form, "variable", None)
    return {
        "id": naming.id,
        "domain": naming.domain,
        "form": fitted.form.name,
        "role": ROLE_OF_FORM.get(fitted.form.name) or ROLE_OF_VARIABLE[str(variable)],
        "coefficients": dict(zip(names, map(float, fitted.coefficients), strict=True)),
        "citation": f"fitted to {len(runs)} runs of {source.name} (SHA-256 {_content(source)})",
        "counts": naming.counts,
        **({"loss_unit": runs.loss_unit} if runs.loss_unit != NATS else {}),
        "compute_convention": "C = 6ND unless the runs say otherwise",
        "data": naming.data or f"the data of {source.name}",
        "tokenizer": naming.tokenizer or "its own tokenizer",
        "source_checked": "own-runs",
        "ranges": ranges_of(runs),
        "notes": [*notes, *cut],
        "fit": summary_of(fitted, runs, draws),
        "runs": kept_runs(fitted, runs),
        "draws": {"order": names, "shape": list(table.shape), "data": base64.b64encode(table.tobytes()).decode()},
    }


def with_forecast(law: Mapping[str, Any], forecast: Mapping[str, Any]) -> dict[str, Any]:
    """The law file with the set of laws that answers, which takes the place of draws of its coefficients."""
    kept = {name: value for name, value in law.items() if name != "draws"}
    return {**kept, "notes": [*law["notes"], *forecast["warnings"]], "forecast": dict(forecast)}


def _content(source: Path) -> str:
    """The table's digest, read once for all of its curves."""
    with contextlib.suppress(OSError):
        stat = source.stat()
        return _digest_of(source, stat.st_mtime_ns, stat.st_size)
    return digest(source)


@functools.cache
def _digest_of(source: Path, _changed: int, _size: int) -> str:
    return digest(source)


def ranges_of(runs: Runs) -> dict[str, list[float]]:
    """Least and largest of what the runs span, also of tokens a parameter."""
    columns = {name: runs.columns[name] for name in ("params", "tokens", "compute", "unique_tokens") if runs.has(name)}
    if "params" in columns and "tokens" in columns:
        columns["tokens_per_param"] = columns["tokens"] / columns["params"]
    return {name: [float(c.min()), float(c.max())] for name, c in columns.items() if c.min() < c.max()}


def summary_of(fitted: Fit, runs: Runs, draws: Array) -> dict[str, Any]:
    """What was minimised and how it ended, for readers and for `refit`."""
    residuals = fitted.residuals
    return {
        "objective": fitted.objective.name,
        "delta": float(fitted.objective.delta),
        "sum": float(fitted.value),
        "rows": len(runs),
        "excluded": len(runs.excluded),
        "rms": float(np.sqrt(np.mean(residuals**2))),
        "robust_sigma": float(robust_sigma(residuals)),
        "basins": [{"sum": float(b.value), "starts": int(b.starts)} for b in fitted.basins],
        "correlations": correlations(draws),
    }


def correlations(draws: Array) -> list[list[float]]:
    """How coefficients move together over the draws; 0 for one that does not move."""
    if len(draws) < 2:
        return []
    scatter = draws - draws.mean(axis=0)
    size = np.sqrt(np.einsum("dm,dm->m", scatter, scatter))
    table = np.einsum("di,dj->ij", scatter, scatter) / np.maximum(np.outer(size, size), np.finfo(float).tiny)
    rounded: list[list[float]] = np.round(table, 4).tolist()
    return rounded


def kept_runs(fitted: Fit, runs: Runs) -> dict[str, list[float]]:
    """The runs themselves, where they are few enough to travel with the law."""
    if len(runs) > KEPT_RUNS:
        return {}
    weight = ["weight"] if runs.has("weight") else []
    return {name: runs.columns[name].tolist() for name in (*fitted.form.inputs, "loss", *weight)}


def write(law: dict[str, Any], path: Path) -> int:
    """Writes a law file whole or not at all; its size in bytes."""
    return write_whole(encoded(law), path)


def encoded(law: Mapping[str, Any]) -> bytes:
    """The bytes of a law file."""
    return msgspec.json.format(msgspec.json.encode(law), indent=1) + b"\n"
