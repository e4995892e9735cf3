"""Loss against the weights that remain after magnitude pruning, at once and after a short retraining (`pruning` makes the records).

A model is compared with itself: losses over that of the unpruned one, retrained as long where the pruned one is.
`loss` and its `dense_params` answer by the LSTMs, in the form of Frantar et al. 2023: what of the loss is due to size, by the weights that remain.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, powers, relation, resamples
from trainer.sweep.law.law import readings
from trainer.sweep.law.posterior import posterior
from trainer.sweep.records import RunRecord

LADDERS = {"lstm": "LSTM on text", "convolution": "convolution on images", "transformer": "transformer on images"}
"""By the architecture of the runs."""
SETTLED = np.array([0.25, 0.5, 0.75])
"""Shares from which all runs settled again; without nine tenths of the weights three of ten LSTMs did not."""
POWERS = np.geomspace(0.05, 50, 400)
"""b_S that are tried."""


def ratio(record: RunRecord, share: float, *, retrained: bool) -> float:
    """ln of the loss with the share pruned, over that with nothing pruned after as many steps."""
    by = {(each.share, each.steps > 0): each.loss for each in record.pruned or []}
    return float(np.log(by[share, retrained] / by[0.0, retrained]))


def shares(records: list[RunRecord]) -> list[float]:
    return sorted({each.share for r in records for each in r.pruned or []} - {0.0})


def ladders(records: list[RunRecord]) -> Iterator[tuple[str, list[RunRecord]]]:
    """Those that are in the records, by architecture."""
    for kind in LADDERS:
        own = [r for r in records if r.config.shape.kind == kind]
        if own:
            yield kind, own


def growth(records: list[RunRecord], share: float, *, retrained: bool) -> Array:
    """How the loss ratio's excess grows with N: the power of a line through the runs, of all and of resamples."""
    excess = np.array([[max(np.expm1(ratio(r, share, retrained=retrained)), 1e-5)] for r in records])
    return -powers(excess, np.array([[float(r.params)] for r in records]))[:, 1]


def find(records: Records) -> Finding:
    own = records["pruned-lstm"] + records["pruned-convolution"]
    rows: list[dict[str, float | str]] = []
    numbers: dict[str, float] = {}
    for kind, ladder in ladders(own):
        for params in sorted({r.params for r in ladder}):
            size = [r for r in ladder if r.params == params]
            row: dict[str, float | str] = {"ladder": LADDERS[kind], "params": params}
            row["loss"] = float(np.mean([r.loss or np.nan for r in size]))
            for share in shares(ladder):
                for name, retrained in (("", False), ("_retrained", True)):
                    mean = np.mean([ratio(r, share, retrained=retrained) for r in size])
                    row[f"percent_above_at_{share:.0%}{name}".replace("%", "")] = float(100 * np.expm1(mean))
            rows.append(row)
        for share in shares(ladder):
            every = np.array([ratio(r, share, retrained=True) for r in ladder])
            means = np.array([np.average(every, weights=w) for w in resamples(len(every))])
            numbers |= interval(f"{kind}_percent_above_at_{100 * share:.0f}_retrained", 100 * np.expm1(means))
        numbers |= interval(f"{kind}_growth_with_size_at_50_retrained", growth(ladder, 0.5, retrained=True))
    table = coefficients(records["pruned-lstm"], records["language-lstm"])
    for share, worth in zip(SETTLED.tolist(), dense_multiples(table).T, strict=True):
        numbers |= interval(f"lstm_dense_multiple_at_{100 * share:.0f}_retrained", worth)
    return Finding(
        rows=rows,
        numbers=numbers,
        says=sentence(numbers),
        relations=[leaf(records["pruned-lstm"], table)],
        draw=lambda axes: plotted(axes, own),
    )


COEFFICIENTS = ("c", "a_S", "b_S", "c_S", "b_N", "a_D", "b_D")


def coefficients(ladder: list[RunRecord], dense: list[RunRecord]) -> Array:
    """Those of `SparseWeights`, (1 + draws, 7), the fit first.

    Each draw takes a law of the unpruned ladder's posterior and a resample of the pruned runs. The law says what of each run's loss is due to
    its size; a_S, b_S and c_S are least squares on how many times that is what pruning left of it.
    """
    distribution, weights = posterior(readings(dense)), resamples(len(ladder))
    floor, size, data, alpha, beta = np.vstack([distribution.central, distribution.draws(len(weights) - 1, 0)]).T
    params, tokens = (np.array([getattr(r, name) for r in ladder], float) for name in ("params", "tokens"))
    of_size = size[:, None] / params ** alpha[:, None]
    rest = floor[:, None] + data[:, None] / tokens ** beta[:, None]
    ratios = np.exp([[ratio(r, share, retrained=True) for share in SETTLED.tolist()] for r in ladder])
    left = ((of_size + rest)[..., None] * ratios - rest[..., None]) / of_size[..., None]
    shrunk = left * (1 - SETTLED) ** alpha[:, None, None]
    mean = np.einsum("dr,drs->ds", weights, shrunk) / weights.sum(axis=1, keepdims=True)
    gone = 1 - (1 - SETTLED) ** POWERS[:, None]
    parts = (1 - mean) @ gone.T / (gone**2).sum(axis=1)
    squares = ((1 - mean)[:, None] - parts[..., None] * gone) ** 2
    best = squares.sum(axis=-1).argmin(axis=1)
    part = parts[np.arange(len(best)), best]
    return np.column_stack([floor, part * size, POWERS[best], (1 - part) * size, alpha, data ** (1 / beta), beta])


