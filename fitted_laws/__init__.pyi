"""What `fitted_laws` exports, for type checkers and editors.

This file is written by `make docs` from the questions: change those, not this.
"""

# mypy: disable-error-code="overload-overlap"
# Of the signatures of one question the first that fits is meant.

from collections.abc import Sequence
from typing import Any, Generic, Literal, Protocol, Required, TypeAlias, TypedDict, TypeVar, Unpack, overload

import numpy as np
from numpy.typing import NDArray

from fitted_laws.catalogue import GivenLaws
from fitted_laws.answers.answer import Answer as Answer
from fitted_laws.laws.laws import Laws as Laws
from fitted_laws.answers.listing import Listing as Listing
from fitted_laws.quantities.problems import NotFound as NotFound
from fitted_laws.quantities.problems import NotUnderstood as NotUnderstood
from fitted_laws.quantities.problems import Problem as Problem
from fitted_laws.quantities.problems import Unanswerable as Unanswerable
from fitted_laws.catalogue import load as load

__version__: str
__all__ = [
    "Answer",
    "Laws",
    "Listing",
    "NotFound",
    "NotUnderstood",
    "Problem",
    "Unanswerable",
    "ask",
    "domains",
    "laws",
    "load",
    "questions",
]

def domains() -> Listing: ...
def laws(domain: str | None = None) -> Listing: ...
def questions() -> Listing: ...

class _Array(Protocol):
    def __array__(self, *args: Any, **kwargs: Any) -> Any: ...

_Floats: TypeAlias = NDArray[np.float64]
_Number: TypeAlias = float | str | np.number[Any]
_Column: TypeAlias = _Number | Sequence[_Number] | _Array
_N = TypeVar("_N")

class _Options(TypedDict, total=False):
    law: str
    level: _Number
    interval: Literal["mean", "run", "none"]
    fields: str
    irreducible_loss: _Number
    same_loss: bool
    counts: Literal["total", "non-embedding"]
    compute_kind: Literal["actual", "minimal", "fixed-batch"]
    part: Literal["text", "image"]

class _LossInputs(_Options, Generic[_N], total=False):
    domain: str
    params: _N
    tokens: _N
    compute: _N
    unique_tokens: _N
    steps: _N
    experts: _N
    granularity: _N
    sparsity: _N
    weight_bits: _N
    activation_bits: _N
    cache_bits: _N
    exponent_bits: _N
    mantissa_bits: _N
    block: _N
    width: _N
    layers: _N
    active_params: _N
    active_experts: _N
    shared_share: _N

class _LossAnswer(Answer):
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    reducible_loss: float | None
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    compute: float | None
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float | None
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    limit: str | None
    critical_tokens: float
    critical_tokens_low: float | None
    critical_tokens_high: float | None
    dense_params: float
    dense_params_low: float | None
    dense_params_high: float | None
    downstream_error: float
    downstream_error_low: float | None
    downstream_error_high: float | None
    downstream_error_46: float
    downstream_error_46_low: float | None
    downstream_error_46_high: float | None
    loss_on: str
    domain: str
    unique_tokens: float | None
    unique_tokens_low: float | None
    unique_tokens_high: float | None
    steps: float | None
    steps_low: float | None
    steps_high: float | None
    experts: float
    experts_low: float | None
    experts_high: float | None
    granularity: float
    granularity_low: float | None
    granularity_high: float | None
    sparsity: float
    sparsity_low: float | None
    sparsity_high: float | None
    weight_bits: float
    activation_bits: float
    cache_bits: float
    exponent_bits: float
    exponent_bits_low: float | None
    exponent_bits_high: float | None
    mantissa_bits: float
    mantissa_bits_low: float | None
    mantissa_bits_high: float | None
    block: float
    block_low: float | None
    block_high: float | None
    width: float
    width_low: float | None
    width_high: float | None
    layers: float
    layers_low: float | None
    layers_high: float | None
    active_params: float
    active_params_low: float | None
    active_params_high: float | None
    active_experts: float
    active_experts_low: float | None
    active_experts_high: float | None
    shared_share: float
    shared_share_low: float | None
    shared_share_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str
    part: str
    extrapolation: float | None
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_definition: str
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _LossColumns(Answer):
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    reducible_loss: _Floats | list[float | None]
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats | list[float]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    limit: list[str | None]
    critical_tokens: _Floats
    critical_tokens_low: _Floats | list[None]
    critical_tokens_high: _Floats | list[None]
    dense_params: _Floats
    dense_params_low: _Floats | list[None]
    dense_params_high: _Floats | list[None]
    downstream_error: _Floats
    downstream_error_low: _Floats | list[None]
    downstream_error_high: _Floats | list[None]
    downstream_error_46: _Floats
    downstream_error_46_low: _Floats | list[None]
    downstream_error_46_high: _Floats | list[None]
    loss_on: list[str]
    domain: list[str]
    unique_tokens: _Floats | list[float | None]
    unique_tokens_low: _Floats | list[None]
    unique_tokens_high: _Floats | list[None]
    steps: _Floats | list[float | None]
    steps_low: _Floats | list[None]
    steps_high: _Floats | list[None]
    experts: _Floats
    experts_low: _Floats | list[None]
    experts_high: _Floats | list[None]
    granularity: _Floats
    granularity_low: _Floats | list[None]
    granularity_high: _Floats | list[None]
    sparsity: _Floats
    sparsity_low: _Floats | list[None]
    sparsity_high: _Floats | list[None]
    weight_bits: _Floats
    activation_bits: _Floats
    cache_bits: _Floats
    exponent_bits: _Floats
    exponent_bits_low: _Floats | list[None]
    exponent_bits_high: _Floats | list[None]
    mantissa_bits: _Floats
    mantissa_bits_low: _Floats | list[None]
    mantissa_bits_high: _Floats | list[None]
    block: _Floats
    block_low: _Floats | list[None]
    block_high: _Floats | list[None]
    width: _Floats
    width_low: _Floats | list[None]
    width_high: _Floats | list[None]
    layers: _Floats
    layers_low: _Floats | list[None]
    layers_high: _Floats | list[None]
    active_params: _Floats
    active_params_low: _Floats | list[None]
    active_params_high: _Floats | list[None]
    active_experts: _Floats
    active_experts_low: _Floats | list[None]
    active_experts_high: _Floats | list[None]
    shared_share: _Floats
    shared_share_low: _Floats | list[None]
    shared_share_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str]
    part: list[str]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_definition: list[str]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _OptimalInputs(_Options, Generic[_N], total=False):
    domain: str
    compute: Required[_N]
    unique_tokens: _N
    experts: _N
    granularity: _N
    sparsity: _N
    weight_bits: _N
    activation_bits: _N
    cache_bits: _N
    exponent_bits: _N
    mantissa_bits: _N
    block: _N

