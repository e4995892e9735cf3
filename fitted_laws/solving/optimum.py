"""The compute-optimal frontier of a law: derived from its surface where it has one, else from the relations its paper
printed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import AdditivePowerLaw, Form, RepeatedData, ScaledGrowth, Values, WarpedPowerLaw, WarpedRepeats
from fitted_laws.forms.bisection import Basin, basin_of
from fitted_laws.forms.protocols import Conditional, LossCurve, MixedSurface, Surface
from fitted_laws.laws.law import Drawn, Law, rows_of
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.solving.optima.mixed import MixedOptimum
from fitted_laws.solving.optima.pinning import pin, pinned
from fitted_laws.solving.optima.printed import PrintedOptimum, printed_optimum
from fitted_laws.solving.optima.warped import WarpedOptimum

BLOCK = 16_384
"""Numbers of one field that are computed at once, as many as a processor keeps near."""
MOST_PINNED = 16
"""Optima of pinned laws that are kept: their closed forms cost more than what is read off them."""


class Optimum(Protocol):
    """N, D and L at the optimum of a compute budget in FLOP, arrays of shape (1 + draws or 1, rows)."""

    sources: Sequence[Drawn[object]]

    def params(self, compute: Values) -> Values: ...
    def loss(self, compute: Values) -> Values | None: ...
    @property
    def floor(self) -> Values | None: ...
    def compute_for(self, reducible: Values) -> Values: ...
    def basin_about(self, params: Values, compute: Values) -> tuple[Values, Values] | None: ...


class SurfaceOptimum:
    """The optimum of an additive surface at C = 6ND, in closed form (H22 eq 4)."""

    def __init__(self, surface: AdditivePowerLaw, sources: Sequence[Drawn[object]], basin: Basin | None = None) -> None:
        self.surface = surface
        self._basin = basin
        self.sources = sources
        self._frontier = surface.frontier()
        self._growth = surface.growth()
        self._central = ScaledGrowth(x0=self._growth.x0[0], beta=self._growth.beta[0])

    def params(self, compute: Values) -> Values:
        return self._growth.value(compute)

    def central_params(self, compute: Values) -> Values:
        """N_opt of each budget by the published coefficients alone, shape (rows,)."""
        return np.asarray(self._central.value(compute))

    def loss(self, compute: Values) -> Values:
        return self._frontier.value(compute)

    @property
    def floor(self) -> Values:
        return self.surface.floor

    def compute_for(self, reducible: Values) -> Values:
        return self._frontier.inverse(reducible)

    @functools.cached_property
    def basin(self) -> Basin:
        """Sizes at either end of the basin, as ratios to the optimum; the same at every budget."""
        return basin_of(self.surface.overhead) if self._basin is None else self._basin

    def among(self, rows: NDArray[np.intp], sources: Sequence[Drawn[object]]) -> SurfaceOptimum:
        """Of these rows of its coefficients alone."""
        low, high = self.basin
        return SurfaceOptimum(rows_of(self.surface, rows), sources, (low[rows], high[rows]))

    def basin_about(self, params: Values, compute: Values) -> tuple[Values, Values]:  # noqa: ARG002 - one ratio at every budget
        low, high = self.basin
        return low * params, high * params


OfSurface: TypeAlias = SurfaceOptimum | WarpedOptimum
"""The optimum of a law that knows the loss of every size and data."""


class FrontierAlone:
    """L(C) of a law that says nothing of sizes: compute for a loss, and no more."""

    def __init__(self, law: Law, irreducible: float | None = None) -> None:
        drawn = law.drawn("frontier")
        self.sources: Sequence[Drawn[object]] = [drawn]
        self._form: LossCurve = drawn.form if irreducible is None else pin(drawn, irreducible)

    def loss(self, compute: Values) -> Values:
        return np.asarray(self._form.value(compute / self.sources[0].relation.scale))

    @property
    def floor(self) -> Values:
        return self._form.floor

    def compute_for(self, reducible: Values) -> Values:
        """C at which L − L∞ is `reducible`.

        Raises:
            Unanswerable: by its published coefficients the law never gets there.
        """
        compute = self._form.inverse(reducible) * self.sources[0].relation.scale
        if np.isnan(compute[0]).any():
            raise Unanswerable(
                f"by {self.sources[0].relation.id} no compute has this loss: it lies outside what the curve passes through"
            )
        return compute


def optimum(law: Law, irreducible: float | None = None, extras: Extras | None = None) -> Optimum:
    """The frontier of `law`, with its L∞ pinned to `irreducible` where that is given; `extras` gives a form's further
    inputs.

    Raises:
        Incapable: the law holds neither a surface nor an allocation, its L∞ cannot be pinned, or a printed allocation
            is given further inputs.
    """
    surface = surface_in(law)
    if surface is not None:
        return surface_optimum(surface, irreducible, extras)
    if law.has("mixed-surface"):
        return mixed_optimum(law, irreducible, extras)
    require_plain(law, irreducible, extras)
    if irreducible is not None:
        return PrintedOptimum(law, irreducible)
    if law.has("flops-allocation"):
        raise Incapable(f"{law.id} allocates FLOP a token, not parameters; optimal gives its tokens and FLOP a token")
    if law.has("allocation") or law.has("token-allocation"):
        return printed_optimum(law)
    raise Incapable(f"{law.id} holds no allocation for {law.domain.id}: neither a surface L(N, D) nor N_opt(C)")


def mixed_optimum(law: Law, irreducible: float | None = None, extras: Extras | None = None) -> MixedOptimum:
    """The optimum of a law whose surface is not additive; its L∞ cannot be pinned."""
    drawn = law.drawn("mixed-surface")
    if irreducible is not None:
        raise Incapable(f"{law.id} has no runs frozen with it, so its irreducible loss cannot be pinned")
    return MixedOptimum(drawn, extras(drawn.form) if extras else no_extras(drawn))


def require_plain(law: Law, irreducible: float | None, extras: Extras | None) -> None:
    """That a printed allocation is asked for no more than it holds.

    Raises:
        Incapable: further inputs are given, or an L∞ is to be pinned where no loss is printed.
    """
    if extras is not None:
        extras(Form())
    if irreducible is not None and not law.has("frontier"):
        raise Incapable(f"{law.id} prints no loss for {law.domain.id}, so there is no irreducible loss to pin")


Extras: TypeAlias = Callable[[Conditional], dict[str, Values]]
"""The further inputs of a form, by name: none for most."""


def surface_in(law: Law) -> Drawn[Surface] | None:
    """The law's relation that is a surface, where it has one."""
    if law.has("surface"):
        return law.drawn("surface")
    return law.drawn("repeated") if law.has("repeated") else None


