"""What the questions of a budget answer by an additive law, in formulas: a function a question.

Each gives the fields of the answer, their ends where a table holds them, and why there is no answer where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fitted_laws.quantities.spelling import PF_DAY
from service.workbook.closed.expressions import (
    NA,
    NOTHING,
    TRUE,
    Expr,
    choose,
    compared,
    every,
    exp,
    given,
    joined,
    ln,
    negated,
    of,
    some,
    tried,
)
from service.workbook.closed.serving import sides_of, trained_alone
from service.workbook.closed.sums import (
    FINE,
    GENERAL,
    SCIENTIFIC,
    SECONDS_A_DAY,
    SECONDS_AN_HOUR,
    AdditiveCells,
    Run,
    bits,
    perplexity,
)

Ends = tuple[Expr, Expr]
Read = Mapping[str, Expr]
"""Inputs as read: numbers, or empty."""
STEPS = 12
"""Newton's steps: each doubles the digits, and the farthest start takes nine."""


@dataclass(frozen=True)
class ClosedAnswer:
    """The fields of an answer; their ends; whether all inputs are such as are calculated here; a text that is empty where all is well."""

    fields: Mapping[str, Expr]
    reach: tuple[Expr, Expr]
    ends: Mapping[str, Ends] = field(default_factory=dict)
    able: Expr = field(default=TRUE)
    problem: Expr = NOTHING


def _losses(law: AdditiveCells, run: Run, ends: Ends, reducible: Ends) -> tuple[dict[str, Expr], dict[str, Ends]]:
    """The loss in every unit, with its ends."""
    text = law.of("text")
    fields = {
        "loss": run.loss,
        "loss_bits": bits(run.loss),
        "perplexity": perplexity(run.loss, text),
        "reducible_loss": run.reducible,
        "irreducible_loss": law.E,
    }
    return fields, {
        "loss": ends,
        "loss_bits": (bits(ends[0]), bits(ends[1])),
        "perplexity": (perplexity(ends[0], text), perplexity(ends[1], text)),
        "reducible_loss": reducible,
        "irreducible_loss": _floor(law),
    }


def _floor(law: AdditiveCells) -> Ends:
    return law.of("E_low") * 1, law.of("E_high") * 1


def optimal(law: AdditiveCells, read: Read) -> ClosedAnswer:
    """The best size, tokens and loss of a budget."""
    run = law.best(read["compute"])
    place = law.place(run.compute)
    losses, ends = _losses(
        law, run, law.near(run.loss, "loss", place), law.near(run.reducible, "reducible_loss", place)
    )
    low, high = law.near(run.params, "params", place)
    least, most = run.params * law.of("basin_low"), run.params * law.of("basin_high")
    fields = {
        **losses,
        "params": run.params,
        "tokens": run.tokens,
        "tokens_per_param": run.tokens / run.params,
        "params_min": least,
        "params_max": most,
        "compute": run.compute,
        "compute_pf_days": run.compute / PF_DAY,
    }
    of_sizes = {
        "params": (low, high),
        "tokens": (run.compute / 6 / high, run.compute / 6 / low),
        "tokens_per_param": (run.compute / 6 / high**2, run.compute / 6 / low**2),
        "params_min": law.near(least, "params_min", place),
        "params_max": law.near(most, "params_max", place),
    }
    return ClosedAnswer(fields, law.reach(run), {**ends, **of_sizes})


