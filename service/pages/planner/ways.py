"""Ways of asking: which inputs a question's form shows, which numbers and plots its answer.

Questions without a row of their own get one made from the registry.
"""

from __future__ import annotations

import functools

import msgspec

from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.plots.axes import named
from fitted_laws.questions.registry import QUESTIONS


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One question as a form and its answer."""

    question: str
    have: str
    """What a visitor has, in two or three words."""
    inputs: tuple[str, ...]
    """Shown at once."""
    more: tuple[str, ...] = ()
    """Shown when unfolded."""
    fitted: tuple[str, ...] = ()
    """Inputs that open inside the fit."""
    starts: dict[str, str] = {}
    """What other inputs open with."""
    shows: tuple[str, ...] = ()
    """Fields of the answer as large numbers."""
    sweeps: tuple[tuple[str, str], ...] = ()
    """Plots of its own: a field of the answer against an input."""
    bands: bool = True
    """Whether those have intervals; not where a column of answers from draws takes seconds."""
    at_budget: bool = True
    """Whether the answer has a budget, which the plots of budgets can show."""


FLEET = {"accelerator": "H100", "count": "32", "mfu": "0.4"}
ORDERED = (
    Way(
        question="optimal",
        have="A budget",
        inputs=("compute", "unique_tokens"),
        fitted=("compute",),
        shows=("params", "tokens", "loss", "tokens_per_param", "epochs"),
    ),
    Way(
        question="target",
        have="A target loss",
        inputs=("loss", "kl", "kl_per_sample", "params", "tokens", "probability"),
        fitted=("loss",),
        shows=("compute", "params", "tokens", "reducible_loss"),
    ),
    Way(
        question="plan",
        have="A fleet, a deadline",
        inputs=("accelerator", "count", "deadline_days", "mfu", "price_per_hour"),
        more=(
            "loss",
            "kl",
            "compute",
            "params",
            "tokens",
            "precision",
            "overhead",
            "pue",
            "price_per_kwh",
            "peak_flops",
            "power_watts",
        ),
        fitted=("compute",),
        starts={**FLEET, "deadline_days": "7", "compute": ""},
        shows=("params", "tokens", "loss", "hours", "accelerator_hours", "cost", "energy_kwh"),
    ),
    Way(
        question="loss",
        have="A size and tokens",
        inputs=("params", "tokens", "compute"),
        fitted=("params", "tokens"),
        shows=("loss", "reducible_loss", "perplexity", "compute"),
    ),
    Way(
        question="lifetime",
        have="Users to serve",
        inputs=("loss", "kl", "compute", "inference_tokens"),
        more=(
            "mfu",
            "inference_mfu",
            "accelerator",
            "inference_accelerator",
            "price_per_hour",
            "inference_price_per_hour",
        ),
        fitted=("loss", "inference_tokens"),
        shows=("params", "tokens", "compute", "training_compute", "inference_compute", "cost"),
        sweeps=(("inference_tokens", "params"),),
        bands=False,
    ),
    Way(
        question="repeat",
        have="Limited data",
        inputs=("params", "unique_tokens", "epochs"),
        fitted=("params", "unique_tokens"),
        starts={"epochs": "4"},
        shows=("loss", "effective_tokens", "marginal_value", "half_value_epoch", "worthless_epoch"),
        sweeps=(("epochs", "loss"), ("epochs", "marginal_value")),
    ),
    Way(
        question="diagnose",
        have="A finished run",
        inputs=("params", "tokens", "observed_loss"),
        fitted=("params", "tokens", "observed_loss"),
        shows=("expected_loss", "excess_loss", "z_score", "params_sensitivity", "tokens_sensitivity"),
    ),
)
WAYS = {way.question: way for way in ORDERED}
ROWS = (
    ("a budget: FLOP, PF-days or accelerator-days, and perhaps limited data", ("optimal",)),
    ("a loss, a KL or a size to reach", ("target",)),
    ("a fleet, a deadline, prices", ("plan",)),
    ("a size and tokens: planned, repeated, or trained already", ("loss", "repeat", "diagnose")),
    ("users to serve for as long as the model lives", ("lifetime",)),
)
"""What to ask with what one has, in five rows."""
SAMPLED = frozenset({"kl_per_sample"})
"""Inputs for domains that have samples."""
GOALS = frozenset({"target", "plan", "lifetime"})
"""Questions whose loss is one to reach."""
ALIASES = {"budget": "optimal", "fleet": "plan"}
"""Names that older addresses call ways by."""
FLOORS = frozenset({"irreducible_loss", "irreducible_loss_known"})
"""Fields of an answer that stand under no number."""
LABELS = {
    "domain": "Domain",
    "compute": "Training compute, FLOP",
    "unique_tokens": "Distinct tokens there are",
    "kl": "Or KL from the truth, nats a token",
    "params": "Model size, parameters",
    "tokens": "Training tokens",
    "probability": "Reached with probability",
    "accelerator": "Accelerator",
    "count": "How many",
    "deadline_days": "Days until it must be done",
    "mfu": "Share of the peak that is used (MFU)",
    "price_per_hour": "Price of an accelerator-hour",
    "inference_tokens": "Tokens served over its life",
    "epochs": "Passes over the data",
    "observed_loss": "Loss that the run reached",
    "overhead": "Time beside the run (overhead)",
    "pue": "Power of the whole site per accelerator’s (PUE)",
    "price_per_kwh": "Price of a kWh",
    "peak_flops": "Peak FLOP/s, where yours differs",
    "power_watts": "Power of one accelerator, W",
    "other": "The other law",
    "unit": "It is in",
    "to": "Wanted in",
    "compute_min": "From, FLOP",
    "compute_max": "To, FLOP",
    "inference_accelerator": "Accelerator that serves",
    "inference_mfu": "Share of its peak in serving",
    "inference_price_per_hour": "Price of its hour in serving",
}
HINTS = {
    "compute": "1e21, 70 PF-days, 3000 H100-days@40%",
    "params": "7B, 400M",
    "tokens": "1.4T, 300B",
    "unique_tokens": "500B, where data are limited",
    "mfu": "0.4; 35..45% for a range",
    "overhead": "0.1: a tenth for restarts, evaluation, failed runs",
    "pue": "1.2",
    "price_per_hour": "2.1; 1.8..2.4 for a range",
    "probability": "0.9: nine in ten of the resampled laws",
}


@functools.cache
def way_of(question: str) -> Way:
    """The way of asking a question: its own row, or one made from the registry."""
    known = inputs_of(QUESTIONS[question])
    if question in WAYS:
        way = WAYS[question]
        return msgspec.structs.replace(
            way,
            inputs=tuple(name for name in way.inputs if name in known),
            more=(
                *(n for n in way.more if n in known),
                *(n for n in own_inputs(question) if n not in (*way.inputs, *way.more)),
            ),
        )
    asked = QUESTIONS[question]
    numbers = [name for name in own_inputs(question) if known[name].numeric and name in asked.example]
    return Way(
        question=question,
        have=question.replace("_", " "),
        inputs=own_inputs(question),
        shows=tuple(name for name in asked.answers if name not in FLOORS)[:6],
        sweeps=() if asked.curve else tuple((name, asked.headline) for name in numbers[:2] if name != asked.headline),
        at_budget=False,
    )


def axes_of(question: str) -> tuple[str, str]:
    """The fields that the curve of a question is drawn in."""
    asked = QUESTIONS[question]
    return asked.axes or ("compute", asked.headline)


@functools.cache
def own_inputs(question: str) -> tuple[str, ...]:
    """The inputs of a question that are neither its domain nor options."""
    return tuple(
        name for name, entry in inputs_of(QUESTIONS[question]).items() if name != "domain" and not entry.option
    )


def label(way: Way, entry: Input) -> str:
    """What stands above an input."""
    if entry.name == "loss" and way.question in GOALS:
        return "Loss to reach, nats a token"
    if entry.name == "kl_per_sample":
        return "Or KL from the truth, nats a sample"
    if entry.name in ("params", "tokens") and way.question == "target":
        return f"With {'a model of' if entry.name == 'params' else 'tokens of'}"
    text = LABELS.get(entry.name) or named(entry.name).replace(" (count)", "")
    return text[:1].upper() + text[1:]
