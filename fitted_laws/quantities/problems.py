"""What can go wrong when a question is asked, one class a kind: it says what was expected, what came, where, and what
would work.
"""

from __future__ import annotations

import copyreg
import difflib
from collections.abc import Iterable
from typing import Any

import msgspec

MOST_NAMES = 5
"""Names that a refusal lists where none is near."""


class Fault(msgspec.Struct, frozen=True):
    """One input that could not be used: its name (`compute[1]` in a column), what was expected, what came."""

    field: str
    expected: str
    got: str


class Problem(Exception):
    """Base of all refusals; `detail` is a sentence for the user, `faults` names the inputs at fault."""

    title = "Problem"

    def __init__(self, detail: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, whatever a kind of problem is made from: processes hand problems to one another."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined] # what pickle itself names


class NotUnderstood(Problem):
    """The question itself cannot be read: an unknown or repeated input, a malformed or out-of-range value."""

    title = "Question not understood"

    @classmethod
    def of(cls, *faults: Fault) -> NotUnderstood:
        return cls("; ".join(f"{f.field}: expected {f.expected}, got {f.got}" for f in faults), faults)


class NotFound(Problem):
    """No domain, law, question or address of that name; the nearest names are offered."""

    title = "Not found"

    @classmethod
    def named(cls, what: str, name: str, known: Iterable[str]) -> NotFound:
        names = sorted(set(known))
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        hint = f"nearest: {', '.join(near)}" if near else f"known: {', '.join(names[:MOST_NAMES])}{more}"
        return cls(f"there is no {what} {shown(name)}; {hint}", [Fault(what, f"a known {what} ({hint})", shown(name))])


class Unanswerable(Problem):
    """The question is understood but has no answer: below a floor, not identified, not comparable."""

    title = "No answer"


class Incapable(Unanswerable):
    """The law lacks the relation that the question needs; another law may hold it."""

    title = "This law cannot answer"


class UnknownInput(Incapable):
    """The law knows nothing of `inputs` that were given."""

    def __init__(self, law: str, inputs: Iterable[str]) -> None:
        self.inputs = tuple(inputs)
        super().__init__(f"{law} knows no {' or '.join(self.inputs)}")


def shown(value: object, limit: int = 60) -> str:
    """`value` as it may be quoted back: printable and short."""
    text = value if isinstance(value, str) else repr(value)
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"'{text[:limit]}…'" if len(text) > limit else f"'{text}'"
