"""The law of a sweep from its records: which readings it is fitted to, and how its irreducible loss gets an interval.

Needs no torch.
"""

from __future__ import annotations

import dataclasses
import time
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trainer.domains.collected.base import Collected
from trainer.estimation.fit import Fit, Rows, fit
from trainer.estimation.forms.power import Additive
from trainer.estimation.problem import pinned
from trainer.files import Refusal
from trainer.forecast.forecaster import kept_forecast
from trainer.laws.lawfile import Naming, law_of, with_forecast, write
from trainer.sweep.config import SweepConfig
from trainer.sweep.law.frontier import frontier
from trainer.sweep.law.posterior import FORM_PARTS, Posterior, Readings, posterior
from trainer.sweep.records import RunRecord, read_records
from trainer.tables.runs import Excluded, Runs, read_runs

WARMUPS = 8.0
"""A reading at fewer tokens than so many warm-ups is of the start, not of the law: it is kept in the records, and not
fitted.
"""
START_STEPS, START_PART = 1000, 0.12
"""A loss falls off the law's trend while a model learns where to look, for some thousand steps whatever the data:
readings before that step are not fitted either; of a run too short to do without them, those before this part of it.
"""
DRAWS = 4000
LEAST_PARAMS = 1000
"""Models with fewer weights in attention and MLP are off the trend of the larger ones."""


class Unfitted(Refusal):
    """Too few readings of a sweep are left to fit its law to; the message says why."""


STUCK = 5.0
"""A run that ends further above the best of its size than so many times what is usual between seeds has not left a
plateau.
"""


def left_out(records: list[RunRecord]) -> list[str]:
    """Why the law is not fitted to each record; empty where it is."""
    plateau = stuck(records)
    return [
        unfit(record) or ("a run that is stuck on a plateau" if record.run in plateau else "") for record in records
    ]


def stuck(records: list[RunRecord]) -> set[str]:
    """Runs far above others that differ from them in their seed alone."""
    last = {r.run: r for r in records if r.loss is not None and r.tokens == r.config.tokens}
    best: dict[int, float] = {}
    for r in last.values():
        best[r.params] = min(best.get(r.params, np.inf), r.loss or np.inf)
    above = {name: (r.loss or np.inf) - best[r.params] for name, r in last.items()}
    gaps = [gap for gap in above.values() if gap > 0]
    return {name for name, gap in above.items() if gap > STUCK * float(np.median(gaps))} if gaps else set()


def unfit(record: RunRecord) -> str:
    """Why a law is not fitted to this record, whatever the others say."""
    if record.loss is None:
        return record.status
    if record.tokens < WARMUPS * record.config.warmup * record.config.tokens:
        return f"read before {WARMUPS:g} warm-ups were over"
    if record.tokens < min(START_STEPS * record.config.tokens_per_step, START_PART * record.config.tokens):
        return f"read before step {START_STEPS:,d}, or {START_PART:.0%} of the run"
    return f"fewer than {LEAST_PARAMS} parameters" if record.params < LEAST_PARAMS else ""


def readings(records: list[RunRecord]) -> Readings:
    """What the posterior is computed from.

    Raises:
        Unfitted: fewer than three sizes or three amounts of data are left.
    """
    usable_records = [r for r, why in zip(records, left_out(records), strict=True) if not why]
    sizes, data = {r.params for r in usable_records}, {r.tokens for r in usable_records}
    if len(sizes) < 3 or len(data) < 3:
        raise Unfitted(
            f"a law needs readings of 3 sizes at 3 amounts of data, and {len(sizes)} and {len(data)} of the sweep's can be used"
        )
    runs = {name: number for number, name in enumerate(dict.fromkeys(r.run for r in usable_records))}
    return Readings(
        params=np.array([r.params for r in usable_records], float),
        tokens=np.array([r.tokens for r in usable_records], float),
        loss=np.array([r.loss for r in usable_records], float),
        run=np.array([runs[r.run] for r in usable_records]),
        seed=np.array([r.config.seed for r in usable_records]),
    )


