"""Which parameters are counted: from the user's count to a law's and back, where a published relation says how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.forms import Values
from fitted_laws.forms.bisection import bisected
from fitted_laws.laws.law import Law
from fitted_laws.quantities.problems import Incapable, Unanswerable
from fitted_laws.solving.optimum import Optimum, optimum
from fitted_laws.solving.solution import Caution, Solution

OMEGA = 47_491.0
"""ω in N_T = N + ω·N^⅓: embeddings of 32,000 tokens at an aspect ratio of 39, no positions (Pearce & Song 2024,
arXiv:2406.12907).
"""
SMALLEST = 1e6
"""Parameters below which the relation is not to be used."""
HALVINGS = 70
NOTE = (
    "params and compute are translated between counts by N_T = N + 47,491·N^⅓ (Pearce & Song 2024, arXiv:2406.12907: "
    "32,000 tokens, aspect ratio 39); the loss is not. Other vocabularies and shapes differ: Kaplan's own models need 1.6 to 2.2 times that ω"
)


def total(non_embedding: Values) -> Values:
    """All parameters of a model with that many outside its embeddings: N_T = N + ω·N^⅓."""
    return np.asarray(non_embedding + OMEGA * np.cbrt(non_embedding))


def non_embedding(total: Values) -> Values:
    """The inverse of `total`: the real root x of x³ + ω·x = N_T, cubed, in its closed form with sinh."""
    scale = np.sqrt(OMEGA / 3)
    x = 2 * scale * np.sinh(np.arcsinh(total / (2 * scale**3)) / 3)
    return np.asarray(x**3)


def translating(solve: Callable[[Any, Law], Solution]) -> Callable[[Any, Law], Solution]:
    """`solve` for a question in other counts than its law's."""
    return lambda question, law: translated(question, law, solve)


def translated(question: Any, law: Law, solve: Callable[[Any, Law], Solution]) -> Solution:
    """The solution by a law that counts other parameters than `question.counts`: inputs into the law's count, what
    comes out back.

    Raises:
        Unanswerable: the model is too small.
    """
    to_law, to_user = (non_embedding, total) if question.counts == "total" else (total, non_embedding)
    inside, own = into_law(question, law, to_law, to_user)
    solution = solve(inside, law)
    fields = dict(solution.fields)
    fitted = {
        name: fields[name][0] if np.ndim(fields[name]) == 2 else fields[name]
        for name in ("params", "tokens", "compute")
        if name in fields
    }
    ratio = to_user(fields["params"]) / fields["params"] if fields.get("params") is not None else None
    for name in question.size_fields:
        if fields.get(name) is not None:
            fields[name] = to_user(fields[name])
    if ratio is not None and fields.get("compute") is not None:
        fields["compute"] = fields["compute"] * ratio
    fields.update({name: value for name, value in own.items() if name in fields})
    if "tokens_per_param" in fields:
        fields["tokens_per_param"] = fields["tokens"] / fields["params"]
    return msgspec.structs.replace(
        solution,
        fields=fields,
        fitted=fitted,
        falling={},  # what fell did so in the law's count
        warnings=[*solution.warnings, Caution(NOTE)],
    )


def require_relation(question: Any, law: Law) -> None:
    """That a published relation translates between the counts of `question` and `law`.

    Raises:
        Incapable: none does in this domain.
        Unanswerable: the question is not one of those translated.
    """
    counted = law.first.counts
    if counted not in ("total", "non-embedding"):
        raise Incapable(f"{law.id} counts {counted} parameters, which no published relation translates")
    if not law.domain.text:
        raise Incapable(
            f"{law.id} counts {counted} parameters; for {law.domain.id} no relation to others is published: "
            "it would need the vocabulary, the context and the aspect ratio"
        )
    if not question.size_fields:
        raise Unanswerable(f"counts= is not translated for {question.name}; ask in the law's own count, {counted}")


def into_law(question: Any, law: Law, to_law: Any, to_user: Any) -> tuple[Any, dict[str, Any]]:
    """The question in the law's count, and the user's own params and compute, which the answer gives back unchanged."""
    own = {
        name: np.atleast_1d(np.asarray(v, float))
        for name in ("params", "compute")
        if (v := getattr(question, name, None)) is not None
    }
    changed: dict[str, Any] = {"counts": None}
    if "params" in own:
        if (own["params"] < SMALLEST).any():
            raise Unanswerable(
                f"counts= is not translated below {SMALLEST:.0e} parameters, where the relation between counts fails"
            )
        changed["params"] = to_law(own["params"])
    if "compute" in own:
        size = changed.get("params")
        changed["compute"] = (
            own["compute"] * size / own["params"]
            if size is not None
            else at_optimum(optimum(law), own["compute"], to_user)
        )
    return msgspec.structs.replace(question, **changed), own


def at_optimum(best: Optimum, compute: Values, to_user: Any) -> Values:
    """C in the law's count of an optimal run that spends `compute` in the user's: C·N_user/N_law grows with C, so by
    bisection in log C.
    """

    def short(log_compute: Values) -> NDArray[np.bool_]:
        params = best.params(np.exp(log_compute))[0]
        return np.asarray(np.exp(log_compute) * to_user(params) / params < compute)

    _, high = bisected(short, np.log(compute) - 12, np.log(compute) + 12, HALVINGS)
    return np.asarray(np.exp(high))