class _OptimalAnswer(Answer):
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    tokens_per_param: float | None
    tokens_per_param_low: float | None
    tokens_per_param_high: float | None
    loss: float | None
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    reducible_loss: float | None
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    params_min: float | None
    params_min_low: float | None
    params_min_high: float | None
    params_max: float | None
    params_max_low: float | None
    params_max_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    flops_per_token: float
    flops_per_token_low: float | None
    flops_per_token_high: float | None
    critical_tokens: float
    critical_tokens_low: float | None
    critical_tokens_high: float | None
    epochs: float | None
    epochs_low: float | None
    epochs_high: float | None
    effective_tokens: float | None
    effective_tokens_low: float | None
    effective_tokens_high: float | None
    unique_tokens: float | None
    unique_tokens_low: float | None
    unique_tokens_high: float | None
    domain: str
    experts: float | None
    experts_low: float | None
    experts_high: float | None
    granularity: float | None
    granularity_low: float | None
    granularity_high: float | None
    sparsity: float | None
    sparsity_low: float | None
    sparsity_high: float | None
    weight_bits: float | None
    activation_bits: float | None
    cache_bits: float | None
    exponent_bits: float | None
    exponent_bits_low: float | None
    exponent_bits_high: float | None
    mantissa_bits: float | None
    mantissa_bits_low: float | None
    mantissa_bits_high: float | None
    block: float | None
    block_low: float | None
    block_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _OptimalColumns(Answer):
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    tokens_per_param: _Floats | list[float | None]
    tokens_per_param_low: _Floats | list[None]
    tokens_per_param_high: _Floats | list[None]
    loss: _Floats | list[float | None]
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    reducible_loss: _Floats | list[float | None]
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    params_min: _Floats | list[float | None]
    params_min_low: _Floats | list[None]
    params_min_high: _Floats | list[None]
    params_max: _Floats | list[float | None]
    params_max_low: _Floats | list[None]
    params_max_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    flops_per_token: _Floats
    flops_per_token_low: _Floats | list[None]
    flops_per_token_high: _Floats | list[None]
    critical_tokens: _Floats
    critical_tokens_low: _Floats | list[None]
    critical_tokens_high: _Floats | list[None]
    epochs: _Floats | list[float | None]
    epochs_low: _Floats | list[None]
    epochs_high: _Floats | list[None]
    effective_tokens: _Floats | list[float | None]
    effective_tokens_low: _Floats | list[None]
    effective_tokens_high: _Floats | list[None]
    unique_tokens: _Floats | list[float | None]
    unique_tokens_low: _Floats | list[None]
    unique_tokens_high: _Floats | list[None]
    domain: list[str]
    experts: _Floats | list[float | None]
    experts_low: _Floats | list[None]
    experts_high: _Floats | list[None]
    granularity: _Floats | list[float | None]
    granularity_low: _Floats | list[None]
    granularity_high: _Floats | list[None]
    sparsity: _Floats | list[float | None]
    sparsity_low: _Floats | list[None]
    sparsity_high: _Floats | list[None]
    weight_bits: _Floats | list[float | None]
    activation_bits: _Floats | list[float | None]
    cache_bits: _Floats | list[float | None]
    exponent_bits: _Floats | list[float | None]
    exponent_bits_low: _Floats | list[None]
    exponent_bits_high: _Floats | list[None]
    mantissa_bits: _Floats | list[float | None]
    mantissa_bits_low: _Floats | list[None]
    mantissa_bits_high: _Floats | list[None]
    block: _Floats | list[float | None]
    block_low: _Floats | list[None]
    block_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _TargetInputs(_Options, Generic[_N], total=False):
    domain: str
    loss: _N
    kl: _N
    kl_per_sample: _N
    params: _N
    tokens: _N
    probability: _N

class _TargetAnswer(Answer):
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    params: float | None
    params_low: float | None
    params_high: float | None
    tokens: float | None
    tokens_low: float | None
    tokens_high: float | None
    reducible_loss: float
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    probability_ceiling: float | None
    probability_ceiling_low: float | None
    probability_ceiling_high: float | None
    domain: str
    loss: float | None
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    kl: float
    kl_low: float | None
    kl_high: float | None
    kl_per_sample: float | None
    kl_per_sample_low: float | None
    kl_per_sample_high: float | None
    probability: float | None
    probability_low: float | None
    probability_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _TargetColumns(Answer):
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    params: _Floats | list[float | None]
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats | list[float | None]
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    reducible_loss: _Floats
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    probability_ceiling: _Floats | list[float | None]
    probability_ceiling_low: _Floats | list[None]
    probability_ceiling_high: _Floats | list[None]
    domain: list[str]
    loss: _Floats | list[float | None]
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    kl: _Floats
    kl_low: _Floats | list[None]
    kl_high: _Floats | list[None]
    kl_per_sample: _Floats | list[float | None]
    kl_per_sample_low: _Floats | list[None]
    kl_per_sample_high: _Floats | list[None]
    probability: _Floats | list[float | None]
    probability_low: _Floats | list[None]
    probability_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _FrontierInputs(_Options, total=False):
    domain: str
    compute_min: Required[_Number]
    compute_max: Required[_Number]
    points: _Number

class _FrontierCurve(Answer):
    rows: list[dict[str, Any]]
    params: _Floats
    params_low: _Floats | None
    params_high: _Floats | None
    tokens: _Floats
    tokens_low: _Floats | None
    tokens_high: _Floats | None
    tokens_per_param: _Floats | None
    tokens_per_param_low: _Floats | None
    tokens_per_param_high: _Floats | None
    loss: _Floats | None
    loss_low: _Floats | None
    loss_high: _Floats | None
    loss_bits: _Floats | None
    loss_bits_low: _Floats | None
    loss_bits_high: _Floats | None
    perplexity: _Floats | None
    perplexity_low: _Floats | None
    perplexity_high: _Floats | None
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | None
    loss_per_sample_high: _Floats | None
    reducible_loss: _Floats | None
    reducible_loss_low: _Floats | None
    reducible_loss_high: _Floats | None
    irreducible_loss: float | _Floats | None
    irreducible_loss_low: _Floats | None
    irreducible_loss_high: _Floats | None
    irreducible_loss_known: bool
    params_min: _Floats | None
    params_min_low: _Floats | None
    params_min_high: _Floats | None
    params_max: _Floats | None
    params_max_low: _Floats | None
    params_max_high: _Floats | None
    compute: _Floats
    compute_low: _Floats | None
    compute_high: _Floats | None
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | None
    compute_pf_days_high: _Floats | None
    flops_per_token: _Floats
    flops_per_token_low: _Floats | None
    flops_per_token_high: _Floats | None
    critical_tokens: _Floats
    critical_tokens_low: _Floats | None
    critical_tokens_high: _Floats | None
    domain: str
    compute_min: float
    compute_max: float
    points: float
    points_low: _Floats | None
    points_high: _Floats | None
    law: str
    level: float
    level_low: _Floats | None
    level_high: _Floats | None
    interval: str | list[str | None] | None
    same_loss: bool | list[bool | None] | None
    counts: str | list[str | None] | None
    compute_kind: str | list[str | None] | None
    part: str | list[str | None] | None
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: str
    loss_on: str
    loss_definition: str
    comparable: bool | list[bool | None] | None
    family: str | list[str | None] | None
    interval_source: str | list[str | None] | None
    catalogue: str
    citation: str
    warnings: list[list[str]]
    error: str | list[str | None] | None

class _IsoflopInputs(_Options, total=False):
    domain: str
    compute: Required[_Number]
    points: _Number

