"""`ask`: a question from Python."""

from __future__ import annotations

import functools

from fitted_laws import answering, questions
from fitted_laws.answers import Answer
from fitted_laws.catalogue import Laws, load


@functools.cache
def shipped() -> Laws:
    """The laws that ship with the package, loaded once."""
    return load()


def ask(question: str, laws: Laws | None = None, **inputs: object) -> Answer:
    """The answer to a question such as `ask("optimal", domain="language", compute="1e21").params`.

    Inputs are numbers in the unit of their name, texts such as "70B", or lists of them: then every field is a column.

    Raises:
        NotUnderstood: an input is unknown, missing, malformed or out of range.
        NotFound: no such question, domain or law.
        Unanswerable: no law can answer; the message says what would work.
    """
    return answering.answer(questions.read(question, inputs), shipped() if laws is None else laws)