def surface_optimum(drawn: Drawn[Surface], irreducible: float | None = None, extras: Extras | None = None) -> OfSurface:
    """The optimum of the surface that `drawn` holds; of repeated data, that of fresh data.

    Raises:
        Incapable: an L∞ is to be pinned, and the surface is not additive, or no runs are frozen with it to solve it
            again on.
    """
    if irreducible is not None:
        best = pinned_optimum(drawn, irreducible)
        if extras is not None:
            extras(best.surface)
        return best
    form = drawn.form
    further = extras(form) if extras else no_extras(drawn)
    if further and not isinstance(form, AdditivePowerLaw | WarpedPowerLaw | WarpedRepeats):
        return SurfaceOptimum(form.additive(**further), [drawn])
    return published_optimum(drawn)


@functools.lru_cache(MOST_PINNED)
def pinned_optimum(drawn: Drawn[Surface], irreducible: float) -> OfSurface:
    """The optimum with L∞ at `irreducible`; kept by the relation itself, not by what it says."""
    again = pinned(drawn, irreducible)
    return of_surface(again.form, [again])


def published_optimum(drawn: Drawn[Surface]) -> OfSurface:
    """The optimum of a surface without further inputs; of repeated data, that of fresh data."""
    found: OfSurface | None = drawn.derived.get(published_optimum)
    if found is None:
        found = (
            _published(drawn) if drawn.part_of is None else published_optimum(drawn.part_of).among(drawn.rows, [drawn])
        )
        drawn.derived[published_optimum] = found
    return found


def _published(drawn: Drawn[Surface]) -> OfSurface:
    form = drawn.form
    if isinstance(form, WarpedRepeats):
        form = form.fresh()
    return of_surface(form if isinstance(form, AdditivePowerLaw | WarpedPowerLaw) else form.additive(), [drawn])


def of_surface(form: AdditivePowerLaw | WarpedPowerLaw, sources: Sequence[Drawn[object]]) -> OfSurface:
    return WarpedOptimum(form, sources) if isinstance(form, WarpedPowerLaw) else SurfaceOptimum(form, sources)


def no_extras(drawn: Drawn[Surface] | Drawn[MixedSurface]) -> dict[str, Values]:
    """No further inputs.

    Raises:
        Incapable: the form needs some, which the question asked cannot give.
    """
    if drawn.form.extras:
        raise Incapable(f"{drawn.relation.id} needs {', '.join(drawn.form.extras)}: loss and optimal take them")
    return {}


def geometric(low: float, high: float, points: int) -> Values:
    """`points` values from `low` to `high`, evenly spaced in the logarithm, both ends exact."""
    values = np.geomspace(low, high, points)
    values[0], values[-1] = low, high
    return values


def surface_of(law: Law, irreducible: float | None, extras: Extras | None = None) -> OfSurface:
    """The surface of `law`, at that irreducible loss (nats/token) where one is pinned.

    Raises:
        Incapable: it has none.
    """
    surface = surface_in(law)
    if surface is not None:
        return surface_optimum(surface, irreducible, extras)
    if law.has("mixed-surface"):
        raise Incapable(f"the surface of {law.id} is not additive in size and data: loss, optimal and target take it")
    raise Incapable(
        f"{law.id} holds no surface L(N, D) for {law.domain.id}, so it does not say what another size would reach"
    )


def rows_at_once(law: Law) -> int:
    """How many rows the surface of `law`, and its optimum, are solved for at once, each with the bits that it has alone."""
    if rows_at_once not in law.derived:
        law.derived[rows_at_once] = _rows_at_once(law)
    found: int = law.derived[rows_at_once]
    return found


def _rows_at_once(law: Law) -> int:
    drawn = surface_in(law)
    if drawn is None or not isinstance(drawn.form, AdditivePowerLaw | RepeatedData | WarpedPowerLaw | WarpedRepeats):
        return 1
    return max(1, BLOCK // max(np.size(getattr(drawn.form, name)) for name in drawn.form.__struct_fields__))
