"""The catalogue: every law there is, read from law files, checked against its own worked examples, with a digest."""

from __future__ import annotations

import functools
import hashlib
import inspect
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Protocol, TypeAlias

from fitted_laws.answers.answer import Answer
from fitted_laws.asking import answering
from fitted_laws.laws.lawfile import BadLawFile, _read, parse
from fitted_laws.laws.laws import DRAWS, GIVEN, SHIPPED, Laws
from fitted_laws.laws.relation import Example, Relation
from fitted_laws.quantities.problems import Problem
from fitted_laws.questions import registry


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json")) if folder.is_dir() else [folder]


def published() -> list[Path]:
    """The law files that ship with the package."""
    return files(Path(str(resources.files("fitted_laws") / "coefficients")))


class LawFile(Protocol):
    """A law file that need not be on disk, such as what `trainer.fit` gives."""

    @property
    def name(self) -> str: ...
    @property
    def raw(self) -> bytes: ...


def load(
    extra: Sequence[str | Path | LawFile] = (), draws: int = DRAWS, *, shipped: bool = True, check: bool = True
) -> Laws:
    """The shipped laws (unless not `shipped`) and those of the files and folders in `extra`, of which each answers before the shipped
    ones of its domain, and the last named before the others.

    Raises:
        BadLawFile: a file is malformed, or contradicts an example that it must hold to.
    """
    sources = [(path.name, _read(path), SHIPPED) for path in published()] if shipped else []
    sources += [(name, raw, place) for place, item in enumerate(extra, GIVEN) for name, raw in contents(item)]
    digest = hashlib.sha256()
    by_name: dict[str, tuple[Relation, str]] = {}
    places: dict[str, int] = {}
    for file, raw, place in sources:
        digest.update(hashlib.sha256(raw).digest())
        for relation in parse(raw, file):
            if relation.name in by_name:
                raise BadLawFile(
                    file,
                    relation.name,
                    "a relation that no other file holds",
                    f"the same in {by_name[relation.name][1]}",
                )
            by_name[relation.name] = (relation, file)
            places[relation.name] = place
    relations = [relation for relation, _ in by_name.values()]
    laws = Laws(relations, digest.hexdigest()[:16], draws, places)
    if check:
        centres = Laws(relations, laws.digest, draws=0)
        for relation, file in by_name.values():
            for number, example in enumerate(relation.examples):
                require_example(centres, relation, number, example, file)
    return laws


def contents(source: str | Path | LawFile) -> list[tuple[str, bytes]]:
    """The names and bytes of the law files in a file, a folder, or at hand."""
    if isinstance(source, str | Path):
        return [(path.name, _read(path)) for path in files(Path(source))]
    return [(source.name, source.raw)]


def require_example(laws: Laws, relation: Relation, number: int, example: Example, file: str) -> None:
    """Asks `example` of `laws`; one that is enforced must come out within its tolerance.

    Raises:
        BadLawFile: it does not, or cannot be asked.
    """
    if not example.enforce:
        return
    key = f"{relation.name}: examples[{number}]"
    try:
        inputs = {"domain": relation.domain, "law": relation.id, **example.inputs}
        answer = answering.answer(registry.read(example.question, inputs), laws)
    except Problem as problem:
        raise BadLawFile(file, key, "an example that can be asked", problem.detail) from None
    for name, expected in example.expected.items():
        got = answer.plain().get(name)
        if not isinstance(got, float) or not math.isclose(got, expected, rel_tol=example.tolerance):
            raise BadLawFile(file, f"{key}.{name}", f"{expected} within {example.tolerance:.2g}", got)


@functools.cache
def shipped() -> Laws:
    """The laws that ship with the package, loaded once. Their examples, most of what loading takes, are asked by the tests and by a service
    that starts.
    """
    return load(check=False)


GivenLaws: TypeAlias = Laws | str | Path | LawFile | Sequence[str | Path | LawFile]
"""Laws to ask: loaded ones, a law file's path or folder, what `trainer.fit` gave, or several of these."""


def given(laws: GivenLaws) -> Laws:
    """The laws of whatever says which.

    Raises:
        BadLawFile: a file is malformed.
    """
    if isinstance(laws, Laws):
        return laws
    own = getattr(laws, "laws", None)  # a fitted law has read itself already
    if isinstance(own, Laws):
        return own
    several = isinstance(laws, Sequence) and not isinstance(laws, str)
    return load(laws if several else [laws], shipped=False)  # type: ignore[arg-type, list-item] # narrowed by `several`


def ask(question: str, laws: GivenLaws | None = None, **inputs: object) -> Answer:
    """The answer to a question such as `ask("optimal", domain="language", compute="1e21").params`.

    Inputs are numbers in the unit of their name, texts such as "70B", or columns of them: then every field is a column.
    `laws` are asked instead of those that ship: a law that was fitted, a law file's path, several of these, or loaded `Laws`;
    without a `domain` that of the first to answer is meant.

    Raises:
        NotUnderstood: an input is unknown, missing, malformed or out of range.
        NotFound: no such question, domain or law.
        Unanswerable: no law can answer; the message says what would work.
        BadLawFile: a law file cannot be read.
    """
    if laws is None:
        return answering.answer(registry.read(question, inputs), shipped())
    asked = given(laws)
    if asked is not laws or len(asked.domains) == 1:
        inputs = asked.meant(inputs)
    return answering.answer(registry.read(question, inputs), asked)


ask.__doc__ = "\n".join(
    [
        inspect.cleandoc(ask.__doc__ or ""),
        "\nThe questions; `fitted_laws.questions()` lists their inputs:\n",
        *(f"- {name}: {question.in_words()}" for name, question in registry.QUESTIONS.items()),
    ]
)
