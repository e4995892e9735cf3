"""Quantities as annotated types, one unit each, and how a user's text becomes a number in that unit."""

from __future__ import annotations

import math
import re
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.quantities.problems import shown

NATS = "nats/token"
"""The unit of losses, but of a law that was fitted to losses in another."""
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
    return Meta(
        ge=low,
        le=high,
        title=quantity.name,
        description=f"{quantity.meaning} ({quantity.unit})",
        extra={"quantity": quantity},
    )


PARAMS = Quantity("params", "count", "model size N; each law says which parameters it counts", "count")
TOKENS = Quantity("tokens", "count", "training tokens D, processed", "count")
COMPUTE = Quantity("compute", "FLOP", "training compute C, 6ND unless the law says otherwise", "compute")
LOSS = Quantity("loss", NATS, "cross-entropy loss L")
KL = Quantity("kl", "nats/token", "reducible loss, KL(true‖model)")

Params: TypeAlias = Annotated[float, meta(PARAMS, 1, 1e30)]
Tokens: TypeAlias = Annotated[float, meta(TOKENS, 1, 1e30)]
Compute: TypeAlias = Annotated[float, meta(COMPUTE, 1, 1e60)]
Loss: TypeAlias = Annotated[float, meta(LOSS, 1e-9, 1e6)]
Kl: TypeAlias = Annotated[float, meta(KL, 1e-12, 1e6)]
KlPerSample: TypeAlias = Annotated[
    float, meta(Quantity("kl_per_sample", "nats/sample", "reducible loss of one image or clip"), 1e-12, 1e9)
]
Level: TypeAlias = Annotated[
    float, meta(Quantity("level", "share", "share of the draws inside a central interval"), 0.01, 0.999)
]
Probability: TypeAlias = Annotated[
    float, meta(Quantity("probability", "share", "share of the draws that reach the target"), 0.001, 0.999)
]
Points: TypeAlias = Annotated[int, meta(Quantity("points", "count", "points of a curve"), 2, 1000)]
UniqueTokens: TypeAlias = Annotated[
    float,
    meta(
        Quantity("unique_tokens", "count", "distinct training tokens U; tokens = unique_tokens × epochs", "count"),
        1,
        1e30,
    ),
]
Epochs: TypeAlias = Annotated[float, meta(Quantity("epochs", "count", "passes over the unique tokens"), 1, 1e6)]
InferenceTokens: TypeAlias = Annotated[
    float, meta(Quantity("inference_tokens", "count", "tokens served over the model's life", "count"), 0, 1e30)
]
BytesPerToken: TypeAlias = Annotated[
    float, meta(Quantity("bytes_per_token", "bytes", "mean length of a token"), 0.01, 1e6)
]
TokensPerSample: TypeAlias = Annotated[
    float, meta(Quantity("tokens_per_sample", "count", "tokens in one sample"), 1, 1e12)
]


def _count(name: str, meaning: str, low: float = 1, high: float = 1e30) -> Meta:
    return meta(Quantity(name, "count", meaning, "count"), low, high)


def _number(name: str, unit: str, meaning: str, low: float, high: float) -> Meta:
    return meta(Quantity(name, unit, meaning), low, high)


