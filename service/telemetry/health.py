"""Health: whether the process lives, and whether its laws still give the numbers that were published."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import msgspec

from fitted_laws import Laws, Problem, __version__
from fitted_laws.asking import answering
from fitted_laws.laws.law import Law
from fitted_laws.laws.relation import Example
from fitted_laws.questions import registry
from service.protocol.messages import JSON, Reply, Request, Resource, threaded
from service.protocol.problems import Refused

UNKEPT = (("Cache-Control", "no-store"),)


def resources(laws: Laws) -> Iterator[Resource]:
    yield Resource(path="/health/live", get=live, keyless=True, rated=False)
    yield Resource(path="/health/ready", get=threaded(lambda _: ready(laws)), keyless=True, rated=False)


async def live(_: Request) -> Reply:
    """200 as long as the process answers at all."""
    return Reply(200, b'{"status":"live"}', JSON, UNKEPT)


def ready(laws: Laws) -> Reply:
    """200 where the default law of every domain gives a number of its paper.

    Raises:
        Refused: 503: one does not.
    """
    examples = [example for domain in laws.domains if (example := published(laws.of(domain.id)[0]))]
    off = [sentence for inputs, example in examples for sentence in differences(inputs, example, laws)]
    if off:
        raise Refused(503, f"published numbers do not come out: {'; '.join(off)}")
    status = {
        "status": "ready",
        "checked": len(examples),
        "laws": len(laws),
        "catalogue": laws.digest,
        "version": __version__,
    }
    return Reply(200, msgspec.json.encode(status), JSON, UNKEPT)


def published(law: Law) -> tuple[Mapping[str, object], Example] | None:
    """The first worked example that the law must hold to, with its inputs."""
    for relation in law.relations.values():
        for example in relation.examples:
            if example.enforce:
                return {"domain": law.domain.id, "law": law.id, **example.inputs}, example
    return None


def differences(inputs: Mapping[str, object], example: Example, laws: Laws) -> Iterator[str]:
    """The numbers of `example` that do not come out, a sentence each."""
    try:
        answer = answering.answer(registry.read(example.question, inputs), laws)
    except Problem as problem:
        yield f"{inputs['law']}: {problem.detail}"
        return
    for name, expected in example.expected.items():
        got = answer.columns.get(name)
        first = answer.column(name)[0] if got is not None else None
        if not isinstance(first, float) or not math.isclose(first, expected, rel_tol=example.tolerance):
            yield f"{inputs['law']}: {name} is {first}, not {expected}"
