"""One relation of a law file, and what it may be about."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from fitted_laws.laws.draws import Constraint, Covariance, FrozenDraws, Percentiles
from fitted_laws.laws.members import LawSet
from fitted_laws.quantities.spelling import PF_DAY
from fitted_laws.quantities.units import NATS

Counts = Literal["total", "non-embedding", "active", "linear", "unstated"]
ComputeKind = Literal["actual", "minimal", "fixed-batch"]
Checked = Literal["full-text", "authors-data", "secondary", "own-runs"]
COMPUTE_UNITS = {"FLOP": 1.0, "PF-days": PF_DAY}

ROLES = {
    "surface": "L(N, D)",
    "frontier": "L(C) on the efficient frontier",
    "frontier-fixed-batch": "L(C) at one batch size",
    "allocation": "N_opt(C)",
    "token-allocation": "D_opt(C)",
    "exact-token-allocation": "D_opt(C), C not 6ND",
    "flops-allocation": "M_opt(C) in FLOP a token",
    "converged": "L(N) at convergence",
    "data": "L(D)",
    "path": "L(N, S)",
    "overfitting": "L(N, unique tokens), early stopped",
    "repeated": "L(N, unique tokens, epochs)",
    "batch-allocation": "B(C)",
    "step-allocation": "S_min(C)",
    "mixed-surface": "L(N, D), not additive",
    "shape-surface": "L(width, layers, N, D)",
    "moe-surface": "L(N, D, experts)",
    "moe-converged": "L(N, experts)",
    "critical-batch": "B_crit(L)",
    "transfer": "D_T(D_F, N)",
    "finetuned-loss": "class loss of a fine-tuned model by N and D_F",
    "finetuned-error": "error of a fine-tuned model by N and D_F",
    "shape": "layers and width by N",
    "vision-shape": "layers, width and feed-forward by N",
    "vocabulary": "parameters of the vocabulary by those outside it",
    "post-training": "loss that quantising after training adds, as ratios",
    "learning-rate": "learning rate by N",
    "learning-rate-by-tokens": "learning rate by N and D",
    "learning-rate-by-compute": "learning rate by C",
    "batch-by-params": "optimal batch by N",
    "batch-by-tokens": "optimal batch by D",
    "batch-by-compute": "optimal batch by C",
    "information": "mutual information of image and caption by N",
    "position": "loss by position in the context and N",
    "beyond": "loss on problems harder than those trained on, by the loss on those",
    "downstream-error": "mean error on 17 tasks by L",
    "downstream-error-46": "mean error on 46 tasks by L",
}
"""What a relation relates, by the name that law files use."""
ALLOCATES = {"surface", "repeated", "mixed-surface", "allocation", "token-allocation", "flops-allocation"}
"""Relations that say which size a budget is best spent on."""


ROLE_OF_FORM = {
    "additive": "surface",
    "additive-normalised": "surface",
    "over-training": "surface",
    "moe": "surface",
    "precision": "surface",
    "sparse-weights": "surface",
    "floating-point": "mixed-surface",
    "combined": "mixed-surface",
    "width-depth": "shape-surface",
    "moe-shared": "moe-surface",
    "vision-shape": "vision-shape",
    "post-training": "post-training",
    "repeated": "repeated",
    "kaplan": "overfitting",
    "learning-curve": "path",
    "log-information": "information",
    "ceiled-information": "information",
    "position": "position",
    "loss-beyond": "beyond",
}
"""The role of a relation whose file names none: what its form can only mean."""


class Example(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worked example of the source: asked as a question, it must give `expected` within `tolerance` where `enforce`
    is set.
    """

    question: str
    inputs: dict[str, float | str | bool]
    expected: dict[str, float]
    tolerance: float = 0.005
    enforce: bool
    source: str