class _IsoflopCurve(Answer):
    rows: list[dict[str, Any]]
    params: _Floats
    params_low: _Floats | None
    params_high: _Floats | None
    tokens: _Floats
    tokens_low: _Floats | None
    tokens_high: _Floats | None
    loss: _Floats
    loss_low: _Floats | None
    loss_high: _Floats | None
    loss_bits: _Floats
    loss_bits_low: _Floats | None
    loss_bits_high: _Floats | None
    perplexity: _Floats
    perplexity_low: _Floats | None
    perplexity_high: _Floats | None
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | None
    loss_per_sample_high: _Floats | None
    reducible_loss: _Floats
    reducible_loss_low: _Floats | None
    reducible_loss_high: _Floats | None
    irreducible_loss: _Floats
    irreducible_loss_low: _Floats | None
    irreducible_loss_high: _Floats | None
    irreducible_loss_known: bool
    compute_overhead: _Floats
    compute_overhead_low: _Floats | None
    compute_overhead_high: _Floats | None
    compute: _Floats
    compute_low: _Floats | None
    compute_high: _Floats | None
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | None
    compute_pf_days_high: _Floats | None
    domain: str
    points: float
    points_low: _Floats | None
    points_high: _Floats | None
    law: str
    level: float
    level_low: _Floats | None
    level_high: _Floats | None
    interval: str | list[str | None] | None
    same_loss: bool | list[bool | None] | None
    counts: str | list[str | None] | None
    compute_kind: str | list[str | None] | None
    part: str | list[str | None] | None
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: str
    loss_on: str
    loss_definition: str | list[str | None] | None
    comparable: bool | list[bool | None] | None
    family: str | list[str | None] | None
    interval_source: str | list[str | None] | None
    catalogue: str
    citation: str
    warnings: list[list[str]]
    error: str | list[str | None] | None

class _AllocateInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    compute: _N
    tokens: _N

class _AllocateAnswer(Answer):
    compute_overhead: float
    compute_overhead_low: float | None
    compute_overhead_high: float | None
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    reducible_loss: float
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    optimal_loss: float
    optimal_loss_low: float | None
    optimal_loss_high: float | None
    optimal_params: float
    optimal_params_low: float | None
    optimal_params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _AllocateColumns(Answer):
    compute_overhead: _Floats
    compute_overhead_low: _Floats | list[None]
    compute_overhead_high: _Floats | list[None]
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    reducible_loss: _Floats
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    optimal_loss: _Floats
    optimal_loss_low: _Floats | list[None]
    optimal_loss_high: _Floats | list[None]
    optimal_params: _Floats
    optimal_params_low: _Floats | list[None]
    optimal_params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _LifetimeInputs(_Options, Generic[_N], total=False):
    domain: str
    loss: _N
    kl: _N
    compute: _N
    cost: _N
    inference_tokens: Required[_N]
    accelerator: Literal["V100", "A100", "H100", "H200", "H20", "B200", "GB200", "B300", "GB300", "L40S", "MI300X", "MI325X", "MI350X", "MI355X", "Trainium2", "Trainium3", "TPUv4", "TPUv5e", "TPUv5p", "TPUv6e", "TPUv7"]
    mfu: _N
    price_per_hour: _N
    inference_accelerator: Literal["V100", "A100", "H100", "H200", "H20", "B200", "GB200", "B300", "GB300", "L40S", "MI300X", "MI325X", "MI350X", "MI355X", "Trainium2", "Trainium3", "TPUv4", "TPUv5e", "TPUv5p", "TPUv6e", "TPUv7"]
    inference_mfu: _N
    inference_price_per_hour: _N

class _LifetimeAnswer(Answer):
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    training_compute: float
    training_compute_low: float | None
    training_compute_high: float | None
    training_compute_pf_days: float
    training_compute_pf_days_low: float | None
    training_compute_pf_days_high: float | None
    inference_compute: float
    inference_compute_low: float | None
    inference_compute_high: float | None
    inference_compute_pf_days: float
    inference_compute_pf_days_low: float | None
    inference_compute_pf_days_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    tokens_per_param: float
    tokens_per_param_low: float | None
    tokens_per_param_high: float | None
    reducible_loss: float
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    training_accelerator_hours: float | None
    training_accelerator_hours_low: float | None
    training_accelerator_hours_high: float | None
    inference_accelerator_hours: float | None
    inference_accelerator_hours_low: float | None
    inference_accelerator_hours_high: float | None
    training_cost: float | None
    training_cost_low: float | None
    training_cost_high: float | None
    inference_cost: float | None
    inference_cost_low: float | None
    inference_cost_high: float | None
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    domain: str
    kl: float | None
    kl_low: float | None
    kl_high: float | None
    inference_tokens: float
    inference_tokens_low: float | None
    inference_tokens_high: float | None
    accelerator: str | None
    mfu: float | None
    mfu_low: float | None
    mfu_high: float | None
    price_per_hour: float | None
    price_per_hour_low: float | None
    price_per_hour_high: float | None
    inference_accelerator: str | None
    inference_mfu: float | None
    inference_price_per_hour: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _LifetimeColumns(Answer):
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    training_compute: _Floats
    training_compute_low: _Floats | list[None]
    training_compute_high: _Floats | list[None]
    training_compute_pf_days: _Floats
    training_compute_pf_days_low: _Floats | list[None]
    training_compute_pf_days_high: _Floats | list[None]
    inference_compute: _Floats
    inference_compute_low: _Floats | list[None]
    inference_compute_high: _Floats | list[None]
    inference_compute_pf_days: _Floats
    inference_compute_pf_days_low: _Floats | list[None]
    inference_compute_pf_days_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    tokens_per_param: _Floats
    tokens_per_param_low: _Floats | list[None]
    tokens_per_param_high: _Floats | list[None]
    reducible_loss: _Floats
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    training_accelerator_hours: _Floats | list[float | None]
    training_accelerator_hours_low: _Floats | list[None]
    training_accelerator_hours_high: _Floats | list[None]
    inference_accelerator_hours: _Floats | list[float | None]
    inference_accelerator_hours_low: _Floats | list[None]
    inference_accelerator_hours_high: _Floats | list[None]
    training_cost: _Floats | list[float | None]
    training_cost_low: _Floats | list[None]
    training_cost_high: _Floats | list[None]
    inference_cost: _Floats | list[float | None]
    inference_cost_low: _Floats | list[None]
    inference_cost_high: _Floats | list[None]
    cost: _Floats | list[float | None]
    cost_low: _Floats | list[None]
    cost_high: _Floats | list[None]
    domain: list[str]
    kl: _Floats | list[float | None]
    kl_low: _Floats | list[None]
    kl_high: _Floats | list[None]
    inference_tokens: _Floats
    inference_tokens_low: _Floats | list[None]
    inference_tokens_high: _Floats | list[None]
    accelerator: list[str | None]
    mfu: _Floats | list[float | None]
    mfu_low: _Floats | list[None]
    mfu_high: _Floats | list[None]
    price_per_hour: _Floats | list[float | None]
    price_per_hour_low: _Floats | list[None]
    price_per_hour_high: _Floats | list[None]
    inference_accelerator: list[str | None]
    inference_mfu: _Floats | list[float | None]
    inference_price_per_hour: _Floats | list[float | None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _RepeatInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    unique_tokens: Required[_N]
    epochs: Required[_N]

class _RepeatAnswer(Answer):
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    reducible_loss: float
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool
    effective_tokens: float
    effective_tokens_low: float | None
    effective_tokens_high: float | None
    effective_params: float
    effective_params_low: float | None
    effective_params_high: float | None
    marginal_value: float
    marginal_value_low: float | None
    marginal_value_high: float | None
    half_value_epoch: float
    half_value_epoch_low: float | None
    half_value_epoch_high: float | None
    worthless_epoch: float
    worthless_epoch_low: float | None
    worthless_epoch_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    unique_tokens: float
    unique_tokens_low: float | None
    unique_tokens_high: float | None
    epochs: float
    epochs_low: float | None
    epochs_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _RepeatColumns(Answer):
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    reducible_loss: _Floats
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool]
    effective_tokens: _Floats
    effective_tokens_low: _Floats | list[None]
    effective_tokens_high: _Floats | list[None]
    effective_params: _Floats
    effective_params_low: _Floats | list[None]
    effective_params_high: _Floats | list[None]
    marginal_value: _Floats
    marginal_value_low: _Floats | list[None]
    marginal_value_high: _Floats | list[None]
    half_value_epoch: _Floats
    half_value_epoch_low: _Floats | list[None]
    half_value_epoch_high: _Floats | list[None]
    worthless_epoch: _Floats
    worthless_epoch_low: _Floats | list[None]
    worthless_epoch_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    unique_tokens: _Floats
    unique_tokens_low: _Floats | list[None]
    unique_tokens_high: _Floats | list[None]
    epochs: _Floats
    epochs_low: _Floats | list[None]
    epochs_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _StopInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    unique_tokens: Required[_N]
    batch_tokens: _N

