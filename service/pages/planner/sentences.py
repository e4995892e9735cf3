"""Numbers as people read them, and the answer to a question as one sentence."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from fitted_laws.quantities.display import brief, number, plain
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.units import NATS
from service.pages.planner.ways import Way

LOSSES = frozenset(
    {"loss", "expected_loss", "observed_loss", "training_loss", "optimal_loss", "matched_loss", "irreducible_loss"}
)


def written(field: str, value: Any) -> str:
    """A value of a field as people read it; its unit stands beside it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    if field in LOSSES and 1e-3 <= abs(value) < 1e6:
        return f"{value:#.4g}".replace("-", "−")
    unit = GLOSSARY[field].unit if field in GLOSSARY else ""
    if (
        unit in ("count", "epochs", "kWh", "your currency", "hours", "steps", "tokens", "characters")
        or "token" in field
    ):
        return brief(value) if value >= 0 else number(value, 3)
    return number(value, 3)


def amount(field: str, value: Any) -> str:
    """A number in HTML, with its exact value to hover over and to copy."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return escape(written(field, value))
    exact = plain(float(value))
    return f'<data value="{exact}" title="{exact}">{escape(written(field, value)).replace(" ", "&nbsp;")}</data>'


def strong(field: str, value: Any) -> str:
    return f"<strong>{amount(field, value)}</strong>"


def model(found: dict[str, Any]) -> str:
    """Size and tokens in a sentence."""
    size = "a model whose size this law does not give"
    if found.get("params") is not None:
        size = f"a model of {strong('params', found['params'])} parameters"
    data = f" trained on {strong('tokens', found['tokens'])} tokens" if found.get("tokens") is not None else ""
    return size + data


def compute(found: dict[str, Any]) -> str:
    """A budget, and what it is in PF-days."""
    days = f" ({number(found['compute_pf_days'], 3)} PF-days)" if found.get("compute_pf_days") else ""
    return f"{strong('compute', found.get('compute'))} FLOP{days}"


def reaches(found: dict[str, Any]) -> str:
    return "" if found.get("loss") is None else f", which should reach {nats('loss', found)}"


def nats(field: str, found: dict[str, Any]) -> str:
    return f"a loss of {strong(field, found[field])} {escape(loss_unit(found))}"


def loss_unit(found: dict[str, Any]) -> str:
    """What the losses of an answer are in."""
    return str(found.get("loss_unit") or NATS).replace("/", " a ")


def of_optimal(found: dict[str, Any]) -> str:
    return f"{compute(found)} are best spent on {model(found)}{reaches(found)}."


def of_target(found: dict[str, Any]) -> str:
    kl = f"A KL of {strong('reducible_loss', found.get('reducible_loss'))} {escape(loss_unit(found))}"
    goal = kl if found.get("loss") is None else f"A{nats('loss', found)[1:]}"
    return f"{goal} takes {compute(found)}{probability(found)}: {model(found)}."


def of_plan(found: dict[str, Any]) -> str:
    fleet = f"{number(found['count'], 6)} × {escape(str(found['accelerator']))}"
    return f"{fleet} {period(found)} give {compute(found)}{best(found)}{reaches(found)}."


def of_loss(found: dict[str, Any]) -> str:
    return f"{sized(found)} should reach {nats('loss', found)}."


def of_lifetime(found: dict[str, Any]) -> str:
    return f"Training and serving take least, {compute(found)} together, with {model(found)}."


def of_repeat(found: dict[str, Any]) -> str:
    passes = f"{number(found['epochs'], 3)} passes over {strong('unique_tokens', found['unique_tokens'])} tokens"
    worth = f"all passes are worth {strong('effective_tokens', found['effective_tokens'])} fresh tokens"
    return f"{strong('params', found['params'])} parameters and {passes} should reach {nats('loss', found)}; {worth}."


def of_diagnose(found: dict[str, Any]) -> str:
    expected = f"{trend(found)}{strong('expected_loss', found['expected_loss'])} {escape(loss_unit(found))} were to be expected"
    return f"{expected}, and it reached {strong('observed_loss', found['observed_loss'])}. {held_back(found)}"


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "optimal": of_optimal,
    "target": of_target,
    "plan": of_plan,
    "loss": of_loss,
    "lifetime": of_lifetime,
    "repeat": of_repeat,
    "diagnose": of_diagnose,
}
"""The answer to a question as one sentence; others name their headline."""
UNSAID = frozenset({"1", "×", "text", "count", "steps", "true or false", "the unit asked for"})
"""Units that a sentence goes without."""


def lead(way: Way, found: dict[str, Any]) -> str:
    """The answer as one sentence."""
    if way.question in SENTENCES:
        return SENTENCES[way.question](found)
    headline = way.shows[0]
    unit = GLOSSARY[headline].unit if headline in GLOSSARY else ""
    named = "" if unit in UNSAID else f" {escape(unit)}"
    return f"{escape(headline.replace('_', ' ').capitalize())}: {strong(headline, found.get(headline))}{named}."


def probability(found: dict[str, Any]) -> str:
    return f" with probability {number(found['probability'])}" if found.get("probability") else ""


def period(found: dict[str, Any]) -> str:
    hours = found.get("hours")
    return "" if hours is None else f"for {number(hours / 24, 3)} {'day' if round(hours / 24, 2) == 1 else 'days'}"


def best(found: dict[str, Any]) -> str:
    return "" if found.get("params") is None else f", spent on {model(found)}"


def sized(found: dict[str, Any]) -> str:
    params, tokens = found.get("params"), found.get("tokens")
    if params is None and tokens is None:
        return f"{strong('compute', found.get('compute'))} FLOP"
    if params is None:
        return f"A model of unlimited size trained on {strong('tokens', tokens)} tokens"
    data = "unlimited data" if tokens is None else f"{strong('tokens', tokens)} tokens"
    return f"{strong('params', params)} parameters trained on {data}"


def trend(found: dict[str, Any]) -> str:
    """Whether a run is on trend, where the law says how far runs scatter."""
    said = {True: "The run is on trend: ", False: "The run is off the trend: "}
    return said.get(found["on_trend"], "")


def held_back(found: dict[str, Any]) -> str:
    by = {"params": "Its size holds it back more than its data.", "tokens": "Its data hold it back more than its size."}
    return by.get(found["bottleneck"], "Size and data hold it back alike.")