class Validated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A single run, or a few, by which the authors tested their law beyond what it was fitted on.

    `at` is where it lies, by quantity and in the units of `ranges`, compute as 6ND; `where` is its place in the paper.
    """

    what: str
    at: dict[str, float]
    where: str

    @property
    def reached(self) -> dict[str, float]:
        """Where it lies, with what follows by C = 6ND of its size and data."""
        if not {"params", "tokens"} <= self.at.keys():
            return self.at
        params, tokens = self.at["params"], self.at["tokens"]
        return {"compute": 6 * params * tokens, "tokens_per_param": tokens / params, **self.at}


class Relation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One relation of one law, as its file gives it: coefficients in the paper's units, with all that a reader needs to
    trust them.

    `out_unit` is the contract's unit in the paper's for what the relation gives (2048 where it counts sequences of 2048
    tokens);
    `loss_scale` names what losses are measured on where `data` and `tokenizer` do not say it in so many words:
    losses of one scale are comparable. `caveats` is what to know, `contradictions` where the paper disagrees with
    itself.
    `forecast` is the set of laws that answers, where there is one: `coefficients` are then those of the plain fit to the same runs.
    `loss_unit` is that of losses, where a length of tokens that would make nats a token of them is not known.
    `no_interval` is why none is drawn from the digits or errors that are printed.
    `active_share` is the share of its parameters that a token passes, where `params` counts all experts of a mixture:
    compute is of those alone.
    `family` is the laws that it is a twin of (`laws/families.py`; of one law alone, nothing), `differs` what sets it apart
    from these.
    `ranges` is [low, high] of each quantity that it was fitted in and that its source states; of the others nothing is
    known.
    One that follows by C = 6ND, or by tokens = unique tokens × epochs, from others that are stated may be left out.
    """

    id: str
    domain: str
    form: str
    coefficients: dict[str, float]
    role: str
    part: str | None = None
    printed: dict[str, str] = {}
    half_units: dict[str, float] = {}
    constraints: list[Constraint] = []
    covariance: Covariance | None = None
    percentiles: Percentiles | None = None
    draws: FrozenDraws | None = None
    forecast: LawSet | None = None
    no_interval: str = ""
    active_share: float = 1.0
    compute_unit: Literal["FLOP", "PF-days"] = "FLOP"
    compute_kind: ComputeKind = "actual"
    out_unit: float = 1.0
    loss_definition: str | None = None
    loss_scale: str | None = None
    loss_unit: str = NATS
    where: str = ""
    notes: list[str] = []
    examples: list[Example] = []
    # what the relations of one file share
    citation: str
    counts: Counts
    family: str = ""
    differs: str = ""
    title: str = ""
    authors: str = ""
    year: int = 0
    url: str = ""
    source_checked: Checked = "own-runs"
    compute_convention: str = "C = 6ND"
    data: str = ""
    tokenizer: str = ""
    setup: str = ""
    ranges: dict[str, tuple[float, float]] = {}
    validated: list[Validated] = []
    caveats: list[str] = []
    contradictions: list[str] = []
    preference: int = 0
    only_by_name: bool = False
    """Whether the law answers only where `law=` names it, or asks all."""
    fit: dict[str, Any] = {}
    runs: dict[str, list[float]] = {}

    @property
    def name(self) -> str:
        return f"{self.id}/{self.domain}/{self.role}" + (f"/{self.part}" if self.part else "")

    @property
    def central(self) -> dict[str, float]:
        """The coefficients that the headline of every answer follows from."""
        return self.coefficients if self.forecast is None else self.forecast.central

    @property
    def scale(self) -> float:
        """FLOP in the unit in which this relation prints compute."""
        return COMPUTE_UNITS[self.compute_unit]

    @property
    def loss_on(self) -> str:
        """What its losses are measured on, and in which unit where that is not nats a token: those of one text are comparable, no others.

        What is not stated is another source's for each source.
        """
        scale = self.loss_scale or ", ".join(filter(None, (self.data, self.tokenizer)))
        if not scale or UNSTATED in scale:
            scale = f"{scale or f'data {UNSTATED}'}, as in {self.citation}"
        return scale if self.loss_unit == NATS else f"{scale}, {self.loss_unit}"

    @property
    def one_variable_of(self) -> str | None:
        return {"frontier": "compute", "converged": "params", "data": "tokens"}.get(self.role)


UNSTATED = "not stated"
"""What a law file says of data or a tokenizer that its source does not name."""

QUANTITIES = (
    "compute",
    "params",
    "tokens",
    "tokens_per_param",
    "unique_tokens",
    "finetune_characters",
    "epochs",
    "experts",
    "granularity",
    "sparsity",
    "bits",
    "exponent_bits",
    "mantissa_bits",
    "block",
    "width",
    "layers",
    "training_loss",
    "position",
    "context",
)
"""All inputs that laws are fitted in: what `ranges` and `validated` may speak of."""
