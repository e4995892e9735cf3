"""The shape of a model: which weights it has, its parameters by group and its FLOPs. Needs no torch."""

from __future__ import annotations

import math
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.files import Refusal

Group = Literal["embedding", "attention", "mlp", "recurrence", "convolution", "head"]
Architecture = Literal["transformer", "lstm", "convolution"]
PARTS: dict[Architecture, tuple[str, ...]] = {
    "transformer": ("qkv", "out", "up", "down"),
    "lstm": ("inputs", "states"),
    "convolution": ("down", "mixing", "up"),
}
"""Weights of a layer, by name."""
TAPS_ABOVE, AXES = 3, (2, 3)
"""Pixels above that a convolution takes in; how many axes images have."""


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Depth and width of a model; its vocabulary and context are the domain's.

    d_attn = width·attention and d_ff = width·mlp: 1 and 4 for text (12·layers·width² parameters), 1/4 and 1 for images,
    video and mathematics (3·layers·width²; Henighan et al. 2020, appendix F).
    """

    layers: int
    width: int
    head_width: int = 8
    attention: float = 1.0
    mlp: float = 4.0
    band: int = 0
    """Where not 0, layers alternate between attention to the last `band` tokens and to every `band`-th (Child et al.
    2019).
    """

    architecture: Architecture | msgspec.UnsetType = msgspec.UNSET
    """`lstm`: two matrices of 4·width² a layer. `convolution`: a masked 3×3 over d_ff channels between two 1×1. Unset it is a
    transformer, and no part of a run's identity.
    """

    def __post_init__(self) -> None:
        if (
            min(self.layers, self.width, self.attended, self.hidden) < 1
            or self.attended % self.head_width
            or self.band < 0
        ):
            raise Refusal(
                f"expected layers, width of 1 or more and heads of {self.head_width} that fill {self.attended} = width × attention, got {self}"
            )

    @property
    def kind(self) -> Architecture:
        """The architecture, also where it is unset."""
        return self.architecture or "transformer"

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of a layer's weights."""
        return PARTS[self.kind]

    @property
    def attended(self) -> int:
        """d_attn, of all heads together."""
        return round(self.width * self.attention)

    @property
    def hidden(self) -> int:
        """d_ff, the width of the feed-forward layer."""
        return round(self.width * self.mlp)

    @property
    def heads(self) -> int:
        return self.attended // self.head_width


class Tensors(msgspec.Struct, frozen=True):
    """One weight: its group, its shape (out, in), its initial deviation, and whether its rate falls with the width
    (μP).
    """

    group: Group
    size: tuple[int, int]
    deviation: float
    scaled: bool = True


def weights(shape: Shape, vocabulary: int, layout: tuple[int, ...]) -> dict[str, Tensors]:
    """Every weight by name.

    The embedding has one row more, for the beginning; positions are one table an axis of the layout.
    """
    width = shape.width
    tensors = {"embedding": Tensors("embedding", (vocabulary + 1, width), 0.5, scaled=False)}
    tensors |= {
        f"position.{axis}": Tensors("embedding", (size, width), 0.1, scaled=False) for axis, size in enumerate(layout)
    }
    for layer in range(shape.layers):
        made = {"transformer": attending, "lstm": recurring, "convolution": convolving}[shape.kind](shape, layout)
        tensors |= {f"{layer}.{part}": tensor for part, tensor in zip(shape.parts, made, strict=True)}
    return tensors | {"head": Tensors("head", (vocabulary, width), 0.0)}


def attending(shape: Shape, _: tuple[int, ...]) -> list[Tensors]:
    """A transformer's layer."""
    width, fan, deep = shape.width, 1 / math.sqrt(shape.width), math.sqrt(2 * shape.layers)
    return [
        Tensors("attention", (3 * shape.attended, width), fan),
        Tensors("attention", (width, shape.attended), 1 / math.sqrt(shape.attended) / deep),
        Tensors("mlp", (shape.hidden, width), fan),
        Tensors("mlp", (width, shape.hidden), 1 / math.sqrt(shape.hidden) / deep),
    ]


def recurring(shape: Shape, _: tuple[int, ...]) -> list[Tensors]:
    """An LSTM's layer: four gates by what comes in, and by the state."""
    gates = Tensors("recurrence", (4 * shape.width, shape.width), 1 / math.sqrt(shape.width))
    return [gates, gates]


def convolving(shape: Shape, layout: tuple[int, ...]) -> list[Tensors]:
    """A layer of the causal convolution: the pixel before and this place, and three pixels above, over d_ff channels.

    Raises:
        Refusal: the samples are no images.
    """
    if len(layout) not in AXES:
        raise Refusal(
            f"a convolution needs images, of height and width and perhaps colours, got samples of the layout {layout}"
        )
    colours, width, hidden = layout[2] if len(layout) > 2 else 1, shape.width, shape.hidden
    seen = (colours + 1 + TAPS_ABOVE) * hidden
    return [
        Tensors("convolution", (hidden, width), 1 / math.sqrt(width)),
        Tensors("convolution", (hidden, seen), 1 / math.sqrt(seen)),
        Tensors("convolution", (width, hidden), 1 / math.sqrt(hidden) / math.sqrt(2 * shape.layers)),
    ]


def body_params(groups: dict[str, int]) -> int:
    """Parameters without embedding and head: what a law counts."""
    return sum(count for group, count in groups.items() if group not in ("embedding", "head"))


def params_by_group(shape: Shape, vocabulary: int, layout: tuple[int, ...]) -> dict[Group, int]:
    """Parameters of embedding and head, and of what is between: attention and mlp, recurrence, or convolution."""
    params: dict[Group, int] = {}
    for weight in weights(shape, vocabulary, layout).values():
        params[weight.group] = params.get(weight.group, 0) + weight.size[0] * weight.size[1]
    return params


def exact_flops_per_token(shape: Shape, vocabulary: int, layout: tuple[int, ...]) -> float:
    """FLOP of training a token, forward and twice that backward: 6 a weight of a matrix product (not of look-ups), and
    attention's own.

    Attention's scores and sums are 2·2·d_attn a pair of places; pairs are those that the masks let see each other.
    """
    groups, length = params_by_group(shape, vocabulary, layout), math.prod(layout)
    products = 6.0 * (sum(groups.values()) - groups["embedding"])
    if shape.kind != "transformer":
        return products
    pairs = sum(float(seen(length, shape.band, layer)) for layer in range(shape.layers)) / length
    return products + 3 * 4 * shape.attended * pairs


def visible(length: int, band: int, layer: int) -> NDArray[np.bool_]:
    """Which places each place attends to, (length, length): all before it.

    With a band the last ones in even layers, every band-th in odd ones.
    """
    apart = np.arange(length)[:, None] - np.arange(length)[None, :]
    if not band:
        return np.asarray(apart >= 0)
    return np.asarray((apart >= 0) & ((apart < band) if layer % 2 == 0 else (apart % band == 0)))


def seen(length: int, band: int, layer: int) -> int:
    """How many pairs of places `visible` has, without its table: long samples have millions."""
    if not band or (layer % 2 == 0 and band >= length):
        return length * (length + 1) // 2
    if layer % 2 == 0:
        return length * band - band * (band - 1) // 2
    whole, rest = divmod(length, band)
    return band * whole * (whole + 1) // 2 + rest * (whole + 1)