class _StopAnswer(Answer):
    steps: float
    steps_low: float | None
    steps_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    epochs: float
    epochs_low: float | None
    epochs_high: float | None
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    batch_tokens: float
    batch_tokens_low: float | None
    batch_tokens_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    unique_tokens: float
    unique_tokens_low: float | None
    unique_tokens_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _StopColumns(Answer):
    steps: _Floats
    steps_low: _Floats | list[None]
    steps_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    epochs: _Floats
    epochs_low: _Floats | list[None]
    epochs_high: _Floats | list[None]
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    batch_tokens: _Floats
    batch_tokens_low: _Floats | list[None]
    batch_tokens_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    unique_tokens: _Floats
    unique_tokens_low: _Floats | list[None]
    unique_tokens_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _CompareInputs(_Options, Generic[_N], total=False):
    domain: str
    other: str
    compute: _N
    params: _N
    tokens: _N
    observed_loss: _N

class _CompareAnswer(Answer):
    compute_multiplier: float
    compute_multiplier_low: float | None
    compute_multiplier_high: float | None
    matched_loss: float
    matched_loss_low: float | None
    matched_loss_high: float | None
    compute_needed: float
    compute_needed_low: float | None
    compute_needed_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    domain: str
    other: str
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    observed_loss: float
    observed_loss_low: float | None
    observed_loss_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str
    reach: str
    source_checked: str
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _CompareColumns(Answer):
    compute_multiplier: _Floats
    compute_multiplier_low: _Floats | list[None]
    compute_multiplier_high: _Floats | list[None]
    matched_loss: _Floats
    matched_loss_low: _Floats | list[None]
    matched_loss_high: _Floats | list[None]
    compute_needed: _Floats
    compute_needed_low: _Floats | list[None]
    compute_needed_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    domain: list[str]
    other: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    observed_loss: _Floats
    observed_loss_low: _Floats | list[None]
    observed_loss_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _PlanInputs(_Options, Generic[_N], total=False):
    domain: str
    compute: _N
    params: _N
    tokens: _N
    loss: _N
    kl: _N
    deadline_days: _N
    accelerator: Required[Literal["V100", "A100", "H100", "H200", "H20", "B200", "GB200", "B300", "GB300", "L40S", "MI300X", "MI325X", "MI350X", "MI355X", "Trainium2", "Trainium3", "TPUv4", "TPUv5e", "TPUv5p", "TPUv6e", "TPUv7"]]
    count: Required[_N]
    mfu: Required[_N]
    price_per_hour: _N
    precision: Literal["bf16", "fp8", "fp4"]
    overhead: _N
    pue: _N
    price_per_kwh: _N
    peak_flops: _N
    power_watts: _N

class _PlanAnswer(Answer):
    hours: float
    hours_low: float | None
    hours_high: float | None
    days: float
    days_low: float | None
    days_high: float | None
    accelerator_hours: float
    accelerator_hours_low: float | None
    accelerator_hours_high: float | None
    cost: float
    cost_low: float | None
    cost_high: float | None
    energy_kwh: float
    energy_kwh_low: float | None
    energy_kwh_high: float | None
    energy_cost: float | None
    energy_cost_low: float | None
    energy_cost_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    params: float | None
    params_low: float | None
    params_high: float | None
    tokens: float | None
    tokens_low: float | None
    tokens_high: float | None
    tokens_per_param: float | None
    tokens_per_param_low: float | None
    tokens_per_param_high: float | None
    loss: float | None
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    reducible_loss: float | None
    reducible_loss_low: float | None
    reducible_loss_high: float | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    irreducible_loss_known: bool | None
    hours_law_share: float | None
    hours_law_share_low: float | None
    hours_law_share_high: float | None
    cost_law_share: float | None
    cost_law_share_low: float | None
    cost_law_share_high: float | None
    loss_law_share: float | None
    loss_law_share_low: float | None
    loss_law_share_high: float | None
    domain: str
    kl: float | None
    kl_low: float | None
    kl_high: float | None
    deadline_days: float | None
    deadline_days_low: float | None
    deadline_days_high: float | None
    accelerator: str
    count: float
    count_low: float | None
    count_high: float | None
    mfu: float
    mfu_low: float | None
    mfu_high: float | None
    price_per_hour: float
    price_per_hour_low: float | None
    price_per_hour_high: float | None
    precision: str | None
    overhead: float
    overhead_low: float | None
    overhead_high: float | None
    pue: float
    pue_low: float | None
    pue_high: float | None
    price_per_kwh: float | None
    price_per_kwh_low: float | None
    price_per_kwh_high: float | None
    peak_flops: float | None
    peak_flops_low: float | None
    peak_flops_high: float | None
    power_watts: float | None
    power_watts_low: float | None
    power_watts_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str | None
    warnings: list[str]
    error: str | None

class _PlanColumns(Answer):
    hours: _Floats
    hours_low: _Floats | list[None]
    hours_high: _Floats | list[None]
    days: _Floats
    days_low: _Floats | list[None]
    days_high: _Floats | list[None]
    accelerator_hours: _Floats
    accelerator_hours_low: _Floats | list[None]
    accelerator_hours_high: _Floats | list[None]
    cost: _Floats
    cost_low: _Floats | list[None]
    cost_high: _Floats | list[None]
    energy_kwh: _Floats
    energy_kwh_low: _Floats | list[None]
    energy_kwh_high: _Floats | list[None]
    energy_cost: _Floats | list[float | None]
    energy_cost_low: _Floats | list[None]
    energy_cost_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    params: _Floats | list[float | None]
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats | list[float | None]
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    tokens_per_param: _Floats | list[float | None]
    tokens_per_param_low: _Floats | list[None]
    tokens_per_param_high: _Floats | list[None]
    loss: _Floats | list[float | None]
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    reducible_loss: _Floats | list[float | None]
    reducible_loss_low: _Floats | list[None]
    reducible_loss_high: _Floats | list[None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    irreducible_loss_known: list[bool | None]
    hours_law_share: _Floats | list[float | None]
    hours_law_share_low: _Floats | list[None]
    hours_law_share_high: _Floats | list[None]
    cost_law_share: _Floats | list[float | None]
    cost_law_share_low: _Floats | list[None]
    cost_law_share_high: _Floats | list[None]
    loss_law_share: _Floats | list[float | None]
    loss_law_share_low: _Floats | list[None]
    loss_law_share_high: _Floats | list[None]
    domain: list[str]
    kl: _Floats | list[float | None]
    kl_low: _Floats | list[None]
    kl_high: _Floats | list[None]
    deadline_days: _Floats | list[float | None]
    deadline_days_low: _Floats | list[None]
    deadline_days_high: _Floats | list[None]
    accelerator: list[str]
    count: _Floats
    count_low: _Floats | list[None]
    count_high: _Floats | list[None]
    mfu: _Floats
    mfu_low: _Floats | list[None]
    mfu_high: _Floats | list[None]
    price_per_hour: _Floats
    price_per_hour_low: _Floats | list[None]
    price_per_hour_high: _Floats | list[None]
    precision: list[str | None]
    overhead: list[float]
    overhead_low: _Floats | list[None]
    overhead_high: _Floats | list[None]
    pue: list[float]
    pue_low: _Floats | list[None]
    pue_high: _Floats | list[None]
    price_per_kwh: _Floats | list[float | None]
    price_per_kwh_low: _Floats | list[None]
    price_per_kwh_high: _Floats | list[None]
    peak_flops: _Floats | list[float | None]
    peak_flops_low: _Floats | list[None]
    peak_flops_high: _Floats | list[None]
    power_watts: _Floats | list[float | None]
    power_watts_low: _Floats | list[None]
    power_watts_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str | None]
    warnings: list[list[str]]
    error: list[str | None]

