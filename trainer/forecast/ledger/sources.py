"""What a forecast can be made from: a law file, a law that ships, or a table of runs, by the same doors as any other
answer.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from fitted_laws import load
from fitted_laws.catalogue import ask, shipped
from fitted_laws.laws.laws import Laws
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.quantities.spelling import read
from trainer.files import content_of
from trainer.forecast.family.errors import FREEDOM
from trainer.forecast.forecaster import Unforecastable, forecaster, variable_of
from trainer.tables.formats.contents import is_law
from trainer.tables.reading import QUANTITIES, UnreadableRuns
from trainer.tables.runs import Runs, read_runs

from .entries import LEVELS, Expected, ForecastSource, Interval
from .predictive import of_interval

WIDE = 0.9
"""The level whose interval sets a declared scale."""


def expected(source: str, inputs: Mapping[str, str], options: Mapping[str, str]) -> Expected:
    """What `source`, a file of a law or of runs or a shipped law's id, says of a run with these inputs.

    Raises:
        Unforecastable: no distribution follows, so that no score could.
    """
    path = Path(source)
    if is_law(path):
        return of_law(load([path], shipped=False), path, inputs, options)
    if path.suffix or path.exists():
        return of_runs(path, inputs, options.get("curve", ""))
    laws = shipped()
    named = laws.named(source)
    return of_law(laws, None, inputs, {"domain": named[0].domain.id, **options, "law": source})


def of_law(laws: Laws, path: Path | None, inputs: Mapping[str, str], options: Mapping[str, str]) -> Expected:
    """The answer of the question `loss`, for one new run where the law holds residuals, else for the law."""
    only = next(iter(laws))
    domain, law = options.get("domain", only.domain.id), options.get("law", only.id)
    kind: Literal["run", "mean"] = "run"
    try:
        answers = _asked(laws, kind, {"domain": domain, "law": law, **inputs})
    except Unanswerable:  # it holds no residuals, most often; what else is wrong the other question says as well
        kind = "mean"
        answers = _asked(laws, kind, {"domain": domain, "law": law, **inputs})
    intervals = [
        Interval(level, answer["loss_low"], answer["loss_high"])
        for level, answer in answers.items()
        if answer["loss_low"] is not None
    ]
    if len(intervals) < len(LEVELS) or not all(each.low < each.high for each in intervals):
        raise Unforecastable(
            f"{law} gives no interval there, so nothing could be scored: expected a law with draws, or runs"
        )
    answer = answers[WIDE]
    wide = next(each for each in intervals if each.level == WIDE)
    relations = [relation for each in laws if each.id == law for relation in each.relations.values()]
    forecast = next((relation.forecast for relation in relations if relation.forecast), None)
    freedom = forecast.freedom if forecast and "forecast" in str(answer["interval_source"]) else 0.0
    digest = hashlib.sha256(content_of(path)).hexdigest() if path else answer["catalogue"]
    source = ForecastSource(kind="law", name=law, file=path.name if path else "", digest=digest, domain=domain)
    echoed = {
        name: answer[name]
        for name in ("params", "tokens", "compute", *inputs)
        if isinstance(answer.get(name), float | int | str)
    }
    return Expected(
        source=source,
        inputs=echoed,
        loss=answer["loss"],
        of=kind,
        intervals=intervals,
        distribution=of_interval(wide.low, wide.high, WIDE, freedom),
        warnings=[str(warning) for warning in answer["warnings"]],
    )


def _asked(laws: Laws, kind: str, inputs: Mapping[str, str]) -> dict[float, dict[str, Any]]:
    return {level: ask("loss", laws, **inputs, level=level, interval=kind).plain() for level in LEVELS}


def of_runs(path: Path, inputs: Mapping[str, str], curve: str) -> Expected:
    """The forecast that `backtest` tests: the set of laws that the runs give."""
    runs = read_runs(path)
    curves = runs.by_curve()
    if not curve and len(curves) == 1:
        curve = next(iter(curves))
    if curve not in curves:
        raise UnreadableRuns(
            f"{path} holds the curves {', '.join(curves)}: expected one of them as --curve, got {curve or 'none'}"
        )
    part = curves[curve]
    ahead = run_of(inputs, variable_of(part))
    family = forecaster(part)
    forecast = family.forecast(ahead)
    ends = [(level, *forecast.ends(level)) for level in LEVELS]
    intervals = [Interval(level, float(np.exp(low[0])), float(np.exp(high[0]))) for level, low, high in ends]
    wide = next(each for each in intervals if each.level == WIDE)
    return Expected(
        source=ForecastSource(
            kind="runs",
            name=path.stem,
            file=path.name,
            digest=hashlib.sha256(content_of(path)).hexdigest(),
            curve=curve,
        ),
        inputs={name: float(column[0]) for name, column in ahead.columns.items()},
        loss=float(np.exp(forecast.log_loss[0])),
        of="run",
        intervals=intervals,
        distribution=of_interval(wide.low, wide.high, WIDE, FREEDOM),
        warnings=list(family.warnings),
    )


def run_of(inputs: Mapping[str, str], variable: str) -> Runs:
    """The run that is to be forecast, as a table of one."""
    columns = {name: np.array([read(value, QUANTITIES[name])]) for name, value in inputs.items() if name in QUANTITIES}
    if {"params", "tokens"} <= {*columns} and "compute" not in columns:
        columns["compute"] = 6 * columns["params"] * columns["tokens"]
    wanted = {variable} if variable else {"params", "tokens"}
    unknown = {*inputs} - {*QUANTITIES}
    if unknown or not wanted <= {*columns}:
        raise UnreadableRuns(
            f"expected {' and '.join(f'--{name}' for name in sorted(wanted))} of the run to forecast, got {', '.join(inputs) or 'none'}"
        )
    return Runs(columns=columns, labels={}, lines=[1])
