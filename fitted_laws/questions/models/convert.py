"""`convert`: a loss in other units."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from msgspec import Meta

from fitted_laws.asking.question import Question
from fitted_laws.forms import Values
from fitted_laws.quantities.domains import domain
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from fitted_laws.quantities.units import BytesPerToken, Loss, TokensPerSample
from fitted_laws.solving.column import column
from fitted_laws.solving.solution import Solution

Unit = Literal["nats/token", "bits/token", "perplexity", "nats/sample", "bits/sample", "bits/byte", "nats/byte"]


class Convert(Question, frozen=True, kw_only=True):
    """What is a loss in another unit: bits, perplexity, per sample, per byte?"""

    name: ClassVar[str] = "convert"
    headline: ClassVar[str] = "value"
    answers: ClassVar[tuple[str, ...]] = ("value",)
    rank: ClassVar[int] = 11
    example: ClassVar[dict[str, Any]] = {"domain": "language", "loss": 2.0, "unit": "nats/token", "to": "perplexity"}
    lawless: ClassVar[bool] = True

    loss: Loss
    unit: Annotated[Unit, Meta(description="the unit of `loss`")] = "nats/token"
    to: Annotated[Unit, Meta(description="the unit wanted")]
    bytes_per_token: BytesPerToken | None = None
    tokens_per_sample: TokensPerSample | None = None

    def without_law(self) -> Solution:
        loss = column(self.loss)
        nats = self._to_nats(loss)
        return Solution(fields={"value": self._from_nats(nats)}, sources=[])

    def _to_nats(self, value: Values) -> Values:
        """Nats a token."""
        if self.unit == "perplexity":
            if (value < 1).any():
                raise NotUnderstood.of(Fault("loss", "a perplexity of at least 1", f"{float(value.min()):.6g}"))
            return np.asarray(np.log(value))
        return value * self._nats_per(self.unit)

    def _from_nats(self, nats: Values) -> Values:
        if self.to == "perplexity":
            if (nats > 700).any():
                raise Unanswerable(f"the perplexity of {float(nats.max()):.6g} nats/token is too large to be a number")
            return np.asarray(np.exp(nats))
        return nats / self._nats_per(self.to)

    def _nats_per(self, unit: str) -> float | Values:
        """Nats a token in one `unit`."""
        size, per = unit.split("/")
        nats = math.log(2) if size == "bits" else 1.0
        if per == "byte":
            return nats * column(self._bytes())
        return nats / column(self._tokens()) if per == "sample" else nats

    def _bytes(self) -> Any:
        if self.bytes_per_token is None:
            raise Unanswerable("a loss per byte needs bytes_per_token, the mean length of a token in bytes")
        return self.bytes_per_token

    def _tokens(self) -> Any:
        known = domain(self.domain).tokens_per_sample if self.tokens_per_sample is None else self.tokens_per_sample
        if known is None:
            raise Unanswerable(f"a loss per sample needs tokens_per_sample: {self.domain} has no sample of its own")
        return known