class _ConvertInputs(_Options, Generic[_N], total=False):
    domain: str
    loss: Required[_N]
    unit: Literal["nats/token", "bits/token", "perplexity", "nats/sample", "bits/sample", "bits/byte", "nats/byte"]
    to: Required[Literal["nats/token", "bits/token", "perplexity", "nats/sample", "bits/sample", "bits/byte", "nats/byte"]]
    bytes_per_token: _N
    tokens_per_sample: _N

class _ConvertAnswer(Answer):
    value: float
    value_low: float | None
    value_high: float | None
    domain: str
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    to: str
    bytes_per_token: float | None
    bytes_per_token_low: float | None
    bytes_per_token_high: float | None
    tokens_per_sample: float | None
    tokens_per_sample_low: float | None
    tokens_per_sample_high: float | None
    law: str | None
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float | None
    extrapolation_in: str | None
    reach: str | None
    source_checked: str | None
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str | None
    warnings: list[str]
    error: str | None

class _ConvertColumns(Answer):
    value: _Floats
    value_low: _Floats | list[None]
    value_high: _Floats | list[None]
    domain: list[str]
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    to: list[str]
    bytes_per_token: _Floats | list[float | None]
    bytes_per_token_low: _Floats | list[None]
    bytes_per_token_high: _Floats | list[None]
    tokens_per_sample: _Floats | list[float | None]
    tokens_per_sample_low: _Floats | list[None]
    tokens_per_sample_high: _Floats | list[None]
    law: list[str | None]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats | list[float | None]
    extrapolation_in: list[str | None]
    reach: list[str | None]
    source_checked: list[str | None]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str | None]
    warnings: list[list[str]]
    error: list[str | None]

class _QuantiseInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    tokens: Required[_N]
    quantised_bits: Required[_N]
    known_params: _N
    known_tokens: _N
    known_bits: _N
    known_added_loss: _N

class _QuantiseAnswer(Answer):
    added_loss_ratio: float
    added_loss_ratio_low: float | None
    added_loss_ratio_high: float | None
    added_loss: float | None
    added_loss_low: float | None
    added_loss_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    quantised_bits: float
    known_params: float | None
    known_tokens: float
    known_bits: float
    known_added_loss: float
    known_added_loss_low: float | None
    known_added_loss_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _QuantiseColumns(Answer):
    added_loss_ratio: _Floats
    added_loss_ratio_low: _Floats | list[None]
    added_loss_ratio_high: _Floats | list[None]
    added_loss: _Floats | list[float | None]
    added_loss_low: _Floats | list[None]
    added_loss_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    quantised_bits: _Floats
    known_params: _Floats | list[float | None]
    known_tokens: _Floats
    known_bits: _Floats
    known_added_loss: _Floats
    known_added_loss_low: _Floats | list[None]
    known_added_loss_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _BatchInputs(_Options, Generic[_N], total=False):
    domain: str
    loss: _N
    compute: _N
    batch_tokens: _N

class _BatchAnswer(Answer):
    critical_batch_tokens: float
    critical_batch_tokens_low: float | None
    critical_batch_tokens_high: float | None
    min_steps: float
    min_steps_low: float | None
    min_steps_high: float | None
    steps: float
    steps_low: float | None
    steps_high: float | None
    compute_overhead: float
    compute_overhead_low: float | None
    compute_overhead_high: float | None
    batch_tokens: float
    batch_tokens_low: float | None
    batch_tokens_high: float | None
    batch_kind: str
    domain: str
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float | None
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    compute: float | None
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float | None
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _BatchColumns(Answer):
    critical_batch_tokens: _Floats
    critical_batch_tokens_low: _Floats | list[None]
    critical_batch_tokens_high: _Floats | list[None]
    min_steps: _Floats
    min_steps_low: _Floats | list[None]
    min_steps_high: _Floats | list[None]
    steps: _Floats
    steps_low: _Floats | list[None]
    steps_high: _Floats | list[None]
    compute_overhead: _Floats
    compute_overhead_low: _Floats | list[None]
    compute_overhead_high: _Floats | list[None]
    batch_tokens: _Floats
    batch_tokens_low: _Floats | list[None]
    batch_tokens_high: _Floats | list[None]
    batch_kind: list[str]
    domain: list[str]
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats | list[float | None]
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    compute: _Floats | list[float | None]
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats | list[float | None]
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _CrossoverInputs(_Options, total=False):
    domain: str

class _CrossoverAnswer(Answer):
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    domain: str
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _DiagnoseInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    tokens: Required[_N]
    observed_loss: Required[_N]

class _DiagnoseAnswer(Answer):
    expected_loss: float
    expected_loss_low: float | None
    expected_loss_high: float | None
    excess_loss: float | None
    excess_loss_low: float | None
    excess_loss_high: float | None
    z_score: float | None
    z_score_low: float | None
    z_score_high: float | None
    on_trend: bool | None
    bottleneck: str
    params_sensitivity: float
    params_sensitivity_low: float | None
    params_sensitivity_high: float | None
    tokens_sensitivity: float
    tokens_sensitivity_low: float | None
    tokens_sensitivity_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    observed_loss: float
    observed_loss_low: float | None
    observed_loss_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _DiagnoseColumns(Answer):
    expected_loss: _Floats
    expected_loss_low: _Floats | list[None]
    expected_loss_high: _Floats | list[None]
    excess_loss: _Floats | list[float | None]
    excess_loss_low: _Floats | list[None]
    excess_loss_high: _Floats | list[None]
    z_score: _Floats | list[float | None]
    z_score_low: _Floats | list[None]
    z_score_high: _Floats | list[None]
    on_trend: list[bool | None]
    bottleneck: list[str]
    params_sensitivity: _Floats
    params_sensitivity_low: _Floats | list[None]
    params_sensitivity_high: _Floats | list[None]
    tokens_sensitivity: _Floats
    tokens_sensitivity_low: _Floats | list[None]
    tokens_sensitivity_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    observed_loss: _Floats
    observed_loss_low: _Floats | list[None]
    observed_loss_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _ExtrapolateInputs(_Options, Generic[_N], total=False):
    domain: str
    difficulty: Required[_N]
    params: _N
    loss: _N

