"""What a law makes of a budget: the best size, tokens and loss, the basin about them, and what to know of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from fitted_laws.forms import Form, Values
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Unanswerable
from fitted_laws.solving.floor import floor_fields, floor_of, reducible_at
from fitted_laws.solving.optima.mixed import MixedOptimum
from fitted_laws.solving.optimum import Extras, Optimum, mixed_optimum, optimum, require_plain, surface_in, surface_of
from fitted_laws.solving.solution import Caution, Falling, Fields, Solution
from fitted_laws.solving.spent import compute_kinds, flops_share, inconsistency, law_compute, require_priced

NO_BASIN = Caution("params_min and params_max are null: this law does not say what another size would cost")


def solve_budget(
    law: Law,
    compute: Values,
    *,
    irreducible_loss: float | None,
    part: str | None,
    compute_kind: str | None,
    extras: Extras | None = None,
) -> Solution:
    """The optimum of each budget in `compute`, shape (rows,), in FLOP, under the options of a question.

    Raises:
        Incapable: the law holds no allocation, or cannot do what the options ask.
        Unanswerable: a part is asked for, which no allocation is of.
    """
    if law.has("flops-allocation"):
        require_plain(law, irreducible_loss, extras)
        return by_flops(law, compute)
    best = optimum(law, irreducible_loss, extras)
    if part is not None:
        raise Unanswerable(f"{law.id} allocates for the combined loss only; ask without part")
    whole = at_full_price(law, compute, extras)
    seen = law_compute(whole, best.sources[0], compute_kind)
    params = best.params(seen)
    tokens = tokens_at(law, whole, params)
    loss = best.loss(law_compute(whole, best.sources[-1], compute_kind))
    floor, basin = floor_fields(loss, best.floor), basin_fields(best, seen, params)
    unprinted = [] if loss is not None else [without_loss(law)]
    fields: dict[str, Any] = {
        "params": params,
        "tokens": tokens,
        "tokens_per_param": tokens / params,
        "loss": loss,
        **floor.fields,
        **basin.fields,
        "compute": compute,
    }
    definition = best.sources[-1].relation.loss_definition
    if definition:
        fields["loss_definition"] = definition
    critical = critical_fields(best, params)
    return Solution(
        fields={**fields, **critical.fields},
        sources=best.sources,
        warnings=[
            *compute_kinds(law, best, compute_kind),
            *inconsistency(law, compute),
            *unprinted,
            *floor.warnings,
            *basin.warnings,
            *critical.warnings,
        ],
        falling={} if law.has(EXACT) else following(whole),
        loss_per_sample=definition is None,
    )


EXACT: Literal["exact-token-allocation"] = "exact-token-allocation"


def tokens_at(law: Law, compute: Values, params: Values) -> Values:
    """The tokens of each budget: C/6N, or as a paper prints them whose FLOP are counted otherwise."""
    if law.has(EXACT):
        printed = law.drawn(EXACT)
        return printed.form.value(compute / printed.relation.scale)
    return compute / (6 * params)


def critical_fields(best: Optimum, params: Values) -> Fields:
    """critical_tokens of each size, where a law says that more data than these raise its loss."""
    if not isinstance(best, MixedOptimum) or "tokens" not in best.form.rises_in:
        return Fields(fields={})
    critical = best.form.critical_tokens(params, **best.further)
    note = Caution(
        "more tokens than critical_tokens (D_crit) raise the loss of this size at this precision; the optimum has fewer"
    )
    return Fields(fields={"critical_tokens": np.where(np.isfinite(critical), critical, np.nan)}, warnings=[note])


def at_full_price(law: Law, compute: Values, extras: Extras | None) -> Values:
    """6ND of what `compute` buys: more where a token passes few of the experts, or in few bits.

    Raises:
        Unanswerable: the law does not say.
    """
    surface = surface_in(law)
    if surface is None or extras is None:
        return compute
    if surface.relation.active_share == 1 and isinstance(surface.form, Form) and type(surface.form).spent is Form.spent:
        return compute  # all of 6ND, as by most laws
    share = flops_share(surface, extras(surface.form))
    require_priced(law, surface, share)
    return np.asarray(compute / share)


def without_loss(law: Law) -> Caution:
    """That the law says where the optimum is, not what loss it has."""
    return Caution(f"{law.id} prints no loss for its optimum: loss and reducible_loss are null")


def following(compute: Values) -> dict[str, Falling]:
    """Tokens, and tokens a parameter, of one budget fall as params grow, also as floats: each step is rounded, and
    rounding keeps order.
    """
    return {
        "tokens": Falling("params", lambda params: compute / (6 * params)),
        "tokens_per_param": Falling("params", lambda params: compute / (6 * params) / params),
    }


def by_flops(law: Law, compute: Values) -> Solution:
    """The optimum of a law that counts FLOP a token M in place of parameters, C = M·D: no parameters follow from it
    without a shape.
    """
    flops, tokens = law.drawn("flops-allocation"), law.drawn("token-allocation")
    cautions = [
        Caution(
            f"params, tokens_per_param and the basin are null: {law.id} allocates FLOP a token (attention included, embeddings not), C = M·D; "
            "how many parameters that is depends on the model's shape"
        ),
        without_loss(law),
    ]
    fields: dict[str, Any] = {
        "params": None,
        "tokens": tokens.form.value(compute / tokens.relation.scale),
        "tokens_per_param": None,
        "flops_per_token": flops.form.value(compute / flops.relation.scale),
        "loss": None,
        **floor_fields(None, None).fields,
        "params_min": None,
        "params_max": None,
        "compute": compute,
    }
    return Solution(fields=fields, sources=[tokens, flops], warnings=cautions)


def basin_fields(best: Optimum, compute: Values, params: Values) -> Fields:
    """params_min and params_max: the sizes that reach the optimal loss for less than 1 % more compute."""
    basin = best.basin_about(params, compute)
    if basin is None:
        return Fields(fields={"params_min": None, "params_max": None}, warnings=[NO_BASIN])
    low, high = basin
    return Fields(fields={"params_min": low, "params_max": high})


def solve_target(law: Law, loss: Any, kl: Any, *, irreducible_loss: float | None, compute_kind: str | None) -> Solution:
    """The cheapest compute, size and data that reach `loss`, or so far above the irreducible loss, (rows,).

    Raises:
        Incapable: the law holds no allocation, or no loss, or for `kl` no irreducible loss.
        Unanswerable: no compute reaches it.
    """
    best = optimum(law, irreducible_loss)
    reducible = reducible_at(law, best, loss, kl)
    cheapest = best.compute_for(reducible)
    scale = 2.0 if compute_kind == "actual" and best.sources[-1].relation.compute_kind == "minimal" else 1.0
    compute = scale * cheapest
    params = best.params(cheapest)
    fields = {
        "compute": compute,
        "params": params,
        "tokens": compute / (6 * params),
        **floor_of(best, reducible, kl),
    }
    return Solution(fields=fields, sources=best.sources, warnings=compute_kinds(law, best, compute_kind))


def solve_run(law: Law, params: Values, tokens: Values, *, irreducible_loss: float | None, extras: Extras) -> Solution:
    """The loss of each size and data, (rows,), by a law that knows both.

    Raises:
        Incapable: the law holds no surface, or needs further inputs.
    """
    if law.has("mixed-surface"):
        mixed = mixed_optimum(law, irreducible_loss, extras)
        loss, floor = mixed.form.value(params, tokens, **mixed.further), mixed.floor
        sources = mixed.sources
    else:
        best = surface_of(law, irreducible_loss, extras)
        loss, floor, sources = best.surface.value(params, tokens), best.surface.floor, best.sources
    left = floor_fields(loss, floor)
    fields = {"params": params, "tokens": tokens, "loss": loss, **left.fields}
    return Solution(fields=fields, sources=sources, warnings=left.warnings)
