"""Loss by position in the context (H eq E.3): a power of the position between the loss without context and that far
into it.

The limit by size is a power without a constant, as H's L(N) of language is: over one decade of sizes a constant is not
determined.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from scipy import optimize

from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval, last_readings, relation, resamples

NAMES = ("U", "p", "E", "x0", "alpha")
NEWTON_STEPS, STEP, RIDGE, BLOCKS = 8, 1e-6, 1e-9, 40
FIRST = 1
"""The first place, without any context, is U itself."""


def expected(theta: Array, place: Array, params: Array) -> Array:
    """(…, runs, places) of (…, 4): U, ln p, ln of the limit at the geometric mean of sizes, ln alpha."""
    u, scale = theta[..., 0, None, None], np.exp(theta[..., 2, None])
    p, alpha = np.exp(theta[..., 1, None, None]), np.exp(theta[..., 3, None])
    far = (scale * (params / middle(params)) ** -alpha)[..., None]
    return np.asarray(far + (u - far) / place**p)


def middle(params: Array) -> float:
    return float(np.exp(np.log(params).mean()))


def refitted(start: Array, place: Array, params: Array, loss: Array, weights: Array) -> Array:
    """Least squares for each row of weights of runs, (draws, 5), by Gauss and Newton's steps from the fit to all."""
    theta = np.repeat(start[None], len(weights), axis=0)
    for _ in range(NEWTON_STEPS):
        here = expected(theta, place, params)
        slopes = np.stack(
            [(expected(theta + STEP * unit, place, params) - here) / STEP for unit in np.eye(len(start))], axis=-1
        )
        normal = np.einsum("drti,dr,drtj->dij", slopes, weights, slopes) + RIDGE * np.eye(len(start))
        right = np.einsum("drti,dr,drt->di", slopes, weights, loss - here)
        theta = theta + np.clip(np.linalg.solve(normal, right[..., None])[..., 0], -1, 1)
    return theta


def find(records: Records) -> Finding:
    """One fit to all places of all runs."""
    runs = last_readings(records["language"])
    params = np.array([r.params for r in runs], float)
    loss = np.array([r.by_place for r in runs])
    place = np.arange(FIRST, FIRST + loss.shape[1], dtype=float)
    best = fitted(place, params, loss)
    blocks = np.array_split(resamples(len(runs))[1:], BLOCKS)
    natural = np.concatenate([best[None], *(refitted(best, place, params, loss, block) for block in blocks)])
    power, scale, alpha = np.exp(natural[:, 1:]).T
    x0 = middle(params) * scale ** (1 / alpha)
    drawn = np.column_stack([natural[:, 0], power, np.zeros(len(natural)), x0, alpha])
    off = expected(best, place, params) - loss
    shared = float(np.sqrt(np.mean(off.mean(axis=0) ** 2)))
    own = float(np.sqrt(np.mean((off - off.mean(axis=0)) ** 2)))
    numbers = {
        **interval("power", drawn[:, 1]),
        **interval("unigram_entropy", drawn[:, 0]),
        **interval("alpha", drawn[:, 4]),
        "rms_shared_by_all_sizes": shared,
        "rms_of_each_run": own,
    }
    ranges = {"position": [1.0, float(place[-1])], "context": [2.0, float(place[-1])]}
    return Finding(
        rows=ends(params, loss),
        numbers=numbers,
        says=f"Every size follows one power of the position, p = {drawn[0, 1]:.2f}, to a limit that falls as N^-{drawn[0, 4]:.3f}. "
        f"All sizes miss it alike by {shared:.3f} nats a place, since the test has few windows; each run misses it by {own:.3f} more",
        relations=[relation("position", "position", NAMES, drawn, ranges=ranges)],
        draw=lambda axes: draw(axes, best, place, params, loss),
    )


def fitted(place: Array, params: Array, loss: Array) -> Array:
    """Least squares over all places of all runs: theta (4,) of `expected`."""
    start = np.array([loss[:, 0].mean(), np.log(0.8), np.log(loss[:, -8:].mean()), np.log(0.07)])

    def missed(theta: Array) -> Array:
        return np.ravel(expected(theta, place, params) - loss)

    return np.asarray(optimize.least_squares(missed, start, xtol=1e-12, ftol=1e-12).x)


def ends(params: Array, loss: Array) -> list[dict[str, float | str]]:
    """The table: each size's mean loss at the first place and at the last."""
    rows: list[dict[str, float | str]] = []
    for size in sorted(set(params.tolist())):
        first, last = loss[params == size][:, 0].mean(), loss[params == size][:, -1].mean()
        rows.append({"params": size, "first": float(first), "last": float(last)})
    return rows


def draw(axes: Axes, theta: Array, place: Array, params: Array, loss: Array) -> None:
    """Each size's mean loss against the position, with the fit `theta`."""
    by_run = expected(theta, place, params)
    for k, size in enumerate(sorted(set(params.tolist()))):
        own = params == size
        axes.semilogx(place, loss[own].mean(axis=0), ".", color=f"C{k}", label=f"{size:,.0f}")
        axes.semilogx(place, by_run[own][0], color=f"C{k}")
    axes.set(xlabel="position in the context, bytes", ylabel="loss, nats a byte")


STUDY = Study(
    title="Loss by position in the context",
    records=("language",),
    paper="L(t) = L + (L_U − L)/t^p fits every size; the gain of larger models grows with the position (eqs E.3–E.5)",
    find=find,
    law="language",
)