def plan(law: AdditiveCells, read: Read) -> ClosedAnswer:
    """What a fleet buys in so many days, its bill, and the optimum of that."""
    overhead, pue, energy_price = (read[name] for name in ("overhead", "pue", "price_per_kwh"))
    whole = read["peak_flops"] * read["count"] * read["mfu"] / (1 + choose(given(overhead), overhead, 0))
    rate = law.write("FLOP/s of the fleet", whole, SCIENTIFIC)
    compute = law.write("Compute", read["deadline_days"] * SECONDS_A_DAY * rate, SCIENTIFIC)
    best = optimal(law, {"compute": compute})
    hours = law.write("Accelerator-hours", compute / rate / SECONDS_AN_HOUR * read["count"], GENERAL)
    energy = law.write("kWh", hours * read["power_watts"] / 1000 * choose(given(pue), pue, 1), GENERAL)
    priced = given(energy_price)
    bill = {
        "accelerator_hours": hours,
        "cost": hours * read["price_per_hour"] + choose(priced, tried(energy * energy_price, of(0.0)), 0),
        "energy_kwh": energy,
        "energy_cost": choose(priced, energy * energy_price, NA),
    }
    return ClosedAnswer({**best.fields, **bill}, best.reach, best.ends)


def target(law: AdditiveCells, read: Read) -> ClosedAnswer:
    """The cheapest way to a loss or a KL, or the one with a size or tokens held."""
    loss, kl, params, tokens = (read[name] for name in ("loss", "kl", "params", "tokens"))
    reducible = law.write("L − E to reach", choose(given(kl), kl, loss - law.E), FINE)
    cheapest = law.write("C = 6·(K/(L−E))^(1/γ)", law.compute_for(reducible), SCIENTIFIC)
    size, data = given(params), given(tokens)
    left_by_size, left_by_data = reducible - law.params_term(params), reducible - law.tokens_term(tokens)
    left = law.write(
        "left for what is not held", choose(size, left_by_size, choose(data, left_by_data, reducible)), FINE
    )
    best = law.best_params(cheapest)
    N = choose(size, params, choose(data, (law.A / left) ** (1 / law.alpha), best))
    N = law.write("Parameters N", N, SCIENTIFIC)
    D = law.write(
        "Tokens D", choose(size, (law.B / left) ** (1 / law.beta), choose(data, tokens, cheapest / 6 / N)), SCIENTIFIC
    )
    compute = law.write("Compute C", choose(compared(size, "=", data), cheapest, 6 * N * D), SCIENTIFIC)
    run = Run(compute, N, D, reducible, law.E + reducible)
    place = law.place(choose(compared(size, "=", data), cheapest, NA))
    fields = {
        "compute": compute,
        "compute_pf_days": compute / PF_DAY,
        "params": N,
        "tokens": D,
        "reducible_loss": reducible,
        "irreducible_loss": law.E,
    }

    def either(name: str, headline: Expr) -> Ends:
        to_loss, to_kl = (law.near(headline, f"{way}_{name}", place) for way in ("to_loss", "to_kl"))
        return choose(given(kl), to_kl[0], to_loss[0]), choose(given(kl), to_kl[1], to_loss[1])

    of_compute = either("compute", compute)
    _, high = law.near(reducible, "to_loss_reducible_loss", place)
    low, _ = law.near(reducible, "to_loss_reducible_loss", place)
    ends = {
        "compute": of_compute,
        "compute_pf_days": (of_compute[0] / PF_DAY, of_compute[1] / PF_DAY),
        "params": either("params", N),
        "tokens": either("tokens", D),
        "reducible_loss": (choose(given(kl), NA, low), choose(given(kl), NA, high)),
        "irreducible_loss": _floor(law),
    }
    one = compared(given(loss), "=", given(kl))
    held = joined("the target is at or below ", law.E, ", the irreducible loss: nothing reaches it")
    floor = joined("the size or tokens held leave a floor above the target: nothing reaches it")
    below = choose(compared(reducible, "<=", 0), held, choose(compared(left, "<=", 0), floor, NOTHING))
    problem = choose(one, "give the loss or the KL, one of them", below)
    able = every(compared(read["probability"], "=", ""), negated(every(size, data)))
    return ClosedAnswer(fields, law.reach(run), ends, able, problem)