def free(id_: str) -> str:
    """The id, or where a law that ships has it another, so that both can be asked."""
    taken = Path(str(resources.files("fitted_laws") / "coefficients" / f"{id_}.json")).exists()
    return f"{id_}-own" if taken else id_


def sweep_law(sweep: SweepConfig, folder: Path, year: int | None = None) -> Path:
    """L(N, D) of the records in the folder, as a law file beside them."""
    source = folder / "runs.jsonl"
    id_ = free(f"sweep-{year or time.localtime().tm_year}-{sweep.name}")
    path = folder / f"{id_}.json"
    write(law_from(sweep, source, id_), path)
    return path


def law_from(sweep: SweepConfig, source: Path, id_: str) -> dict[str, Any]:
    """The content of the law file of a sweep, fitted to the records in `source`."""
    name = str(sweep.domain.__struct_config__.tag)
    drawn = f"samples of the domain {name}, drawn as {msgspec.json.encode(sweep.domain).decode()}"
    data = sweep.domain.described() if isinstance(sweep.domain, Collected) else drawn
    return law_named(
        source,
        Naming(
            id=id_,
            domain=sweep.law_domain or name,
            counts="non-embedding",
            data=data,
            tokenizer="the domain's own tokens",
        ),
    )


def law_named(source: Path, naming: Naming) -> dict[str, Any]:
    """The content of a law file from records alone; `naming` says what they were trained on."""
    records = read_records(source)
    used = readings(records)
    distribution = posterior(used)
    runs = usable(read_runs(source), records)
    central = centred(distribution, runs)
    law = law_of(central, distribution.draws(DRAWS, 0), runs, source, naming, notes(distribution, runs))
    fitted_runs = len({r.run for r, why in zip(records, left_out(records), strict=True) if not why})
    law["citation"] = law["citation"].replace(f"{len(runs)} runs", f"{len(runs)} readings of {fitted_runs} runs", 1)
    law["fit"]["irreducible_loss"] = {
        "method": "posterior with errors of form and of runs, relative to the excess",
        "low": distribution.quantile(0.05),
        "median": distribution.quantile(0.5),
        "high": distribution.quantile(0.95),
    }
    law["fit"]["envelope"] = frontier(used)
    return with_forecast(law, kept_forecast(runs, distribution.quantile))


def usable(runs: Runs, records: list[RunRecord]) -> Runs:
    """The rows that the law is fitted to; the others with their reasons."""
    reasons = dict(enumerate(left_out(records), start=1))
    left = [Excluded(line, reasons[line]) for line in runs.lines if reasons[line]]
    fitted_rows = runs.where(np.array([not reasons[line] for line in runs.lines]))
    return msgspec.structs.replace(fitted_rows, excluded=[*runs.excluded, *left])


def centred(distribution: Posterior, runs: Runs) -> Fit:
    """The additive law at the posterior's median of E, as the fit that a law file tells of."""
    form = Additive()
    rows = Rows({name: runs.columns[name] for name in form.inputs}, runs.columns["loss"])
    pinned_fit = fit(form, rows, asymptote=pinned(distribution.quantile(0.5)))
    residuals = np.log(runs.columns["loss"]) - np.log(form.value(distribution.central, runs.columns))
    value = pinned_fit.objective.total(residuals, pinned_fit.weights)
    return dataclasses.replace(
        pinned_fit, coefficients=distribution.central, residuals=residuals, value=value, basins=(), bounded=()
    )


def notes(distribution: Posterior, runs: Runs) -> list[str]:
    """Notes of the law file on its interval: how large errors of the form are, and what was left out."""
    return [
        f"the irreducible loss's interval carries errors of the form, here about {distribution.parts @ FORM_PARTS:.1f} times those of runs",
        f"{len(runs)} readings are fitted, {len(runs.excluded)} are left out: the first after a run's start among them",
    ]
