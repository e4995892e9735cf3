"""What is asked at once, each with its answer or why there is none: scenarios, and laws beside that of the one in the form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from fitted_laws import Laws, Problem
from fitted_laws.asking import answering
from fitted_laws.asking.options import ALL, several
from fitted_laws.laws.families import LawFamily
from fitted_laws.laws.laws import by_family
from fitted_laws.plots.chart import HUES
from fitted_laws.questions import Question
from service.api import limits, usage
from service.pages.planner import starts
from service.pages.planner.address import State
from service.protocol.messages import Usage

USUAL = 4
"""Laws offered first: the preferred one of each of as many families."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One question put: `rows` are its answer, of which the first is the headline, or `problem` says why there is none.

    `hue` is its colour on plots, None where it stands in tables alone.
    """

    name: str
    hue: int | None
    inputs: dict[str, str]
    rows: Sequence[dict[str, Any]] = ()
    problem: Problem | None = None
    usage: Usage | None = None

    @property
    def found(self) -> dict[str, Any]:
        return self.rows[0]

    @property
    def law(self) -> str:
        return str(self.rows[0].get("law") or "") if self.rows else self.inputs.get("law", "")


class Cases(msgspec.Struct, frozen=True, kw_only=True):
    """The scenario in the form first, then the others, then laws to compare with."""

    main: Case
    scenarios: Sequence[Case]
    """All of them in the order of their letters, where there are several."""
    laws: Sequence[Case]

    @property
    def answered(self) -> list[Case]:
        """Those that have an answer, the one in the form first."""
        return [
            case for case in (self.main, *(c for c in self.scenarios if c is not self.main), *self.laws) if case.rows
        ]

    @property
    def drawn(self) -> list[Case]:
        """Those of them that plots show."""
        return [case for case in self.answered if case.hue is not None]


def gather(state: State, laws: Laws, max_points: int) -> Cases:
    """Asks every scenario, and the laws to compare with."""
    many = len(state.scenarios) > 1
    asked, rivals = _by_one_law(state, laws)
    scenarios = [
        put(state.ask, inputs, laws, max_points, letter.upper() if many else "", hue)
        for hue, (letter, inputs) in enumerate((name, asked.get(name, {})) for name in state.scenarios)
    ]
    main = scenarios[list(state.scenarios).index(state.edit)]
    others = [law for law in rivals if law != main.law]
    shown = _shown(laws, state.domain, others, HUES - len(scenarios))
    hues = dict(zip(shown, range(len(scenarios), HUES), strict=False))
    compared = [
        put(state.ask, {**asked[state.edit], "law": law}, laws, max_points, law, hues.get(law)) for law in others
    ]
    return Cases(main=main, scenarios=scenarios if many else (), laws=compared)


def _by_one_law(state: State, laws: Laws) -> tuple[dict[str, dict[str, str]], list[str]]:
    """The inputs of each scenario by one law, and the laws to compare with: those of `with`, and of `law` where it names several."""
    asked, rivals = {}, state.rivals
    for letter, inputs in state.scenarios.items():
        whole = {"domain": state.domain, **inputs}
        if several(whole.get("law")):
            law = whole.pop("law")
            rivals = ",".join(filter(None, (rivals, law))) if letter == state.edit else rivals
            if law != ALL and letter == state.edit:
                whole["law"] = law.split(",")[0]
        asked[letter] = whole
    ids = [id for id in rivals.split(",") if id]
    if ALL in ids:
        ids = starts.able(laws, state.ask, state.domain)
    return asked, list(dict.fromkeys(ids))


def _shown(laws: Laws, domain: str, ids: Sequence[str], most: int) -> Sequence[str]:
    """The laws that plots show: all, or the first of each family where there are more than `most`."""
    return ids if len(ids) <= most else [members[0] for _, members in families(laws, domain, ids)][:most]


def put(question: str, inputs: dict[str, str], laws: Laws, max_points: int, name: str, hue: int | None) -> Case:
    """A question with its answer, or its refusal."""
    try:
        asked: Question = limits.read(question, inputs, max_points)
        answer = answering.answer(asked, laws)
    except Problem as problem:
        return Case(name=name, hue=hue, inputs=inputs, problem=problem)
    return Case(name=name, hue=hue, inputs=inputs, rows=answer.records(), usage=usage.usage_of(asked, answer))


def families(laws: Laws, domain: str, ids: Iterable[str]) -> list[tuple[LawFamily, list[str]]]:
    """Laws of a domain by family, in the order of their ids."""
    known = {law.id: law for law in laws if law.domain.id == domain}
    named = [known[id] for id in ids if id in known]
    return [(family, [law.id for law in members]) for family, members in by_family(named).items()]


def usual(laws: Laws, domain: str, ids: Iterable[str]) -> list[str]:
    """The preferred law of each of the first families."""
    return [members[0] for _, members in families(laws, domain, ids)[:USUAL]]