class _ExtrapolateAnswer(Answer):
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    training_loss: float
    training_loss_low: float | None
    training_loss_high: float | None
    domain: str
    difficulty: float
    difficulty_low: float | None
    difficulty_high: float | None
    params: float | None
    params_low: float | None
    params_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str | None
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _ExtrapolateColumns(Answer):
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    training_loss: _Floats
    training_loss_low: _Floats | list[None]
    training_loss_high: _Floats | list[None]
    domain: list[str]
    difficulty: _Floats
    difficulty_low: _Floats | list[None]
    difficulty_high: _Floats | list[None]
    params: _Floats | list[float | None]
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _InformationGainInputs(_Options, Generic[_N], total=False):
    domain: str
    params: _N
    mutual_information: _N
    nats_per_word: _N
    text_loss: _N

class _InformationGainAnswer(Answer):
    mutual_information: float
    mutual_information_low: float | None
    mutual_information_high: float | None
    words: float
    words_low: float | None
    words_high: float | None
    infogain: float
    infogain_low: float | None
    infogain_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    nats_per_word: float
    nats_per_word_low: float | None
    nats_per_word_high: float | None
    text_loss: float
    text_loss_low: float | None
    text_loss_high: float | None
    law: str | None
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str
    reach: str
    source_checked: str | None
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str | None
    warnings: list[str]
    error: str | None

class _InformationGainColumns(Answer):
    mutual_information: _Floats
    mutual_information_low: _Floats | list[None]
    mutual_information_high: _Floats | list[None]
    words: _Floats
    words_low: _Floats | list[None]
    words_high: _Floats | list[None]
    infogain: _Floats
    infogain_low: _Floats | list[None]
    infogain_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    nats_per_word: _Floats
    nats_per_word_low: _Floats | list[None]
    nats_per_word_high: _Floats | list[None]
    text_loss: _Floats
    text_loss_low: _Floats | list[None]
    text_loss_high: _Floats | list[None]
    law: list[str | None]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str]
    reach: list[str]
    source_checked: list[str | None]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str | None]
    warnings: list[list[str]]
    error: list[str | None]

class _PositionInputs(_Options, Generic[_N], total=False):
    domain: str
    params: _N
    loss: _N
    unigram_entropy: _N
    power: _N
    position: _N
    context: _N

class _PositionAnswer(Answer):
    loss: float
    loss_low: float | None
    loss_high: float | None
    loss_bits: float
    loss_bits_low: float | None
    loss_bits_high: float | None
    perplexity: float | None
    perplexity_low: float | None
    perplexity_high: float | None
    loss_per_sample: float | None
    loss_per_sample_low: float | None
    loss_per_sample_high: float | None
    asymptotic_loss: float
    asymptotic_loss_low: float | None
    asymptotic_loss_high: float | None
    mutual_information: float
    mutual_information_low: float | None
    mutual_information_high: float | None
    infogain: float
    infogain_low: float | None
    infogain_high: float | None
    domain: str
    params: float | None
    params_low: float | None
    params_high: float | None
    unigram_entropy: float
    unigram_entropy_low: float | None
    unigram_entropy_high: float | None
    power: float
    power_low: float | None
    power_high: float | None
    position: float
    position_low: float | None
    position_high: float | None
    context: float
    context_low: float | None
    context_high: float | None
    law: str | None
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float | None
    extrapolation_in: str | None
    reach: str | None
    source_checked: str | None
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str | None
    warnings: list[str]
    error: str | None

class _PositionColumns(Answer):
    loss: _Floats
    loss_low: _Floats | list[None]
    loss_high: _Floats | list[None]
    loss_bits: _Floats
    loss_bits_low: _Floats | list[None]
    loss_bits_high: _Floats | list[None]
    perplexity: _Floats | list[float | None]
    perplexity_low: _Floats | list[None]
    perplexity_high: _Floats | list[None]
    loss_per_sample: _Floats | list[float | None]
    loss_per_sample_low: _Floats | list[None]
    loss_per_sample_high: _Floats | list[None]
    asymptotic_loss: _Floats
    asymptotic_loss_low: _Floats | list[None]
    asymptotic_loss_high: _Floats | list[None]
    mutual_information: _Floats
    mutual_information_low: _Floats | list[None]
    mutual_information_high: _Floats | list[None]
    infogain: _Floats
    infogain_low: _Floats | list[None]
    infogain_high: _Floats | list[None]
    domain: list[str]
    params: _Floats | list[float | None]
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    unigram_entropy: _Floats
    unigram_entropy_low: _Floats | list[None]
    unigram_entropy_high: _Floats | list[None]
    power: _Floats
    power_low: _Floats | list[None]
    power_high: _Floats | list[None]
    position: _Floats
    position_low: _Floats | list[None]
    position_high: _Floats | list[None]
    context: _Floats
    context_low: _Floats | list[None]
    context_high: _Floats | list[None]
    law: list[str | None]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats | list[float | None]
    extrapolation_in: list[str | None]
    reach: list[str | None]
    source_checked: list[str | None]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str | None]
    warnings: list[list[str]]
    error: list[str | None]

class _ShapeInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    tokens: _N
    compute: _N
    context: _N
    width: _N

class _ShapeAnswer(Answer):
    layers: float | None
    layers_low: float | None
    layers_high: float | None
    width: float | None
    width_low: float | None
    width_high: float | None
    heads: float | None
    heads_low: float | None
    heads_high: float | None
    aspect_ratio: float | None
    aspect_ratio_low: float | None
    aspect_ratio_high: float | None
    learning_rate: float | None
    learning_rate_low: float | None
    learning_rate_high: float | None
    batch_tokens: float | None
    batch_tokens_low: float | None
    batch_tokens_high: float | None
    training_flops_per_token: float | None
    training_flops_per_token_low: float | None
    training_flops_per_token_high: float | None
    exact_flops_per_token: float | None
    exact_flops_per_token_low: float | None
    exact_flops_per_token_high: float | None
    feed_forward: float
    feed_forward_low: float | None
    feed_forward_high: float | None
    vocabulary_params: float
    vocabulary_params_low: float | None
    vocabulary_params_high: float | None
    vocabulary: float | None
    vocabulary_low: float | None
    vocabulary_high: float | None
    batch_kind: str
    params: float
    params_low: float | None
    params_high: float | None
    domain: str
    tokens: float
    tokens_low: float | None
    tokens_high: float | None
    compute: float
    compute_low: float | None
    compute_high: float | None
    compute_pf_days: float
    compute_pf_days_low: float | None
    compute_pf_days_high: float | None
    context: float | None
    context_low: float | None
    context_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_on: str | None
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _ShapeColumns(Answer):
    layers: _Floats | list[float | None]
    layers_low: _Floats | list[None]
    layers_high: _Floats | list[None]
    width: _Floats | list[float | None]
    width_low: _Floats | list[None]
    width_high: _Floats | list[None]
    heads: _Floats | list[float | None]
    heads_low: _Floats | list[None]
    heads_high: _Floats | list[None]
    aspect_ratio: _Floats | list[float | None]
    aspect_ratio_low: _Floats | list[None]
    aspect_ratio_high: _Floats | list[None]
    learning_rate: _Floats | list[float | None]
    learning_rate_low: _Floats | list[None]
    learning_rate_high: _Floats | list[None]
    batch_tokens: _Floats | list[float | None]
    batch_tokens_low: _Floats | list[None]
    batch_tokens_high: _Floats | list[None]
    training_flops_per_token: _Floats | list[float | None]
    training_flops_per_token_low: _Floats | list[None]
    training_flops_per_token_high: _Floats | list[None]
    exact_flops_per_token: _Floats | list[float | None]
    exact_flops_per_token_low: _Floats | list[None]
    exact_flops_per_token_high: _Floats | list[None]
    feed_forward: _Floats
    feed_forward_low: _Floats | list[None]
    feed_forward_high: _Floats | list[None]
    vocabulary_params: _Floats
    vocabulary_params_low: _Floats | list[None]
    vocabulary_params_high: _Floats | list[None]
    vocabulary: _Floats | list[float | None]
    vocabulary_low: _Floats | list[None]
    vocabulary_high: _Floats | list[None]
    batch_kind: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    domain: list[str]
    tokens: _Floats
    tokens_low: _Floats | list[None]
    tokens_high: _Floats | list[None]
    compute: _Floats
    compute_low: _Floats | list[None]
    compute_high: _Floats | list[None]
    compute_pf_days: _Floats
    compute_pf_days_low: _Floats | list[None]
    compute_pf_days_high: _Floats | list[None]
    context: _Floats | list[float | None]
    context_low: _Floats | list[None]
    context_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str | None]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

