"""An answer in words and numbers: the sentence, each number with its interval and reach, whose law it is, one fact a warning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from fitted_laws import Problem
from fitted_laws.plots.axes import reached
from fitted_laws.quantities.display import number, plain
from fitted_laws.quantities.glossary import GLOSSARY
from fitted_laws.quantities.units import NATS
from fitted_laws.questions.registry import QUESTIONS
from service.pages.markup import link
from service.pages.planner.cases import Case
from service.pages.planner.sentences import amount, lead, loss_unit, strong, written
from service.pages.planner.ways import Way, axes_of

SOURCES = {
    "covariance": "from the covariance of the coefficients, as published",
    "frozen-draws": "from fits to resampled runs",
    "printed-percentiles": "from the percentiles that the paper prints",
    "given-ranges": "from the ranges given",
    "printed-digits": "from all laws that print the same digits, which bounds no statistical error",
}
TITLES = {
    "params": ("Model size", "parameters"),
    "tokens": ("Training data", "tokens"),
    "loss": ("Expected loss", "nats a token"),
    "compute": ("Training compute", "FLOP"),
    "tokens_per_param": ("Tokens a parameter", ""),
    "reducible_loss": ("Above the entropy (KL)", "nats a token"),
    "hours": ("Wall-clock time", "hours"),
    "accelerator_hours": ("Accelerator-hours", ""),
    "cost": ("Cost", "your currency"),
    "energy_kwh": ("Energy", "kWh"),
    "z_score": ("Off the trend", "σ of one new run"),
    "training_compute": ("Of which training", "FLOP"),
    "inference_compute": ("Of which serving", "FLOP"),
    "epochs": ("Passes over the data", "epochs"),
    "expected_loss": ("Expected loss", "nats a token"),
    "excess_loss": ("Above what is expected", "nats a token"),
    "params_sensitivity": ("Gained by e × the size", "nats a token"),
    "tokens_sensitivity": ("Gained by e × the data", "nats a token"),
    "effective_tokens": ("All passes are worth", "fresh tokens"),
    "half_value_epoch": ("A repeat is worth half at", "epochs"),
    "worthless_epoch": ("A repeat is worth a tenth at", "epochs"),
    "marginal_value": ("Worth of one more repeated token", "× a fresh one"),
}
DISTANCE = re.compile(r" decades beyond the fit, in |^how far this lies beyond the fit is unknown")
SILENT = frozenset({"cost", "epochs", "z_score", "energy_kwh"})
"""Fields that are left out where they are null, since what is missing is said elsewhere."""
LINES = 2
"""Warnings shown at once."""


def answer(way: Way, case: Case) -> str:
    """The answer: the sentence, the numbers, where they come from, and what to be wary of."""
    found = case.found
    if QUESTIONS[way.question].curve:
        said = f'<p class="lead">{span(way, case)}</p>'
        return "".join((said, source(found, " ".join(along(case))), warned(found)))
    shows = [name for name in way.shows if name in found and not (name in SILENT and found[name] is None)]
    beyond = found.get("reach") == "beyond"
    numbers = f'<div class="numbers {escape(str(found.get("reach", "")))}"><p class="lead">{lead(way, found)}</p>'
    stats = "".join(figure(name, found) for name in shows)
    parts = [
        doubt(found) if beyond else "",
        f'{numbers}<dl class="stats">{stats}</dl></div>',
        source(found),
        warned(found),
    ]
    return "".join(parts)


def span(way: Way, case: Case) -> str:
    """A curve as one sentence: how many points, and between which ends each of its fields lies."""
    fields = dict.fromkeys((*axes_of(way.question), QUESTIONS[way.question].headline))
    ends = []
    for name in fields:
        values = [row[name] for row in case.rows if isinstance(row.get(name), float)]
        title, unit = TITLES.get(name, (name.replace("_", " "), ""))
        if values:
            between = f"{strong(name, min(values))} to {strong(name, max(values))}"
            ends.append(f"{title[:1].lower()}{title[1:]} from {between} {escape(unit)}".rstrip())
    return f"{len(case.rows)} points: {', '.join(ends)}."


def along(case: Case) -> Iterator[str]:
    """How many points of a curve lie inside the fit."""
    inside = sum(row.get("reach") == "inside" for row in case.rows)
    if inside == len(case.rows):
        yield "All lie inside what the law was fitted on."
    elif "reach" in case.found:
        farthest = max(case.rows, key=lambda row: row.get("extrapolation") or 0)
        yield f"{inside} of {len(case.rows)} lie inside what the law was fitted on; the farthest: {escape(reached(farthest))}."


def figure(name: str, found: dict[str, Any]) -> str:
    """One large number with its unit, interval and reach; a button that copies it."""
    title, unit = TITLES.get(
        name, (name.replace("_", " ").capitalize(), GLOSSARY[name].unit if name in GLOSSARY else "")
    )
    unit = loss_unit(found) if unit in (NATS, "nats a token") else unit
    value = found[name]
    if isinstance(value, int | float) and not isinstance(value, bool):
        exact, shown = plain(float(value)), written(name, value)
        copies = f'data-copies="{exact}" aria-label="{escape(shown)}, copy the exact value"'
        big = f'<button type="button" class="exact" {copies}>{amount(name, value)}</button>'
    else:
        big = escape(written(name, value))
    low, high = found.get(f"{name}_low"), found.get(f"{name}_high")
    ends = (
        f'<dd class="under">{amount(name, low)} to {amount(name, high)}</dd>'
        if low is not None and high is not None
        else ""
    )
    under = "not given by this law" if value is None else "" if unit in ("1", "text", "true or false") else unit
    reach = f'<dd class="under reach">{escape(reached(found))}</dd>' if "reach" in found else ""
    return f'<div><dt>{escape(title)}</dt><dd class="big">{big}</dd><dd class="under">{escape(under)}</dd>{ends}{reach}</div>'


def doubt(found: dict[str, Any]) -> str:
    said = "; ".join(text for text in found["warnings"] if DISTANCE.search(text)) or reached(found)
    return f'<p class="doubt"><strong>{escape(said[:1].upper() + said[1:])}</strong>: nothing vouches for the law out there.</p>'


def source(found: dict[str, Any], reach: str = "") -> str:
    """How far from the fit (of a curve `reach` says it), what the interval is made from, which sizes cost little more, and whose
    law it is.
    """
    facts = [*([reach] if reach else where(found)), *interval(found)]
    if found.get("params_min") and not reach:
        facts.append(
            f"Sizes from {amount('params', found['params_min'])} to {amount('params', found['params_max'])} cost less than 1&nbsp;% more compute."
        )
    if found.get("law"):
        page = link(f"/v1/laws/{found['law']}.html", found["law"])
        facts.append(f"By {page}: {escape(str(found.get('citation', '')))}.")
    return f'<p class="source">{" ".join(facts)}</p>'


def where(found: dict[str, Any]) -> Iterator[str]:
    if found.get("reach") in (None, "beyond"):
        return
    if found["reach"] == "inside":
        yield "This lies inside what the law was fitted on."
        return
    said = "; ".join(text for text in found["warnings"] if DISTANCE.search(text)) or reached(found)
    yield f"<strong>{escape(said[:1].upper() + said[1:])}</strong>."


def interval(found: dict[str, Any]) -> Iterator[str]:
    made = found.get("interval_source")
    if made and made != "none":
        parts = " and ".join(SOURCES.get(each, f"from {each}") for each in str(made).split(" + "))
        yield f"The {number(100 * found['level'], 3)}&nbsp;% interval comes {parts}."
    elif made:
        yield "This law comes without an interval."


def warned(found: dict[str, Any]) -> str:
    """Each fact once; beyond the first two they fold."""
    facts = [text for text in dict.fromkeys(found["warnings"]) if not DISTANCE.search(text)]
    if not facts:
        return ""
    items = [f"<li>{escape(text[:1].upper() + text[1:])}.</li>" for text in facts]
    rest = (
        f'<details><summary>{len(items) - LINES} more to know</summary><ul class="notes">{"".join(items[LINES:])}</ul></details>'
        if len(items) > LINES
        else ""
    )
    return f'<div class="warned"><h3>To be wary of</h3><ul class="notes">{"".join(items[:LINES])}</ul>{rest}</div>'


def refusal(problem: Problem) -> str:
    return f'<div class="refused"><strong>{escape(problem.title)}</strong><p>{escape(str(problem))}</p></div>'


def title(way: Way, case: Case) -> str:
    """What the window is called."""
    if case.problem is not None:
        return case.problem.title
    said = span(way, case) if QUESTIONS[way.question].curve else lead(way, case.found)
    return re.sub(r"<[^>]+>|&nbsp;", lambda tag: " " if tag[0] == "&nbsp;" else "", said).split(": ")[0][:80]