def loss(law: AdditiveCells, read: Read) -> ClosedAnswer:
    """The loss of a size and tokens, or of one of them and a budget; beside it the best size for that compute."""
    params, tokens, compute = (read[name] for name in ("params", "tokens", "compute"))
    size, data, spent = given(params), given(tokens), given(compute)
    N = choose(size, params, compute / 6 / tokens)
    D = choose(data, tokens, compute / 6 / params)
    run = law.at(N, D)
    place = law.place_about(run)
    fields, ends = _losses(
        law, run, law.aside(run.loss, "loss", place), law.aside(run.reducible, "reducible_loss", place)
    )
    at_optimum = law.place(run.compute)
    best = law.write("L at the best size", law.E + law.best_reducible(run.compute), FINE)
    size_of = law.write("N at the best size", law.best_params(run.compute), SCIENTIFIC)
    overhead = law.write("Compute over the least", run.compute / law.compute_for(run.reducible), FINE)
    beside = {"compute_overhead": overhead, "optimal_loss": best, "optimal_params": size_of}
    of_beside = {
        "compute_overhead": law.aside(overhead, "compute_overhead", place),
        "optimal_loss": law.near(best, "loss", at_optimum),
        "optimal_params": law.near(size_of, "params", at_optimum),
    }
    own = {"params": run.params, "tokens": run.tokens, "compute": run.compute, "compute_pf_days": run.compute / PF_DAY}
    two = [every(size, data), every(size, spent), every(data, spent)]
    able = every(some(*two), negated(every(size, data, spent)))
    return ClosedAnswer({**fields, **own, **beside}, law.reach(run), {**ends, **of_beside}, able)


def lifetime(law: AdditiveCells, read: Read) -> ClosedAnswer:
    """The size and tokens that make training and serving together cheapest, by Newton's steps in ln D, a row each."""
    served, kl = read["inference_tokens"], read["kl"]
    sides = sides_of(law, read)
    weighed = law.write("tokens served, by price", served * sides.weight, SCIENTIFIC)
    reducible = law.write("L − E to reach", choose(given(kl), kl, read["loss"] - law.E), FINE)
    first = (law.B / (law.alpha / (law.alpha + law.beta) * reducible)) ** (1 / law.beta)
    t = law.write("ln D, for training alone", ln(first), FINE)
    for step in range(1, STEPS + 1):
        u = law.write(f"share of B/D^β, step {step}", law.B / reducible * exp(-(law.beta * t)), FINE)
        extra = law.write("tokens served / 3D", weighed / (3 * exp(t)), FINE)
        gap = ln(law.alpha * (1 - u) / (law.beta * u)) - ln(1 + extra)
        slope = law.beta / (1 - u) + extra / (1 + extra)
        t = law.write(f"ln D after step {step}", t - gap / slope, "0.000000000000")
    D = law.write("Tokens D", exp(t), SCIENTIFIC)
    N = law.write("Parameters N", (law.A / (reducible - law.tokens_term(D))) ** (1 / law.alpha), SCIENTIFIC)
    run = Run(6 * N * D, N, D, reducible, law.E + reducible)
    fields = {
        "params": N,
        "tokens": D,
        "tokens_per_param": D / N,
        "training_compute": 6 * N * D,
        "inference_compute": 2 * N * served,
        "compute": 6 * N * D + 2 * N * served,
        "compute_pf_days": (6 * N * D + 2 * N * served) / PF_DAY,
        **sides.bill(6 * N * D, 2 * N * served),
        **trained_alone(law, reducible, (served, weighed), 6 * N * D + 2 * N * weighed),
    }
    one = compared(given(read["loss"]), "=", given(kl))
    held = joined("the target is at or below ", law.E, ", the irreducible loss: nothing reaches it")
    problem = choose(one, "give the loss or the KL, one of them", choose(compared(reducible, "<=", 0), held, NOTHING))
    return ClosedAnswer(fields, law.reach(run), {}, given(served), problem)


ANSWERS: dict[str, Callable[[AdditiveCells, Read], ClosedAnswer]] = {
    "loss": loss,
    "optimal": optimal,
    "target": target,
    "plan": plan,
    "lifetime": lifetime,
}
"""What is calculated here, by the name of the question."""