class _TransferInputs(_Options, Generic[_N], total=False):
    domain: str
    params: Required[_N]
    finetune_characters: _N
    finetune_tokens: _N
    bytes_per_token: _N

class _TransferAnswer(Answer):
    effective_characters_transferred: float
    effective_characters_transferred_low: float | None
    effective_characters_transferred_high: float | None
    multiplier: float
    multiplier_low: float | None
    multiplier_high: float | None
    downstream_loss: float
    downstream_loss_low: float | None
    downstream_loss_high: float | None
    downstream_error: float
    downstream_error_low: float | None
    downstream_error_high: float | None
    finetune_characters: float
    finetune_characters_low: float | None
    finetune_characters_high: float | None
    domain: str
    params: float
    params_low: float | None
    params_high: float | None
    finetune_tokens: float | None
    finetune_tokens_low: float | None
    finetune_tokens_high: float | None
    bytes_per_token: float | None
    bytes_per_token_low: float | None
    bytes_per_token_high: float | None
    law: str
    level: float
    level_low: float | None
    level_high: float | None
    interval: str | None
    irreducible_loss: float | None
    irreducible_loss_low: float | None
    irreducible_loss_high: float | None
    same_loss: bool | None
    counts: str | None
    compute_kind: str | None
    part: str | None
    extrapolation: float | None
    extrapolation_in: str | None
    reach: str
    source_checked: str
    loss_on: str
    loss_definition: str | None
    comparable: bool | None
    family: str | None
    interval_source: str | None
    catalogue: str
    citation: str
    warnings: list[str]
    error: str | None

class _TransferColumns(Answer):
    effective_characters_transferred: _Floats
    effective_characters_transferred_low: _Floats | list[None]
    effective_characters_transferred_high: _Floats | list[None]
    multiplier: _Floats
    multiplier_low: _Floats | list[None]
    multiplier_high: _Floats | list[None]
    downstream_loss: _Floats
    downstream_loss_low: _Floats | list[None]
    downstream_loss_high: _Floats | list[None]
    downstream_error: _Floats
    downstream_error_low: _Floats | list[None]
    downstream_error_high: _Floats | list[None]
    finetune_characters: _Floats
    finetune_characters_low: _Floats | list[None]
    finetune_characters_high: _Floats | list[None]
    domain: list[str]
    params: _Floats
    params_low: _Floats | list[None]
    params_high: _Floats | list[None]
    finetune_tokens: _Floats | list[float | None]
    finetune_tokens_low: _Floats | list[None]
    finetune_tokens_high: _Floats | list[None]
    bytes_per_token: _Floats | list[float | None]
    bytes_per_token_low: _Floats | list[None]
    bytes_per_token_high: _Floats | list[None]
    law: list[str]
    level: list[float]
    level_low: _Floats | list[None]
    level_high: _Floats | list[None]
    interval: list[str | None]
    irreducible_loss: _Floats | list[float | None]
    irreducible_loss_low: _Floats | list[None]
    irreducible_loss_high: _Floats | list[None]
    same_loss: list[bool | None]
    counts: list[str | None]
    compute_kind: list[str | None]
    part: list[str | None]
    extrapolation: _Floats
    extrapolation_in: list[str | None]
    reach: list[str]
    source_checked: list[str]
    loss_on: list[str]
    loss_definition: list[str | None]
    comparable: list[bool | None]
    family: list[str | None]
    interval_source: list[str | None]
    catalogue: list[str]
    citation: list[str]
    warnings: list[list[str]]
    error: list[str | None]

@overload
def ask(question: Literal["loss", "optimal", "target", "frontier", "isoflop", "allocate", "lifetime", "repeat", "stop", "compare", "plan", "convert", "quantise", "batch", "crossover", "diagnose", "extrapolate", "information_gain", "position", "shape", "transfer"], laws: GivenLaws | None = None, *, law: Literal["all"], **inputs: Any) -> Answer: ...
@overload
def ask(question: Literal["loss"], laws: GivenLaws | None = None, **inputs: Unpack[_LossInputs[_Number]]) -> _LossAnswer:
    """What loss should a model of this size, trained on this many tokens or with this compute, reach?"""
@overload
def ask(question: Literal["loss"], laws: GivenLaws | None = None, **inputs: Unpack[_LossInputs[_Column]]) -> _LossColumns:
    """What loss should a model of this size, trained on this many tokens or with this compute, reach?"""
@overload
def ask(question: Literal["optimal"], laws: GivenLaws | None = None, **inputs: Unpack[_OptimalInputs[_Number]]) -> _OptimalAnswer:
    """Which model size and how many tokens reach the lowest loss for a training budget?"""
@overload
def ask(question: Literal["optimal"], laws: GivenLaws | None = None, **inputs: Unpack[_OptimalInputs[_Column]]) -> _OptimalColumns:
    """Which model size and how many tokens reach the lowest loss for a training budget?"""
@overload
def ask(question: Literal["target"], laws: GivenLaws | None = None, **inputs: Unpack[_TargetInputs[_Number]]) -> _TargetAnswer:
    """What is the cheapest compute, size and number of tokens that reach a loss, or a KL divergence from the truth?"""
@overload
def ask(question: Literal["target"], laws: GivenLaws | None = None, **inputs: Unpack[_TargetInputs[_Column]]) -> _TargetColumns:
    """What is the cheapest compute, size and number of tokens that reach a loss, or a KL divergence from the truth?"""
@overload
def ask(question: Literal["frontier"], laws: GivenLaws | None = None, **inputs: Unpack[_FrontierInputs]) -> _FrontierCurve:
    """How do the best size, tokens and loss grow with the training budget?"""
@overload
def ask(question: Literal["isoflop"], laws: GivenLaws | None = None, **inputs: Unpack[_IsoflopInputs]) -> _IsoflopCurve:
    """How does the loss change with the size at a fixed budget, a decade to either side of the optimum?"""
@overload
def ask(question: Literal["allocate"], laws: GivenLaws | None = None, **inputs: Unpack[_AllocateInputs[_Number]]) -> _AllocateAnswer:
    """How much more compute does this size spend than the optimal one would for the same loss?"""
