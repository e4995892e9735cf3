"""Reading a law file, and everything that is checked in it."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np

from fitted_laws.forms import FORMS
from fitted_laws.laws.draws import Percentiles, rounding
from fitted_laws.laws.relation import QUANTITIES, ROLE_OF_FORM, ROLES, Relation
from fitted_laws.laws.safe import MOST_BYTES, unsafe


class BadLawFile(ValueError):
    """A law file is malformed or contradicts itself: file, key, expected, got. It stops the start."""

    def __init__(self, file: str, key: str, expected: str, got: object) -> None:
        super().__init__(f"{file}: {key}: expected {expected}, got {got}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadLawFile(str(path), "file", "a readable law file", error.strerror) from None


def parse(raw: bytes, file: str) -> list[Relation]:
    """The relations of one law file; what stands beside `relations`, at any depth, holds for each of them.

    Raises:
        BadLawFile: not JSON, an unknown or missing key, an unknown form or role, or coefficients that the form does not
            have.
    """
    leaf: dict[str, Any] = {}
    relations: list[Relation] = []
    if len(raw) > MOST_BYTES:
        raise BadLawFile(file, "file", f"at most {MOST_BYTES} bytes", len(raw))
    try:
        tree = msgspec.json.decode(raw, type=dict[str, Any])
        for key, expected, got in unsafe(tree):
            raise BadLawFile(file, key, expected, got)
        for leaf in map(_with_role, _leaves(tree)):
            relations.append(msgspec.convert(leaf, Relation))
    except msgspec.DecodeError as error:
        raise _bad(file, leaf, str(error)) from None
    except RecursionError:
        raise BadLawFile(file, "file", "JSON of some depth", "nesting without end") from None
    except UnicodeDecodeError:
        raise BadLawFile(file, "file", "UTF-8", "other bytes") from None
    if not relations:
        raise BadLawFile(file, "relations", "at least one relation", "none")
    for relation in relations:
        _check(relation, file)
    return relations


def _leaves(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "relations" not in tree:
        yield tree
        return
    shared = {key: value for key, value in tree.items() if key != "relations"}
    for own in msgspec.convert(tree["relations"], list[dict[str, Any]]):
        yield from _leaves({**shared, **own})


def _with_role(tree: dict[str, Any]) -> dict[str, Any]:
    role = ROLE_OF_FORM.get(str(tree.get("form")))
    return {"role": role, **tree} if role else tree


def _bad(file: str, leaf: dict[str, Any], message: str) -> BadLawFile:
    """What is wrong with the relation `leaf`, from the message of msgspec."""
    message, _, where = message.partition(" - at ")
    path = where.strip("`").removeprefix("$").lstrip(".") or "$"
    name = "/".join(str(leaf[part]) for part in ("id", "domain", "role", "part") if part in leaf)
    at = f"{name}: " if name else ""
    if match := re.fullmatch(r"Object contains unknown field `(.+)`", message):
        return BadLawFile(file, f"{at}{path}", "only keys that law files have", match[1])
    if match := re.fullmatch(r"Object missing required field `(.+)`", message):
        return BadLawFile(file, f"{at}{path}", f"a key {match[1]}", "none")
    expected, _, got = message.removeprefix("Expected ").partition(", got ")
    return BadLawFile(file, f"{at}{path}", *((expected, got) if got else ("a well-formed law file", message)))


Require: TypeAlias = Callable[[object, str, str, object], None]


def _check(relation: Relation, file: str) -> None:
    def require(holds: object, key: str, expected: str, got: object) -> None:
        if not holds:
            raise BadLawFile(file, f"{relation.name}: {key}", expected, got)

    require(relation.form in FORMS, "form", f"one of {', '.join(FORMS)}", relation.form)
    require(relation.role in ROLES, "role", f"one of {', '.join(ROLES)}", relation.role)
    form = FORMS[relation.form]
    fields = set(form.__struct_fields__)
    needed = fields - set(form.__struct_fields__[len(fields) - len(form.__struct_defaults__) :])
    require(
        needed <= set(relation.coefficients) <= fields,
        "coefficients",
        f"{sorted(needed)}",
        sorted(relation.coefficients),
    )
    for name, value in relation.coefficients.items():
        require(math.isfinite(value), f"coefficients.{name}", "a finite number", value)
    for name, text in relation.printed.items():
        require(name in fields, f"printed.{name}", f"one of {sorted(fields)}", name)
        require(
            _prints(text, relation.coefficients[name]),
            f"printed.{name}",
            f"the text of the coefficient {relation.coefficients[name]}",
            text,
        )
    for name, half in relation.half_units.items():
        require(
            name in relation.printed and half > 0,
            f"half_units.{name}",
            "half a unit, above 0, of a printed coefficient",
            half,
        )
    for number, constraint in enumerate(relation.constraints):
        key = f"constraints[{number}]"
        require(
            constraint.quantity in form.derived,
            f"{key}.quantity",
            f"one of {', '.join(form.derived) or 'none'}",
            constraint.quantity,
        )
        require(_prints(constraint.printed), f"{key}.printed", "a printed number", constraint.printed)
    if relation.percentiles is not None:
        _check_percentiles(relation, relation.percentiles, require)
    _check_forecast(relation, require)
    _check_ranges(relation, require)
    _check_falling(relation, require)


def _check_ranges(relation: Relation, require: Require) -> None:
    """Ranges in order, and validated runs that say something: each lies beyond one of them."""
    for quantity, (low, high) in relation.ranges.items():
        require(
            quantity in QUANTITIES and (low > 0 or (low == 0 and quantity == "sparsity")) and low < high,
            f"ranges.{quantity}",
            f"[low, high] of one of {', '.join(QUANTITIES)}",
            [low, high],
        )
    for number, run in enumerate(relation.validated):
        for quantity, value in run.at.items():
            require(
                quantity in QUANTITIES and value > 0,
                f"validated[{number}].at.{quantity}",
                f"a positive number of one of {', '.join(QUANTITIES)}",
                value,
            )
        require(
            any(not low <= run.at.get(quantity, low) <= high for quantity, (low, high) in relation.ranges.items()),
            f"validated[{number}].at",
            "a run beyond one of the fitted ranges",
            run.at,
        )


FALLING: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "surface": {"params": (1e6, 1e12), "tokens": (1e8, 1e13)},
    "frontier": {"compute": (1e15, 1e25)},
    "converged": {"params": (1e6, 1e12)},
    "data": {"tokens": (1e8, 1e13)},
}
"""Relations of losses, what these fall in, and where that is looked at if no range is stated."""


def _check_falling(relation: Relation, require: Require) -> None:
    """A loss that is no higher at the upper end of each range than at the lower, the other input in its middle."""
    spans = {name: relation.ranges.get(name, span) for name, span in FALLING.get(relation.role, {}).items()}
    form: Any = FORMS[relation.form](**{name: np.array([value]) for name, value in relation.coefficients.items()})
    if not spans or form.extras:
        return
    unit = {"compute": relation.scale}
    middle = {name: math.sqrt(low * high) for name, (low, high) in spans.items()}
    for name, ends in spans.items():
        low, high = (
            float(form.value(*(np.array([x / unit.get(n, 1.0)]) for n, x in {**middle, name: end}.items()))[0])
            for end in ends
        )
        got = f"{low:.4g} at {ends[0]:.3g} and {high:.4g} at {ends[1]:.3g}"
        require(not high > low, "coefficients", f"a loss that does not rise with {name}", got)


FORECAST_FORMS = {"surface": "warped", "repeated": "warped-repeated"}
"""The form of a forecast's laws by the role of its relation: of one variable it is `warped-curve`."""


