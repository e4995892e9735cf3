"""Every field of an answer: its unit and what it means, in one line. Inputs are declared in `units`, and appear here by
the same names.
"""

from __future__ import annotations

import typing

from msgspec import Meta

from fitted_laws.quantities import units
from fitted_laws.quantities.units import Quantity

_FIELDS = """
reducible_loss | nats/token | loss above the irreducible loss: KL(true‖model); null where no irreducible loss is known
irreducible_loss | nats/token | L∞ or E, an estimate of the entropy of the data; 0 where none could be fitted
irreducible_loss_known | true or false | whether an irreducible loss could be fitted
loss_bits | bits/token | the loss in bits
perplexity | 1 | e to the loss, for text
loss_per_sample | nats/sample | the loss of one image or clip
loss_unit | text | what losses are in, where that is not nats/token: bits/byte and the like
loss_definition | text | what the loss is a mean of, where it is not nats/token
loss_on | text | the data and tokenizer that the loss holds for, and its unit where that is not nats a token; losses compare where it is the same
compute_pf_days | PF-days | compute in PF-days of 8.64e19 FLOP
critical_tokens | count | D_crit: more tokens than these raise the loss of this size at this precision
dense_params | count | size of the dense model with the same loss on the same data
limit | text | which input was taken to infinity
tokens_per_param | tokens/param | tokens for each parameter
flops_per_token | FLOP/token | training compute of one token, M in C = M·D
downstream_loss | nats | loss of a fine-tuned classifier, of one class
downstream_error | share | mean error on the 17 tasks of Gadre et al. 2024 at this loss; of a fine-tuned classifier its share of wrong classes
downstream_error_46 | share | mean error on their 46 tasks
params_min | count | least size that reaches the loss for under 1 % more compute
params_max | count | largest size that does
probability_ceiling | share | largest share of the draws that any compute brings to the target
compute_overhead | × | compute over what the least would be
optimal_loss | nats/token | loss of the optimal size at the same compute
optimal_params | count | optimal size at the same compute
training_compute | FLOP | 6ND
training_compute_pf_days | PF-days | training_compute in PF-days
inference_compute | FLOP | 2N times the tokens served
inference_compute_pf_days | PF-days | inference_compute in PF-days
training_accelerator_hours | hours | of training
inference_accelerator_hours | hours | of serving
training_cost | your currency | accelerator-hours of training at their price
inference_cost | your currency | accelerator-hours of serving at their price
effective_tokens | count | fresh tokens that the repeated ones are worth
effective_params | count | parameters that the data can make use of
marginal_value | × | worth of one more repeated token, against a fresh one
half_value_epoch | epochs | where a repeated token is worth half a fresh one
worthless_epoch | epochs | where it is worth less than a tenth
compute_multiplier | × | compute the law needs for the loss, over the compute given
matched_loss | nats/token | the loss to be matched
compute_needed | FLOP | compute the law needs for it
hours | hours | time on all accelerators together
accelerator_hours | hours | hours times accelerators
days | days | the same in days
energy_kwh | kWh | at the rated power of the accelerators, times pue
energy_cost | your currency | energy times its price
hours_law_share | share | part of the spread of hours that is the law's; the rest is that of ranges given
cost_law_share | share | part of the spread of cost that is the law's
loss_law_share | share | part of the spread of the loss that is the law's
value | the unit asked for | the loss in that unit
effective_characters_transferred | characters | fine-tuning data that pretraining is worth, D_T
multiplier | × | (D_F + D_T)/D_F
asymptotic_loss | nats/token | loss far into the context
infogain | share | mutual information over the entropy of the text
words | words | mutual information in words
training_loss | nats/token | loss on the training distribution
critical_batch_tokens | tokens | batch at which steps and compute are each twice their least
min_steps | steps | least steps, at very large batches
steps | steps | steps at batch_tokens
batch_kind | text | critical or optimal: two quantities, not to be mixed
expected_loss | nats/token | loss by the law for this size and data
excess_loss | nats/token | observed less expected
z_score | σ | log excess over the spread of one new run about the forecast
on_trend | true or false | whether the interval of one new run holds the loss
bottleneck | text | params, tokens or balanced
params_sensitivity | nats/e-fold | loss gained by e times the parameters
tokens_sensitivity | nats/e-fold | loss gained by e times the tokens
heads | count | attention heads
aspect_ratio | × | width over layers
training_flops_per_token | FLOP/token | 6N: training, without attention over the context
exact_flops_per_token | FLOP/token | the same with attention over the context
feed_forward | count | width of the feed-forward
vocabulary_params | count | parameters of the vocabulary, one table of it
vocabulary | count | tokens of the vocabulary: vocabulary_params over width
added_loss_ratio | × | loss that quantising adds, over that of the model that was measured
added_loss | nats/token | loss that quantising after training adds
learning_rate | 1 | peak learning rate
source_checked | text | secondary, where coefficients were read in notes on the paper
extrapolation | decades | how far beyond the fitted data: most of compute, params, tokens, tokens/params and what else was fitted over; 0 inside
extrapolation_in | text | the quantity that is furthest out
reach | text | inside, near (less than 1 decade beyond the fit), far (less than 3), beyond, or unknown: from extrapolation
domain | text | what is modelled; `/v1/domains` lists them
law | text | the law that answered; `/v1/laws` lists them
family | text | laws that are twins: one paper, or one set of runs; `/v1/laws` says which to take for what
comparable | true or false | whether losses of several rows are on one scale
interval_source | text | what intervals were made from
catalogue | text | digest of all coefficients
citation | text | the paper, with table or equation
warnings | list | what a reader of the numbers must know
error | text | of a row that has no answer: why
"""


def _declared() -> dict[str, Quantity]:
    quantities: dict[str, Quantity] = {}
    for hint in vars(units).values():
        for meta in typing.get_args(hint):
            if isinstance(meta, Meta) and meta.extra:
                quantity = meta.extra["quantity"]
                quantities[quantity.name] = quantity
    return quantities


def _listed() -> dict[str, Quantity]:
    rows = (line.split(" | ") for line in _FIELDS.strip().splitlines())
    return {name: Quantity(name, unit, meaning) for name, unit, meaning in rows}


GLOSSARY: dict[str, Quantity] = {**_declared(), **_listed()}
"""Quantities by name: inputs and fields of answers alike."""


def quantity_of(field: str) -> Quantity | None:
    """What a field means: `loss_low` and `loss_high` are ends of the interval of `loss`."""
    return GLOSSARY.get(field) or GLOSSARY.get(field.removesuffix("_low").removesuffix("_high"))


IN_SENTENCES = {
    "compute": "compute",
    "params": "size",
    "tokens": "data",
    "tokens_per_param": "tokens a parameter",
    "unique_tokens": "unique data",
    "finetune_characters": "fine-tuning data",
    "epochs": "epochs",
    "experts": "experts",
    "granularity": "granularity",
    "sparsity": "sparsity",
    "bits": "bits",
    "exponent_bits": "bits of the exponent",
    "mantissa_bits": "bits of the mantissa",
    "block": "block",
    "width": "width",
    "layers": "layers",
    "training_loss": "training loss",
    "position": "position",
    "context": "context",
}
"""Quantities as sentences have them."""
