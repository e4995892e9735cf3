"""Quantities as annotated types, one unit each; how they are written is in `spelling`."""

from __future__ import annotations

import math
from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from fitted_laws.quantities.spelling import Kind

NATS = "nats/token"
"""The unit of losses, but of a law that was fitted to losses in another."""


class Quantity(Struct, frozen=True):
    """What a name means everywhere: its unit, its meaning, which suffixes its text may carry, and whether it may be a range."""

    name: str
    unit: str
    meaning: str
    kind: Kind = "number"
    ranged: bool = False


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
    float, meta(Quantity("level", "share", "share of the draws inside a central interval", "share"), 0.01, 0.999)
]
Probability: TypeAlias = Annotated[
    float, meta(Quantity("probability", "share", "share of the draws that reach the target", "share"), 0.001, 0.999)
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


def _number(name: str, unit: str, meaning: str, low: float, high: float, kind: Kind = "number") -> Meta:
    return meta(Quantity(name, unit, meaning, kind), low, high)


def _ranged(name: str, unit: str, meaning: str, low: float, high: float, kind: Kind) -> Meta:
    return meta(Quantity(name, unit, meaning, kind, ranged=True), low, high)


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
Mfu: TypeAlias = Annotated[float, _ranged("mfu", "share", "share of the peak FLOP/s that is used", 0.001, 1, "share")]
DeadlineDays: TypeAlias = Annotated[
    float, _number("deadline_days", "days", "time until the run must be done", 1e-4, 1e6, "days")
]
PricePerHour: TypeAlias = Annotated[
    float, _ranged("price_per_hour", "your currency", "price of one accelerator for an hour", 0, 1e6, "price")
]
PricePerKwh: TypeAlias = Annotated[
    float,
    _ranged(
        "price_per_kwh",
        "your currency",
        "price of a kWh, where energy is paid beside the accelerators",
        0,
        1e6,
        "price",
    ),
]
Overhead: TypeAlias = Annotated[
    float,
    _ranged(
        "overhead",
        "share",
        "time on the accelerators beside the run itself: restarts, evaluation, failed runs",
        0,
        0.99,
        "share",
    ),
]
Pue: TypeAlias = Annotated[
    float, _ranged("pue", "×", "energy of the whole site over that of the accelerators", 1, 10, "number")
]
Money: TypeAlias = Annotated[
    float,
    _number("cost", "your currency", "accelerator-hours at their price, and energy at its", 1e-6, 1e18, "money"),
]
PeakFlops: TypeAlias = Annotated[
    float, _number("peak_flops", "FLOP/s", "your own peak of one accelerator, in place of the table's", 1, 1e24, "rate")
]
PowerWatts: TypeAlias = Annotated[
    float, _number("power_watts", "W", "your own power of one accelerator, in place of the table's", 0, 1e6, "watts")
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


def nats_to_bits(nats: float) -> float:
    return nats / math.log(2)
