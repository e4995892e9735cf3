"""The law of two cores asked about runs on a card, dozens to thousands of times its largest compute. Asked after they were trained.

The runs are a throw-away prototype's: what the trainer's steps on a card compute, with none of its records of how. Its products were
half precision, which its records do not say.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from fitted_laws import ask
from fitted_laws.catalogue import shipped
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, last_readings

LAW, ASKED = "language", "language-h100-prototype"
"""The sweep whose law is asked, and the runs that it is asked about."""


def comparable(records: Records) -> list[tuple[int, int, float]]:
    """Parameters, seed and loss of each run: the mean over the first places, as many as the law's runs had of context."""
    places = records[LAW][0].config.domain.length
    return [
        (r.params, r.config.seed, float(np.mean(r.by_place[:places])))
        for r in last_readings(records[ASKED])
        if r.tokens == r.config.tokens
    ]


def forecasts(params: list[int], tokens: int) -> tuple[Array, Array, Array]:
    """The loss of one new run of each size, and its 90 % interval."""
    asked: dict[str, Any] = {"domain": "language", "law": f"sweep-2026-{LAW}", "params": params, "tokens": tokens}
    columns = ask("loss", shipped(), **asked, interval="run").columns
    loss, low, high = (np.ravel(columns[name]) for name in ("loss", "loss_low", "loss_high"))
    return loss, low, high


def find(records: Records) -> Finding:
    """A row a size: what was foretold, what each seed came to."""
    runs = comparable(records)
    params, tokens = sorted({n for n, _, _ in runs}), records[ASKED][-1].config.tokens
    foretold, low, high = forecasts(params, tokens)
    trained = {n: [loss for size, _, loss in runs if size == n] for n in params}
    largest = max(r.compute for r in records[LAW])
    places = records[LAW][0].config.domain.length
    rows: list[dict[str, float | str]] = [
        {
            "params": n,
            "times_its_compute": 6 * n * tokens / largest,
            "foretold": float(foretold[i]),
            "low": float(low[i]),
            "high": float(high[i]),
            **{f"trained_{seed}": loss for seed, loss in enumerate(trained[n])},
            "error_percent": 100 * float(foretold[i] / np.mean(trained[n]) - 1),
        }
        for i, n in enumerate(params)
    ]
    inside = float(np.mean([low[i] <= loss <= high[i] for i, n in enumerate(params) for loss in trained[n]]))
    errors = [float(row["error_percent"]) for row in rows]

    def draw(axes: Axes) -> None:
        axes.fill_between(params, low, high, alpha=0.2, label="90 % for a new run")
        axes.semilogx(params, foretold, label=f"foretold by sweep-2026-{LAW}")
        axes.semilogx([n for n, _, _ in runs], [loss for _, _, loss in runs], "o", label="trained")
        axes.set(xlabel="parameters of attention and MLP", ylabel=f"loss over the first {places} bytes, nats a byte")

    return Finding(
        rows=rows,
        numbers={
            "inside": inside,
            "mean_error_percent": float(np.mean(errors)),
            "tokens": tokens,
            "largest_compute_of_law": largest,
        },
        says=f"Asked about runs of {rows[0]['times_its_compute']:,.0f} to {rows[-1]['times_its_compute']:,.0f} times the compute of its largest, "
        f"after they were trained, the law of two cores was {min(errors):.1f} to {max(errors):.1f} % high, and its 90 % intervals for a new run "
        f"held {100 * inside:.0f} % of {len(runs)}",
        draw=draw,
    )


STUDY = Study(
    title="The law of two cores, asked about runs on a GPU",
    records=(ASKED, LAW),
    paper="Its fits are shown with the runs that they were fitted to",
    find=find,
)
