"""The exponents of our laws beside those of Henighan et al. 2020: N_opt ∝ C^β in every domain (their figure 2) is the
headline.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from fitted_laws.catalogue import load
from fitted_laws.laws.law import Law
from fitted_laws.laws.laws import Laws
from fitted_laws.solving.optimum import SurfaceOptimum, surface_of
from trainer.estimation.objective import Array
from trainer.studies.study import Finding, Records, Study, interval

PAPER = "henighan-2020"
WIDEST = 1.0


def surfaces(laws: Laws) -> list[Law]:
    """Our laws that are surfaces, by domain: of the transformer, not those that answer by name alone."""
    return sorted(
        (law for law in laws if law.first.source_checked == "own-runs" and law.has("surface") and not law.only_by_name),
        key=lambda law: law.domain.id,
    )


def exponents(law: Law) -> dict[str, Array]:
    """alpha of L(N), alpha of L(C), and β of N_opt, each (1 + draws,) (H22 eqs 4, 10); in the middle of its runs where a law bends."""
    best = surface_of(law, None)
    if isinstance(best, SurfaceOptimum):
        form = best.surface
        by_role = {"alpha_N": form.alpha, "alpha_C": form.frontier().alpha, "beta": form.params_exponent}
    else:
        middle = {name: np.sqrt([low * high]) for name, (low, high) in law.relations["surface", None].ranges.items()}
        growth, gain = best.exponents(middle["compute"])
        by_role = {"alpha_N": best.surface.size.exponent(np.log(middle["params"])), "alpha_C": gain, "beta": growth}
    return {name: np.ravel(values) for name, values in by_role.items()}


def enveloped(law: Law) -> dict[str, float | str]:
    """β through the envelope of the readings, and that of a line from the grid's first corner to its last, which an
    envelope is drawn to.
    """
    relation = law.relations["surface", None]
    envelope = relation.fit.get("envelope", {})
    if envelope.get("optimum") is None:
        return {}
    (least, most), (cheapest, dearest) = relation.ranges["params"], relation.ranges["compute"]
    corners = float(np.log(most / least) / np.log(dearest / cheapest))
    return {
        "beta_of_envelope": envelope["optimum"],
        "beta_of_envelope_low": envelope["optimum_low"],
        "beta_of_envelope_high": envelope["optimum_high"],
        "beta_of_corners": corners,
    }


def printed(laws: Laws, domain: str) -> dict[str, float]:
    """The paper's, where it has the domain; H writes N_opt = (C/C0)^β."""
    law = next((law for law in laws if law.id == PAPER and law.domain.id == domain), None)
    roles = {"alpha_N": ("converged", "alpha"), "alpha_C": ("frontier", "alpha"), "beta": ("allocation", "beta")}
    return (
        {}
        if law is None
        else {name: law.relations[role, None].coefficients[letter] for name, (role, letter) in roles.items()}
    )


def find(records: Records) -> Finding:
    """Reads the frozen laws, not the records: each is fitted again from its own by a test."""
    del records
    laws = load(check=False)
    rows: list[dict[str, float | str]] = []
    bars: list[tuple[str, dict[str, float], dict[str, float]]] = []
    for law in surfaces(laws):
        ours, theirs = exponents(law), printed(laws, law.domain.id)
        row: dict[str, float | str] = {f"{name}_paper": value for name, value in theirs.items()}
        for name, column in ours.items():
            row |= interval(name, column)
        rows.append({"domain": law.domain.id, **row, **enveloped(law)})
        bars.append((law.domain.id, interval("beta", ours["beta"]), theirs))
    every = sorted({law.domain.id for law in laws if law.id == PAPER} - {name for name, _, _ in bars})
    shown = [*bars, *((name, {}, printed(laws, name)) for name in every)]

    def draw(axes: Axes) -> None:
        for y, (_, ours, theirs) in enumerate(reversed(shown)):
            if ours:
                low, high = ours["beta_low"], min(WIDEST, ours["beta_high"])
                axes.plot([low, high], [y, y], color="C0", linewidth=3)
                axes.plot(ours["beta"], y, "o", color="C0", label="ours, 90 %" if y == len(shown) - 1 else None)
            if theirs:
                axes.plot(theirs["beta"], y, "D", color="C1", label="Henighan et al. 2020" if y == 0 else None)
        axes.set_yticks(range(len(shown)), [name for name, _, _ in reversed(shown)])
        axes.set(xlabel="β of N_opt ∝ C^β", xlim=(0, WIDEST))

    inside = sum(ours["beta_low"] <= theirs["beta"] <= ours["beta_high"] for _, ours, theirs in bars if theirs)
    compared = sum(bool(theirs) for _, _, theirs in bars)
    return Finding(
        rows=rows,
        numbers={},
        says=f"The paper's β lies in our 90 % interval in {inside} of {compared} domains. Our models are a thousand times smaller and more",
        draw=draw,
    )


STUDY = Study(
    title="How the optimal size grows with compute, by domain",
    records=(),
    paper="β between 0.64 and 0.75 in every domain, near 0.7 (figure 2)",
    find=find,
)