def _check_forecast(relation: Relation, require: Require) -> None:
    """That the laws of a forecast are of a form that answers for the relation, whole, and finite."""
    forecast = relation.forecast
    if forecast is None:
        return
    form = FORECAST_FORMS.get(relation.role, "warped-curve")
    require(forecast.form == form, "forecast.form", form, forecast.form)
    fields = set(FORMS[form].__struct_fields__) - {"scatter"}
    require(set(forecast.central) == fields, "forecast.central", f"{sorted(fields)}", sorted(forecast.central))
    require(set(forecast.order) <= fields, "forecast.order", f"some of {sorted(fields)}", forecast.order)
    finite = readable = False
    with contextlib.suppress(ValueError):
        readable = len(forecast.order) == forecast.shape[1] and bool(forecast.members)
        finite = all(bool(np.isfinite(values).all()) for values in forecast.members.values())
    require(readable, "forecast.data", f"numbers of shape {list(forecast.shape)}, a column for each in order", "others")
    require(finite and all(map(math.isfinite, forecast.central.values())), "forecast", "finite coefficients", "others")


def _check_percentiles(relation: Relation, percentiles: Percentiles, require: Require) -> None:
    """One quantile on each side of the published exponent, whose prefactor moves with it."""
    central = relation.coefficients
    for name in (percentiles.exponent, percentiles.prefactor):
        require(name in central, "percentiles", f"one of {sorted(central)}", name)
    sides = sorted(percentiles.quantiles)
    right = (
        len(sides) == 2
        and 0 < sides[0][0] < 0.5 < sides[1][0] < 1
        and sides[0][1] < central[percentiles.exponent] < sides[1][1]
    )
    require(
        right,
        "percentiles.quantiles",
        f"two, one to each side of the median {central[percentiles.exponent]}",
        percentiles.quantiles,
    )
    require(percentiles.pivot > 0, "percentiles.pivot", "a positive number", percentiles.pivot)


def _prints(text: str, value: float | None = None) -> bool:
    """Whether `text` is a printed number, and that of `value` where one is given."""
    try:
        rounding(text)
    except ValueError:
        return False
    return value is None or math.isclose(float(text), value, rel_tol=1e-12)