@overload
def ask(question: Literal["allocate"], laws: GivenLaws | None = None, **inputs: Unpack[_AllocateInputs[_Column]]) -> _AllocateColumns:
    """How much more compute does this size spend than the optimal one would for the same loss?"""
@overload
def ask(question: Literal["lifetime"], laws: GivenLaws | None = None, **inputs: Unpack[_LifetimeInputs[_Number]]) -> _LifetimeAnswer:
    """Which size and tokens reach a loss at the least compute or money of training and serving together, or what within both?"""
@overload
def ask(question: Literal["lifetime"], laws: GivenLaws | None = None, **inputs: Unpack[_LifetimeInputs[_Column]]) -> _LifetimeColumns:
    """Which size and tokens reach a loss at the least compute or money of training and serving together, or what within both?"""
@overload
def ask(question: Literal["repeat"], laws: GivenLaws | None = None, **inputs: Unpack[_RepeatInputs[_Number]]) -> _RepeatAnswer:
    """What loss do several passes over a limited set of tokens reach, and when is another pass worthless?"""
@overload
def ask(question: Literal["repeat"], laws: GivenLaws | None = None, **inputs: Unpack[_RepeatInputs[_Column]]) -> _RepeatColumns:
    """What loss do several passes over a limited set of tokens reach, and when is another pass worthless?"""
@overload
def ask(question: Literal["stop"], laws: GivenLaws | None = None, **inputs: Unpack[_StopInputs[_Number]]) -> _StopAnswer:
    """When does training a model of this size on limited data stop paying?"""
@overload
def ask(question: Literal["stop"], laws: GivenLaws | None = None, **inputs: Unpack[_StopInputs[_Column]]) -> _StopColumns:
    """When does training a model of this size on limited data stop paying?"""
@overload
def ask(question: Literal["compare"], laws: GivenLaws | None = None, **inputs: Unpack[_CompareInputs[_Number]]) -> _CompareAnswer:
    """How many times the compute does a law need to match another law's loss, or a run's?"""
@overload
def ask(question: Literal["compare"], laws: GivenLaws | None = None, **inputs: Unpack[_CompareInputs[_Column]]) -> _CompareColumns:
    """How many times the compute does a law need to match another law's loss, or a run's?"""
@overload
def ask(question: Literal["plan"], laws: GivenLaws | None = None, **inputs: Unpack[_PlanInputs[_Number]]) -> _PlanAnswer:
    """How long, how dear and how hungry is a training run on these accelerators, or what does a deadline buy?"""
@overload
def ask(question: Literal["plan"], laws: GivenLaws | None = None, **inputs: Unpack[_PlanInputs[_Column]]) -> _PlanColumns:
    """How long, how dear and how hungry is a training run on these accelerators, or what does a deadline buy?"""
@overload
def ask(question: Literal["convert"], laws: GivenLaws | None = None, **inputs: Unpack[_ConvertInputs[_Number]]) -> _ConvertAnswer:
    """What is a loss in another unit: bits, perplexity, per sample, per byte?"""
@overload
def ask(question: Literal["convert"], laws: GivenLaws | None = None, **inputs: Unpack[_ConvertInputs[_Column]]) -> _ConvertColumns:
    """What is a loss in another unit: bits, perplexity, per sample, per byte?"""
@overload
def ask(question: Literal["quantise"], laws: GivenLaws | None = None, **inputs: Unpack[_QuantiseInputs[_Number]]) -> _QuantiseAnswer:
    """How many times the loss that quantising after training adds to a known model does it add to this one?"""
@overload
def ask(question: Literal["quantise"], laws: GivenLaws | None = None, **inputs: Unpack[_QuantiseInputs[_Column]]) -> _QuantiseColumns:
    """How many times the loss that quantising after training adds to a known model does it add to this one?"""
@overload
def ask(question: Literal["batch"], laws: GivenLaws | None = None, **inputs: Unpack[_BatchInputs[_Number]]) -> _BatchAnswer:
    """How large may a batch be before it wastes compute, and how many steps does it take?"""
@overload
def ask(question: Literal["batch"], laws: GivenLaws | None = None, **inputs: Unpack[_BatchInputs[_Column]]) -> _BatchColumns:
    """How large may a batch be before it wastes compute, and how many steps does it take?"""
@overload
def ask(question: Literal["crossover"], laws: GivenLaws | None = None, **inputs: Unpack[_CrossoverInputs]) -> _CrossoverAnswer:
    """At what compute do two of a law's own relations contradict each other, so that one of them must fail?"""
@overload
def ask(question: Literal["diagnose"], laws: GivenLaws | None = None, **inputs: Unpack[_DiagnoseInputs[_Number]]) -> _DiagnoseAnswer:
    """Is a run on trend, and is it size or data that holds it back?"""
@overload
def ask(question: Literal["diagnose"], laws: GivenLaws | None = None, **inputs: Unpack[_DiagnoseInputs[_Column]]) -> _DiagnoseColumns:
    """Is a run on trend, and is it size or data that holds it back?"""
@overload
def ask(question: Literal["extrapolate"], laws: GivenLaws | None = None, **inputs: Unpack[_ExtrapolateInputs[_Number]]) -> _ExtrapolateAnswer:
    """What loss does a model reach on problems harder than those it was trained on?"""
@overload
def ask(question: Literal["extrapolate"], laws: GivenLaws | None = None, **inputs: Unpack[_ExtrapolateInputs[_Column]]) -> _ExtrapolateColumns:
    """What loss does a model reach on problems harder than those it was trained on?"""
@overload
def ask(question: Literal["information_gain"], laws: GivenLaws | None = None, **inputs: Unpack[_InformationGainInputs[_Number]]) -> _InformationGainAnswer:
    """How much does an image say of its caption: how many nats, how many words, what share?"""
@overload
def ask(question: Literal["information_gain"], laws: GivenLaws | None = None, **inputs: Unpack[_InformationGainInputs[_Column]]) -> _InformationGainColumns:
    """How much does an image say of its caption: how many nats, how many words, what share?"""
@overload
def ask(question: Literal["position"], laws: GivenLaws | None = None, **inputs: Unpack[_PositionInputs[_Number]]) -> _PositionAnswer:
    """What is the loss at a position of the context, and how much does one half of the context say of the other?"""
@overload
def ask(question: Literal["position"], laws: GivenLaws | None = None, **inputs: Unpack[_PositionInputs[_Column]]) -> _PositionColumns:
    """What is the loss at a position of the context, and how much does one half of the context say of the other?"""
@overload
def ask(question: Literal["shape"], laws: GivenLaws | None = None, **inputs: Unpack[_ShapeInputs[_Number]]) -> _ShapeAnswer:
    """Which layers, width, heads, learning rate and batch should a model of this size have?"""
@overload
def ask(question: Literal["shape"], laws: GivenLaws | None = None, **inputs: Unpack[_ShapeInputs[_Column]]) -> _ShapeColumns:
    """Which layers, width, heads, learning rate and batch should a model of this size have?"""
@overload
def ask(question: Literal["transfer"], laws: GivenLaws | None = None, **inputs: Unpack[_TransferInputs[_Number]]) -> _TransferAnswer:
    """How much fine-tuning data is pretraining worth to a model of this size?"""
@overload
def ask(question: Literal["transfer"], laws: GivenLaws | None = None, **inputs: Unpack[_TransferInputs[_Column]]) -> _TransferColumns:
    """How much fine-tuning data is pretraining worth to a model of this size?"""
