"""What a law expects of downstream tasks at its loss."""

from __future__ import annotations

import msgspec

from fitted_laws.laws.law import GrowthRole, Law
from fitted_laws.solving.solution import Solution

DOWNSTREAM: dict[GrowthRole, str] = {
    "downstream-error": "downstream_error",
    "downstream-error-46": "downstream_error_46",
}
"""Relations of the error on tasks to the loss, and the field each gives."""


def with_downstream_error(law: Law, solution: Solution) -> Solution:
    """The solution with the mean errors on downstream tasks that the law expects at its loss, where it holds them."""
    relations = {name: law.drawn(role) for role, name in DOWNSTREAM.items() if law.has(role)}
    errors = {name: drawn.form.value(solution.fields["loss"]) for name, drawn in relations.items()}
    return msgspec.structs.replace(
        solution, fields={**solution.fields, **errors}, sources=[*solution.sources, *relations.values()]
    )
