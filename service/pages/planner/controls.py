"""The form: the ways of asking, the inputs of the one chosen with what is wrong with them, scenarios, laws, options."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from fitted_laws import Laws
from fitted_laws.asking.inputs import Input, inputs_of
from fitted_laws.documents.inside import small_models
from fitted_laws.questions.registry import QUESTIONS
from service.pages.planner import starts
from service.pages.planner.address import LETTERS, State
from service.pages.planner.cases import Case, Cases, families, usual
from service.pages.planner.fields import Faults, field, select, text
from service.pages.planner.ways import ORDERED, SAMPLED, Way

OPTIONS = ("level", "interval", "irreducible_loss", "counts", "compute_kind", "part")
LEVELS = ("0.5", "0.8", "0.9", "0.95", "0.99")


def form(state: State, way: Way, cases: Cases | None, laws: Laws) -> str:
    """The form; it asks by itself where there are no scripts."""
    main = cases.main if cases else None
    faults = {fault.field: fault for fault in main.problem.faults} if main and main.problem else {}
    given = state.inputs
    known = inputs_of(QUESTIONS[way.question])
    sampled = any(each.id == state.domain and each.tokens_per_sample for each in laws.domains)
    shown = [name for name in way.inputs if sampled or name not in SAMPLED or name in given]
    fields = "".join(field(way, known[name], given, faults, main, laws) for name in shown if name in known)
    further = [name for name in way.more if name in known]
    opened = any(name in given or name in faults for name in further)
    more = (
        f'<details class="more"{" open" if opened else ""}><summary>More inputs</summary><div class="given">'
        f"{''.join(field(way, known[name], given, faults, main, laws) for name in further)}</div></details>"
        if further
        else ""
    )
    hidden = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}">' for n, v in state.hidden().items())
    parts = (
        domain(state, way, main, faults, laws),
        f'<fieldset class="given"><legend class="unseen">The inputs</legend>{fields}</fieldset>',
        more,
        law(state, way, faults, laws),
        rivals(state, way, main, laws),
        options(known, given, faults),
        switch(state) if way.at_budget else "",
        '<p><button class="ask">Ask</button></p>',
    )
    return f'<form id="form" action="/" method="get">{scenarios(state)}{hidden}{"".join(parts)}</form>'


def ways(state: State, laws: Laws) -> str:
    """The ways of asking as links: what one has."""
    links = []
    chosen = [way.question for way in ORDERED]
    domain = state.domain if state.domain in {each.id for each in laws.domains} else "language"
    for way in ORDERED:
        current = ' aria-current="page"' if way.question == state.ask else ""
        links.append(f'<a href="{escape(address(way.question, domain))}"{current}>{escape(way.have)}</a>')
    if state.ask not in chosen:
        links.append(
            f'<a href="{escape(address(state.ask, domain))}" aria-current="page">{escape(state.ask.replace("_", " "))}</a>'
        )
    links.append('<a class="soft" href="#more">something else</a>')
    return f'<nav class="ways" aria-label="What do you have?"><h2 id="ask">I have …</h2>{"".join(links)}</nav>'


def address(question: str, domain: str) -> str:
    asked = "" if question == "optimal" else f"ask={question}&"
    return f"/?{asked}domain={domain}"


def scenarios(state: State) -> str:
    """The scenarios as tabs; the next is a copy of the one in the form."""
    many = len(state.scenarios) > 1
    tabs = [tab(state, letter, hue) for hue, letter in enumerate(state.scenarios)] if many else []
    free = next((letter for letter in LETTERS if letter not in state.scenarios), None)
    add = (
        f'<a class="add" href="{escape(state.editing(free).link())}">{"Add" if many else "Compare scenarios"}</a>'
        if free
        else ""
    )
    drop = (
        f'<a class="add" href="{escape(state.without(state.edit).link())}">Remove {state.edit.upper()}</a>'
        if many
        else ""
    )
    return f'<div class="scenarios" role="group" aria-label="Scenarios">{"".join(tabs)}{add}{drop}</div>'


def tab(state: State, letter: str, hue: int) -> str:
    current = ' aria-current="true"' if letter == state.edit else ""
    return f'<a href="{escape(state.editing(letter).link())}" class="tab h{hue}"{current}>{letter.upper()}</a>'


def domain(state: State, way: Way, main: Case | None, faults: Faults, laws: Laws) -> str:
    """Which domain, of those in which the question is answered; whether our own small models alone are known there."""
    ids = starts.offered(laws, way.question)
    chosen = state.domain
    titles = {each.id: each.title for each in laws.domains}
    known = ids if chosen in ids else [chosen, *ids]
    choices = [(id, titles.get(id, id)) for id in known]
    ours = chosen in titles and all(law.of_small_models for law in laws.of(chosen) if main and law.id == main.law)
    small = small_models(laws, chosen) if ours else None
    hint = (
        f"Only our own small models are known here, of {small}: far from them the number is asked by the law’s name."
        if small
        else ""
    )
    return select("domain", "Domain", choices, chosen, faults, hint)


def law(state: State, way: Way, faults: Faults, laws: Laws) -> str:
    """Which law answers: the preferred one, the usual ones, then all by family."""
    if QUESTIONS[way.question].lawless:
        return ""
    ids = starts.able(laws, way.question, state.domain)
    chosen = state.inputs.get("law", "")
    few = usual(laws, state.domain, ids)
    groups = [("", [("", f"preferred: {ids[0]}" if ids else "preferred")])]
    if len(ids) > len(few):
        groups.append(("Usual", [(id, id) for id in few]))
    groups += [(family.title, [(id, id) for id in members]) for family, members in families(laws, state.domain, ids)]
    if chosen and chosen not in ids:
        groups.append(("As asked", [(chosen, chosen)]))
    return select("law", "Law", groups, chosen, faults)


def rivals(state: State, way: Way, main: Case | None, laws: Laws) -> str:
    """Laws to compare with, as boxes by family."""
    ids = starts.able(laws, way.question, state.domain)
    if len(ids) < 2:
        return ""
    chosen = ids if "all" in state.rivals.split(",") else [id for id in state.rivals.split(",") if id]
    answering = main.law if main else ""
    few = [id for id in usual(laws, state.domain, ids) if id != answering]
    quick = "".join(
        f'<a href="{escape(linked(state, ids_))}">{text}</a>'
        for text, ids_ in (("the usual", ",".join(few)), ("all", "all"), ("none", ""))
        if ids_ != state.rivals
    )
    groups = ""
    for family, members in families(laws, state.domain, ids):
        boxes = (box(id, checked=id in chosen and id != answering, answering=id == answering) for id in members)
        take = f"<p class='hint'>Take {escape(family.take)}.</p>" if family.take else ""
        groups += f"<fieldset><legend>{escape(family.title)}</legend>{take}{''.join(boxes)}</fieldset>"
    count = len([id for id in chosen if id != answering])
    opened = " open" if chosen else ""
    return (
        f'<details id="others"{opened}><summary>Compare with other laws <span class="soft">{f"({count} chosen)" if count else ""}</span></summary>'
        f'<p class="quick">Compare with {quick}</p>'
        f'<div id="with" class="checks">{groups}</div></details>'
    )


def linked(state: State, rivals: str) -> str:
    return State(ask=state.ask, edit=state.edit, scenarios=state.scenarios, rivals=rivals, models=state.models).link()


def box(id: str, *, checked: bool, answering: bool) -> str:
    marks = f"{' checked' if checked else ''}{' disabled' if answering else ''}"
    return f'<label><input type="checkbox" data-law="{escape(id)}"{marks}><span>{escape(id)}{" (answers)" if answering else ""}</span></label>'


def options(known: Mapping[str, Input], given: Mapping[str, str], faults: Faults) -> str:
    """How the answer is had: options of every question."""
    parts = []
    for name in OPTIONS:
        entry = known[name]
        value = given.get(name, "")
        if name == "level":
            choices = [
                (each, f"{float(each):.0%}".replace("%", " %")) for each in dict.fromkeys([*LEVELS, value or "0.9"])
            ]
            parts.append(select(name, "Interval of", choices, value or "0.9", faults))
        elif entry.choices:
            choices = [(str(each), str(each)) for each in entry.choices]
            words = {
                "interval": "Interval for",
                "counts": "Parameters counted",
                "compute_kind": "Compute read as",
                "part": "Part of a pair",
            }
            first = [] if entry.default else [("", "as the law does")]
            parts.append(select(name, words[name], [*first, *choices], value or str(entry.default or ""), faults))
        else:
            title = "Irreducible loss, pinned"
            parts.append(text(name, f'{title} <span class="soft">(optional)</span>', value, faults))
    opened = " open" if any(name in given or name in faults for name in OPTIONS) else ""
    return (
        f'<details class="more"{opened}><summary>Options</summary><div class="given">{"".join(parts)}</div></details>'
    )


def switch(state: State) -> str:
    """Whether known models stand on the plots."""
    if state.domain != "language":
        return ""
    return select(
        "models", "Known models on the plots", [("", "shown"), ("no", "hidden")], "" if state.models else "no", {}
    )
