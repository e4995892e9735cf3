"""Laws of a model's shape: width and depth of language models, of vision Transformers, and the size of a vocabulary."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from fitted_laws.forms.base import Form, Values
from fitted_laws.forms.bisection import bisected

FARTHEST, HALVINGS = 60.0, 60
"""In the logarithm of compute, how far from a known shape others are looked for, and how often that is halved."""


class WidthDepth(Form, frozen=True, kw_only=True, tag="width-depth"):
    """L(w, l, N, D) = e^c_w/w^a_w + e^c_l/l^a_l + e^c_N/N^a_N + e^c_D/D^a_D + e^e of width and layers (McLeish et al. 2025).

    N follows from width and layers: N = k·l·w² + 2·l·w + (2·V + 1)·w, k = 15 with half as many groups of keys and values as
    heads and a gated feed-forward of four widths, V the vocabulary, embedded and read out apart.
    """

    latex: ClassVar[str] = r"""
    L(w, l, N, D) = \frac{e^{c_w}}{w^{a_w}} + \frac{e^{c_l}}{l^{a_l}} + \frac{e^{c_N}}{N^{a_N}} + \frac{e^{c_D}}{D^{a_D}} + e^{e}
    N = k \, l \, w^2 + 2 \, l \, w + (2 V + 1) w, \quad n_\text{head} = w/\text{head}_\text{width}
    """

    extras: ClassVar[tuple[str, ...]] = ("width", "layers")

    a_w: Values
    a_l: Values
    a_N: Values
    a_D: Values
    c_w: Values
    c_l: Values
    c_N: Values
    c_D: Values
    e: Values
    k: Values
    V: Values
    head_width: Values

    def of_shape(self, width: Values, layers: Values) -> Values:
        """What width and layers add to the loss, beside the parameters that they make."""
        return np.asarray(np.exp(self.c_w) / width**self.a_w + np.exp(self.c_l) / layers**self.a_l)

    def floor_at(self, width: Values, layers: Values) -> Values:
        """The loss of this shape at unlimited parameters and data."""
        return np.exp(self.e) + self.of_shape(width, layers)

    def value(self, params: Values, tokens: Values, width: Values, layers: Values) -> Values:
        size = np.exp(self.c_N) / params**self.a_N + np.exp(self.c_D) / tokens**self.a_D
        return np.asarray(size + self.floor_at(width, layers))

    def params_of(self, width: Values, layers: Values) -> Values:
        return self.k * layers * width**2 + 2 * layers * width + (2 * self.V + 1) * width

    def layers_of(self, params: Values, width: Values) -> Values:
        """The layers with which this width has so many parameters: below one, or none, where embeddings alone have more."""
        return np.asarray((params - (2 * self.V + 1) * width) / (self.k * width**2 + 2 * width))


class VisionShape(Form, frozen=True, kw_only=True, tag="vision-shape"):
    """x*(t) = x_0·t^(s_x/3) for width, layers and width of the feed-forward (Alabdulmohsin et al. 2023).

    t is the compute over that of a known optimum, x_0.
    """

    latex: ClassVar[str] = r"""
    w(t) = w_0 \, t^{s_w/3}, \quad l(t) = l_0 \, t^{s_l/3}, \quad m(t) = m_0 \, t^{s_m/3}
    N(t) = l(t) \left(4 \, w(t)^2 + 2 \, w(t) \, m(t)\right)
    """

    w_0: Values
    l_0: Values
    m_0: Values
    s_w: Values
    s_l: Values
    s_m: Values

    def at(self, log_compute: Values) -> tuple[Values, Values, Values]:
        """Width, layers and feed-forward at e^`log_compute` times the compute of the known optimum."""
        third = log_compute / 3
        return (
            self.w_0 * np.exp(self.s_w * third),
            self.l_0 * np.exp(self.s_l * third),
            self.m_0 * np.exp(self.s_m * third),
        )

    def of_params(self, params: Values) -> tuple[Values, Values, Values]:
        """Width, layers and feed-forward of so many parameters, patches and read-out aside."""

        def smaller(log_compute: Values) -> Values:
            width, layers, feed_forward = self.at(log_compute)
            return np.asarray(layers * (4 * width**2 + 2 * width * feed_forward) <= params)

        ends = np.full(np.broadcast_shapes(params.shape, self.w_0.shape), FARTHEST)
        low, _ = bisected(smaller, -ends, ends, HALVINGS)  # type: ignore[arg-type]  # booleans
        return self.at(low)


class AnchoredGrowth(Form, frozen=True, kw_only=True, tag="anchored-growth"):
    """y(x) = y_0·(x/x_0)^gamma: growing from a point that was measured (Tao et al. 2024, approach 2)."""

    latex: ClassVar[str] = r"y(x) = y_0 \left(x/x_0\right)^{\gamma}"

    y_0: Values
    x_0: Values
    gamma: Values

    def value(self, x: Values) -> Values:
        return np.asarray(self.y_0 * (x / self.x_0) ** self.gamma)


class MatchedGrowth(Form, frozen=True, kw_only=True, tag="matched-growth"):
    """y = e^b_y·C^a_y at the C whose x = e^b_x·C^a_x: two powers of one budget (Tao et al. 2024, approach 1)."""

    latex: ClassVar[str] = r"""
    x = e^{b_x} C^{a_x}
    y = e^{b_y} C^{a_y}
    """

    b_x: Values
    a_x: Values
    b_y: Values
    a_y: Values

    def value(self, x: Values) -> Values:
        return np.asarray(np.exp(self.b_y + self.a_y * (np.log(x) - self.b_x) / self.a_x))