ObservedLoss: TypeAlias = Annotated[float, _number("observed_loss", "nats/token", "loss that a run reached", 1e-9, 1e6)]
AddedLoss: TypeAlias = Annotated[
    float,
    _number("known_added_loss", "nats/token", "loss that quantising added to a model that was measured", 1e-12, 1e6),
]
FinetuneCharacters: TypeAlias = Annotated[float, _count("finetune_characters", "characters of fine-tuning data D_F")]
FinetuneTokens: TypeAlias = Annotated[float, _count("finetune_tokens", "tokens of fine-tuning data")]
BatchTokens: TypeAlias = Annotated[float, _count("batch_tokens", "tokens in a batch")]
MutualInformation: TypeAlias = Annotated[
    float, _number("mutual_information", "nats", "what an image says of its text", 1e-9, 1e9)
]
NatsPerWord: TypeAlias = Annotated[float, _number("nats_per_word", "nats", "entropy of a word", 1e-6, 1e6)]
TextLoss: TypeAlias = Annotated[
    float, _number("text_loss", "nats", "entropy of the whole text, without the image", 1e-9, 1e12)
]
Steps: TypeAlias = Annotated[
    float, _count("steps", "steps of training S, at batches so large that larger ones would not save steps")
]
Difficulty: TypeAlias = Annotated[float, _number("difficulty", "level", "difficulty of the problems", 0, 1e6)]
UnigramEntropy: TypeAlias = Annotated[
    float, _number("unigram_entropy", "nats/token", "entropy of single tokens, L_U", 1e-9, 1e6)
]
PositionPower: TypeAlias = Annotated[float, _number("power", "1", "exponent p of the loss by position", 0.001, 10)]
Position: TypeAlias = Annotated[float, _count("position", "place in the context, the first is 1", 1, 1e12)]
Context: TypeAlias = Annotated[float, _count("context", "tokens of the context, both halves", 2, 1e7)]
Count: TypeAlias = Annotated[float, _count("count", "accelerators", 1, 1e9)]
Mfu: TypeAlias = Annotated[float, _number("mfu", "share", "share of the peak FLOP/s that is used", 0.001, 1)]
DeadlineDays: TypeAlias = Annotated[
    float, _number("deadline_days", "days", "time until the run must be done", 1e-4, 1e6)
]
PricePerHour: TypeAlias = Annotated[
    float, _number("price_per_hour", "your currency", "price of one accelerator for an hour", 0, 1e6)
]
PeakFlops: TypeAlias = Annotated[
    float, _number("peak_flops", "FLOP/s", "your own peak of one accelerator, in place of the table's", 1, 1e24)
]
PowerWatts: TypeAlias = Annotated[
    float, _number("power_watts", "W", "your own power of one accelerator, in place of the table's", 0, 1e6)
]
Experts: TypeAlias = Annotated[float, _count("experts", "experts a layer", 1, 1e6)]
Granularity: TypeAlias = Annotated[float, _count("granularity", "how finely experts are cut, G", 1, 1e6)]
Sparsity: TypeAlias = Annotated[
    float,
    _number(
        "sparsity",
        "share",
        "share of the experts that a token does not use, or of the weights that are zero, S",
        0,
        0.9999,
    ),
]
Bits: TypeAlias = Annotated[float, _number("bits", "bits", "precision of training", 1, 64)]
ExponentBits: TypeAlias = Annotated[
    float, _number("exponent_bits", "bits", "bits of the exponent of numbers in training", 0, 64)
]
MantissaBits: TypeAlias = Annotated[
    float, _number("mantissa_bits", "bits", "bits of the mantissa of numbers in training", 0, 64)
]
Block: TypeAlias = Annotated[
    float, _count("block", "numbers that share one scale when quantised; 1 means none", 1, 1e9)
]
Width: TypeAlias = Annotated[float, _count("width", "width of the residual stream, d_model", 1, 1e7)]
Layers: TypeAlias = Annotated[float, _count("layers", "layers of the model", 1, 1e5)]
ActiveParams: TypeAlias = Annotated[float, _count("active_params", "parameters that a token passes")]
ActiveExperts: TypeAlias = Annotated[float, _count("active_experts", "experts that a token passes, G", 1, 1e6)]
SharedShare: TypeAlias = Annotated[
    float, _number("shared_share", "share", "share of the active experts that every token passes", 0, 1)
]

MAX_TEXT = 60
"""Characters of the longest text that is read as a number; the longest that says one has some 40."""

# No two parts of a pattern may match the same digits: to tell that a text is none would take the square of its length.
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+ -]?[0-9]{1,4})?"
_COUNT_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_FLOP_SUFFIXES = {
    "FLOP": 1.0,
    "TFLOP": 1e12,
    "PFLOP": 1e15,
    "EFLOP": 1e18,
    "ZFLOP": 1e21,
    "YFLOP": 1e24,
    "PFd": PF_DAY,
    "PF-day": PF_DAY,
    "PF-days": PF_DAY,
}
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
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+(?:\.[0-9]{3})*,[0-9].*", re.DOTALL)


class Unreadable(ValueError):
    """A text that is no quantity: what was expected and what came."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


def pattern(kind: Kind) -> str:
    """The JSON Schema pattern of the texts that `read` accepts: the very grammar it reads by."""
    return "^" + re.sub(r"\?P<[a-z]+>", "?:", _GRAMMAR[kind].pattern) + "$"


def how_written(kind: Kind) -> str:
    """The texts that `read` accepts, in words."""
    return _EXPECTED[kind]


def read(text: str, kind: Kind) -> float:
    """The number that `text` says, in the unit of its quantity; a space in the exponent is a `+` that a URL turned into
    one.

    Raises:
        Unreadable: the text is longer than MAX_TEXT, does not follow the grammar of `kind`, or is not finite.
    """
    if len(text) > MAX_TEXT:
        raise Unreadable(f"{_EXPECTED[kind]}, in at most {MAX_TEXT} characters", shown(text))
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
