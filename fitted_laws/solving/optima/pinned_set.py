"""A set of laws solved again with the irreducible loss pinned: each law keeps what it says of the runs as far as that E lets it."""

from __future__ import annotations

import numpy as np

from fitted_laws.forms import Values, WarpedPowerLaw
from fitted_laws.laws.law import Drawn
from fitted_laws.quantities.problems import Incapable

MOST_ROWS = 64
SCALE = 0.003
"""A law keeps its losses of the runs to .3 %, where it can."""
SPREADS = np.array([1.0, 0.3, 0.3, 0.3, 1.0, 0.3, 0.3, 0.3, 0.3])
"""How far its levels, exponents and k may move for that, in e-folds."""
TURNS = 40
NAMES = ("a", "alpha_0", "alpha_1", "alpha_2", "b", "beta_0", "beta_1", "beta_2", "k")


def pinned_set(drawn: Drawn[WarpedPowerLaw], irreducible: float) -> Drawn[WarpedPowerLaw]:
    """The laws at this E: levels, exponents and k of each by least squares on its own losses at the runs, damped (Levenberg and Marquardt).

    Raises:
        Incapable: no runs are kept with it, or a run's loss is not above `irreducible`.
    """
    relation, form = drawn.relation, drawn.form
    runs = {name: np.array(relation.runs.get(name, [])) for name in ("params", "tokens", "loss")}
    if not len(runs["loss"]):
        raise Incapable(
            f"irreducible_loss= cannot be pinned on {relation.id}: its laws are solved again on its runs, and none are frozen with it"
        )
    order = np.argsort(runs["params"] * runs["tokens"], kind="stable")
    rows = order[np.unique(np.linspace(0, len(order) - 1, min(len(order), MOST_ROWS)).round().astype(int))]
    x, y = np.log(runs["params"][rows]), np.log(runs["tokens"][rows])
    lowest = float(runs["loss"].min())
    if irreducible >= lowest:
        raise Incapable(
            f"irreducible_loss must be below {lowest:.6g}, the lowest loss of the runs of {relation.id}; got {irreducible}"
        )
    bases = form.size.basis(x), form.data.basis(y)
    theta = start = np.log(
        np.hstack(
            [
                np.exp(form.a),
                *(getattr(form, n) for n in NAMES[1:4]),
                np.exp(form.b),
                *(getattr(form, n) for n in NAMES[5:]),
            ]
        )
    )
    target = np.log(form.E + form.term(x, y))
    damping = np.full((len(theta), 1), 1e-2)
    cost, gradient, curvature = local(theta, start, target, irreducible, bases)
    for _ in range(TURNS):
        step = np.linalg.solve(
            curvature + damping[:, :, None] * np.eye(len(NAMES)) * np.einsum("mpp->mp", curvature)[:, None],
            -gradient[..., None],
        )[..., 0]
        new = local(theta + step, start, target, irreducible, bases)
        better = new[0] < cost
        theta = np.where(better[:, None], theta + step, theta)
        gradient, curvature = (
            np.where(better[:, None], new[1], gradient),
            np.where(better[:, None, None], new[2], curvature),
        )
        cost, damping = (
            np.where(better, new[0], cost),
            np.where(better[:, None], damping / 5, damping * 4).clip(1e-9, 1e9),
        )
    solved = dict(zip(NAMES, np.exp(theta.T)[..., None], strict=True)) | {"a": theta[:, [0]], "b": theta[:, [4]]}
    kept = {name: getattr(form, name) for name in form.__struct_fields__}
    return Drawn(
        relation, drawn.source, SOLVED, WarpedPowerLaw(**{**kept, **solved, "E": np.full((len(theta), 1), irreducible)})
    )


SOLVED = "each law of the set is solved again, at this irreducible loss, on the runs kept with it"


def local(
    theta: Values, start: Values, target: Values, floor: float, bases: tuple[Values, Values]
) -> tuple[Values, Values, Values]:
    """Cost (m,), gradient (m, p) and Gauss and Newton's curvature (m, p, p) of each law's distance from its own losses and coordinates."""
    k = np.exp(theta[:, [8]])
    logs = [(theta[:, [4 * axis]] - np.exp(theta[:, 4 * axis + 1 : 4 * axis + 4]) @ bases[axis]) / k for axis in (0, 1)]
    total = np.logaddexp(*logs)
    parts = [np.exp(each - total) for each in logs]
    loss = floor + np.exp(np.minimum(k * total, 50.0))
    by = 1 - floor / loss
    slopes = np.empty((*loss.shape, len(NAMES)))
    for axis in (0, 1):
        slopes[..., 4 * axis] = by * parts[axis]
        steps = np.exp(theta[:, 4 * axis + 1 : 4 * axis + 4])
        slopes[..., 4 * axis + 1 : 4 * axis + 4] = -(by * parts[axis])[..., None] * steps[:, None] * bases[axis].T
    slopes[..., 8] = by * k * (total - parts[0] * logs[0] - parts[1] * logs[1])
    off, moved = (target - np.log(loss)) / SCALE, theta - start
    precision = SPREADS**-2.0
    return (
        (off**2).sum(axis=1) + (precision * moved**2).sum(axis=1),
        -np.einsum("mnp,mn->mp", slopes, off) / SCALE + precision * moved,
        np.einsum("mnp,mnq->mpq", slopes, slopes) / SCALE**2 + np.diag(precision),
    )
