"""Quantities as annotated types, one unit each, and how a user's text becomes a number in that unit. Not a unit converter of losses: see questions/convert.py."""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from fitted_laws.hardware import ACCELERATORS
from fitted_laws.problems import shown

PF_DAY = 8.64e19
"""FLOP in one PF-day."""

Kind: TypeAlias = Literal["number", "count", "compute"]


class Quantity(Struct, frozen=True):
    """What a name means everywhere: its unit, its meaning, and which suffixes its text may carry."""

    name: str
    unit: str
    meaning: str
    kind: Kind = "number"


def meta(quantity: Quantity, low: float, high: float) -> Meta:
    """The msgspec constraint of `quantity`: bounded on both sides, since NaN passes `le` and infinity passes `gt`."""
    return Meta(ge=low, le=high, title=quantity.name, description=f"{quantity.meaning} ({quantity.unit})", extra={"quantity": quantity})


PARAMS = Quantity("params", "count", "model size N; each law says which parameters it counts", "count")
TOKENS = Quantity("tokens", "count", "training tokens D, processed", "count")
COMPUTE = Quantity("compute", "FLOP", "training compute C, 6ND unless the law says otherwise", "compute")
LOSS = Quantity("loss", "nats/token", "cross-entropy loss L")
KL = Quantity("kl", "nats/token", "reducible loss, KL(true‖model)")

Params: TypeAlias = Annotated[float, meta(PARAMS, 1, 1e30)]
Tokens: TypeAlias = Annotated[float, meta(TOKENS, 1, 1e30)]
Compute: TypeAlias = Annotated[float, meta(COMPUTE, 1, 1e60)]
Loss: TypeAlias = Annotated[float, meta(LOSS, 1e-9, 1e6)]
Kl: TypeAlias = Annotated[float, meta(KL, 1e-12, 1e6)]
Level: TypeAlias = Annotated[float, meta(Quantity("level", "share", "share of the draws inside a central interval"), 0.01, 0.999)]
Probability: TypeAlias = Annotated[float, meta(Quantity("probability", "share", "share of the draws that reach the target"), 0.001, 0.999)]
Points: TypeAlias = Annotated[int, meta(Quantity("points", "count", "points of a curve"), 2, 1000)]
UniqueTokens: TypeAlias = Annotated[float, meta(Quantity("unique_tokens", "count", "distinct training tokens U; tokens = unique_tokens × epochs", "count"), 1, 1e30)]
Epochs: TypeAlias = Annotated[float, meta(Quantity("epochs", "count", "passes over the unique tokens"), 1, 1e6)]
InferenceTokens: TypeAlias = Annotated[float, meta(Quantity("inference_tokens", "count", "tokens served over the model's life", "count"), 0, 1e30)]
BytesPerToken: TypeAlias = Annotated[float, meta(Quantity("bytes_per_token", "bytes", "mean length of a token"), 0.01, 1e6)]
TokensPerSample: TypeAlias = Annotated[float, meta(Quantity("tokens_per_sample", "count", "tokens in one sample"), 1, 1e12)]

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+ -]?[0-9]{1,4})?"
_COUNT_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_FLOP_SUFFIXES = {"FLOP": 1.0, "TFLOP": 1e12, "PFLOP": 1e15, "EFLOP": 1e18, "ZFLOP": 1e21, "YFLOP": 1e24, "PFd": PF_DAY, "PF-day": PF_DAY, "PF-days": PF_DAY}
_SECONDS = {"hours": 3600.0, "days": 86400.0}


def _alternatives(names: object) -> str:
    return "|".join(sorted(map(str, names), key=len, reverse=True))  # type: ignore[call-overload]


_BUDGET = rf" ?(?P<chip>{_alternatives(ACCELERATORS)})-(?P<span>hours|days)@(?P<mfu>[0-9]+(?:\.[0-9]+)?)%"
_SUFFIX = {
    "number": "",
    "count": rf"(?: ?(?P<suffix>{_alternatives(_COUNT_SUFFIXES)}))?",
    "compute": rf"(?:{_BUDGET}| ?(?P<suffix>{_alternatives({**_COUNT_SUFFIXES, **_FLOP_SUFFIXES})}))?",
}
_GRAMMAR = {kind: re.compile(rf" *(?P<number>{_NUMBER}){suffix} *") for kind, suffix in _SUFFIX.items()}
_EXPECTED = {
    "number": "a plain number such as 2.5 or 1e-3",
    "count": "a plain number such as 7e10, or one with a suffix k, M, B or T, such as 70B",
    "compute": "a number in FLOP such as 1e21, or one with a suffix such as 3 PF-days, 5 ZFLOP or 3000 H100-days@40%",
}
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9]+.*")


class Unreadable(ValueError):
    """A text that is no quantity: what was expected and what came."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def pattern(kind: Kind) -> str:
    """The JSON Schema pattern of the texts that `read` accepts: the very grammar it reads by."""
    return "^" + re.sub(r"\?P<[a-z]+>", "?:", _GRAMMAR[kind].pattern) + "$"


def read(text: str, kind: Kind) -> float:
    """The number that `text` says, in the unit of its quantity; a space in the exponent is a `+` that a URL turned into one.

    Raises:
        Unreadable: the text does not follow the grammar of `kind`, or is not finite.
    """
    match = _GRAMMAR[kind].fullmatch(text)
    if match is None:
        hint = "; write a decimal point, not a comma" if _DECIMAL_COMMA.fullmatch(text.strip()) else ""
        raise Unreadable(_EXPECTED[kind] + hint, shown(text))
    number = float(match["number"].replace(" ", "+")) * _factor(match, kind)
    if not math.isfinite(number):
        raise Unreadable("a finite number", shown(text))
    return number


def _factor(match: re.Match[str], kind: Kind) -> float:
    if kind == "number":
        return 1.0
    if kind == "compute" and match["chip"]:
        seconds = _SECONDS[match["span"]]
        return ACCELERATORS[match["chip"]].bf16_flops * seconds * float(match["mfu"]) / 100
    return {**_COUNT_SUFFIXES, **_FLOP_SUFFIXES}.get(match["suffix"] or "", 1.0)


def nats_to_bits(nats: float) -> float:
    return nats / math.log(2)