def dense_multiples(table: Array) -> Array:
    """How many times the remaining weights a dense model of the same loss has, (1 + draws, shares)."""
    _, a_s, b_s, c_s, b_n, _, _ = table.T[..., None]
    return np.asarray(((a_s + c_s) / (a_s * (1 - SETTLED) ** b_s + c_s)) ** (1 / b_n))


def leaf(ladder: list[RunRecord], table: Array) -> dict[str, Any]:
    """The relation that `loss` reads: params are the weights that remain."""
    most, least = max(r.params for r in ladder), min(r.params for r in ladder)
    tokens = max(r.tokens for r in ladder)
    spans = {
        "params": [float(least * (1 - SETTLED[-1])), float(most)],
        "tokens": [0.99 * tokens, 1.01 * tokens],
        "sparsity": [0.0, float(SETTLED[-1])],
    }
    notes = [REMAINING, AFTER]
    return relation(
        "surface", "sparse-weights", COEFFICIENTS, table, ranges=spans, notes=notes, examples=[measured(ladder)]
    )


def measured(ladder: list[RunRecord], share: float = 0.5) -> dict[str, Any]:
    """What runs of the middle size lose with a share pruned, as an example that the law must give."""
    middle = sorted({r.params for r in ladder})[len({r.params for r in ladder}) // 2]
    losses = [(r.loss or np.nan) * np.exp(ratio(r, share, retrained=True)) for r in ladder if r.params == middle]
    return {
        "question": "loss",
        "inputs": {"params": middle * (1 - share), "tokens": float(ladder[0].tokens), "sparsity": share},
        "expected": {"loss": round(float(np.mean(losses)), 4)},
        "tolerance": 0.03,
        "enforce": True,
        "source": "the mean of this size's runs, in trainer/runs/pruned-lstm.jsonl",
    }


REMAINING = (
    "sparsity is the share of weights between embedding and head that are zero; "
    "params are those that are not, and compute is 6 × those × tokens"
)
AFTER = (
    "weights are pruned by magnitude at the end of training and the rest trained for a twentieth of the steps again: compute counts neither, "
    "and training was of the dense model; only runs of one length were pruned, so tokens are of the dense ladder's law"
)


def sentence(numbers: dict[str, float]) -> str:
    """The finding in words, ladder by ladder."""
    parts = []
    for kind, name in LADDERS.items():
        if f"{kind}_percent_above_at_50_retrained" in numbers:
            half, most = (numbers[f"{kind}_percent_above_at_{share}_retrained"] for share in (50, 90))
            key = f"{kind}_growth_with_size_at_50_retrained"
            slope, low, high = (f"{numbers[key + end]:.2f}" for end in ("", "_low", "_high"))
            parts.append(
                f"{name}: the loss is {half:.1f} % higher without half of the weights, which goes as N^{slope} (90 %: {low} to {high}), "
                f"and {most:.0f} % higher without nine tenths"
            )
    worth, low, high = (f"{numbers[f'lstm_dense_multiple_at_50_retrained{end}']:.2f}" for end in ("", "_low", "_high"))
    parts.append(
        f"An LSTM pruned to half has the loss of a dense one with {worth} times the weights that remain (90 %: {low} to {high})"
    )
    return f"Magnitude pruning, then a twentieth of the training again. {'. '.join(parts)}"


def plotted(axes: Axes, records: list[RunRecord]) -> None:
    """Losses by the weights that remain, each size's at once (dotted) and retrained."""
    for number, (kind, ladder) in enumerate(ladders(records)):
        for at, params in enumerate(sorted({r.params for r in ladder})):
            size = [r for r in ladder if r.params == params]
            parts = [0.0, *shares(ladder)]
            for retrained, line in ((False, ":"), (True, "-")):
                losses = [
                    np.mean(
                        [p.loss for r in size for p in r.pruned or [] if p.share == part and (p.steps > 0) == retrained]
                    )
                    for part in parts
                ]
                label = LADDERS[kind] if retrained and not at else None
                axes.loglog((1 - np.array(parts)) * params, losses, line, color=f"C{number}", label=label)
    axes.set(xlabel="remaining weights between embedding and head", ylabel="loss, nats a token")


STUDY = Study(
    title="Pruning a trained ladder",
    records=("language-lstm", "pruned-lstm", "pruned-convolution"),
    paper="Left open: how the trends change as models are pruned",
    find=find,
    law="pruned",
)
