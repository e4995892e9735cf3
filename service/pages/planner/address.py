"""The planner's state, which is its address: what is asked, by up to four scenarios, compared with which laws."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from fitted_laws import NotFound, NotUnderstood
from fitted_laws.questions.registry import QUESTIONS
from service.pages.planner.ways import ALIASES
from service.protocol import queries

LETTERS = ("a", "b", "c", "d")
OURS = frozenset({"ask", "with", "edit", "models", "up", *LETTERS})
"""Of the page alone: no question has inputs of these names."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What an address says. `scenarios` hold what each asks, by letter; `edit` is the one in the form."""

    ask: str = "optimal"
    edit: str = "a"
    scenarios: dict[str, dict[str, str]]
    rivals: str = ""
    """Law ids separated by commas, or `all`: laws beside that of the scenario in the form."""
    models: bool = True

    @property
    def inputs(self) -> dict[str, str]:
        """What the scenario in the form asks."""
        return self.scenarios[self.edit]

    @property
    def domain(self) -> str:
        return self.inputs.get("domain") or str(QUESTIONS[self.ask].example["domain"])

    def asking(self, inputs: dict[str, str]) -> State:
        """The same with other inputs in the form."""
        return msgspec.structs.replace(self, scenarios={**self.scenarios, self.edit: inputs})

    def hidden(self) -> dict[str, str]:
        """What an address holds beside the inputs in the form."""
        others = {letter: urlencode(inputs) for letter, inputs in self.scenarios.items() if letter != self.edit}
        return {
            **({"ask": self.ask} if self.ask != "optimal" else {}),
            **({"edit": self.edit} if self.edit != "a" else {}),
            **others,
        }

    def link(self) -> str:
        """The address."""
        extra = {**({"with": self.rivals} if self.rivals else {}), **({} if self.models else {"models": "no"})}
        return f"/?{urlencode({**self.hidden(), **self.inputs, **extra})}"

    def editing(self, letter: str) -> State:
        """The same with another scenario in the form: a new one begins as a copy of the one there."""
        scenarios = {letter: self.inputs, **self.scenarios} if letter not in self.scenarios else self.scenarios
        return msgspec.structs.replace(self, edit=letter, scenarios=dict(sorted(scenarios.items())))

    def without(self, letter: str) -> State:
        """The same without a scenario; those after it move up."""
        kept = [inputs for name, inputs in sorted(self.scenarios.items()) if name != letter]
        return msgspec.structs.replace(self, edit="a", scenarios=dict(zip(LETTERS, kept, strict=False)))


def read(query: bytes) -> State:
    """The state that an address says; empty inputs are none.

    Raises:
        NotUnderstood: the query cannot be read.
        NotFound: no such question.
    """
    given = {name: value.strip() for name, value in queries.parse(query).items() if value.strip()}
    asked = ALIASES.get(given.get("ask", "optimal"), given.get("ask", "optimal"))
    if asked not in QUESTIONS:
        raise NotFound.named("question", asked, QUESTIONS)
    edit = given.get("edit", "a")
    if edit not in LETTERS:
        raise NotUnderstood(f"edit names a scenario: expected {', '.join(LETTERS)}, got {edit[:20]!r}")
    own = {name: value for name, value in given.items() if name not in OURS}
    if own.get("level") in ("0.9", "0.90"):
        del own["level"]
    others = {letter: _inputs(given[letter]) for letter in LETTERS if letter in given and letter != edit}
    scenarios = dict(sorted({**others, edit: own}.items()))
    return State(
        ask=asked, edit=edit, scenarios=scenarios, rivals=given.get("with", ""), models=given.get("models") != "no"
    )


def _inputs(query: str) -> dict[str, str]:
    """The inputs of a scenario that is not in the form."""
    return {name: value for name, value in queries.parse(query.encode()).items() if value.strip() and name not in OURS}
