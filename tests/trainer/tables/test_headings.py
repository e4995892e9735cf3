"""What names of columns and keys say, in any order, spelling and folder; and what says nothing."""

import pytest

from trainer.tables.naming.headings import heading
from trainer.tables.naming.names import NAMES

PF_DAY = 8.64e19


@pytest.mark.parametrize(
    ("name", "quantity", "scale", "unit"),
    [
        ("N", "params", 1, ""),
        ("n_params", "params", 1, ""),
        ("nParams", "params", 1, ""),
        ("Number of parameters (M)", "params", 1e6, ""),
        ("params_M", "params", 1e6, ""),
        ("params / M", "params", 1e6, ""),
        ("billion_params", "params", 1e9, ""),
        ("model/n_params", "params", 1, ""),
        ("params_total", "params", 1, ""),
        ("N_active", "active_params", 1, ""),
        ("non-embedding params", "non_embedding_params", 1, ""),
        ("tokens_B", "tokens", 1e9, ""),
        ("tokensB", "tokens", 1e9, ""),
        ("tokens (B)", "tokens", 1e9, ""),
        ("Training tokens, billions", "tokens", 1e9, ""),
        ("tokens in billions", "tokens", 1e9, ""),
        ("D (1e9)", "tokens", 1e9, ""),
        ("Data (B tokens)", "tokens", 1e9, ""),
        ("D/N", "tokens_per_param", 1, ""),
        ("num_input_tokens_seen", "tokens", 1, ""),
        ("train_flops", "compute", 1, "flops"),
        ("total_flos", "compute", 1, ""),
        ("flops_budget", "compute", 1, "flops"),
        ("compute (PF-days)", "compute", PF_DAY, "PF-days"),
        ("compute_pf_days", "compute", PF_DAY, "pf_days"),
        ("compute_EFLOP", "compute", 1e18, "eflop"),
        ("compute (1e18 FLOPs)", "compute", 1e18, ""),
        ("val/loss", "loss", 1, ""),
        ("Loss (validation)", "loss", 1, ""),
        ("eval/c4/loss", "loss", 1, ""),
        ("metrics.eval/loss", "loss", 1, ""),
        ("train/CrossEntropyLoss", "loss", 1, ""),
        ("val_bpb", "loss", 1, "bits/byte"),
        ("loss [bits/token]", "loss", 1, "bits/token"),
        ("val_ppl", "loss", 1, "perplexity"),
        ("bits per character", "loss", 1, "bits/character"),
        ("num_iterations", "steps", 1, ""),
        ("block_size", "sequence_length", 1, ""),
        ("vocab_size", "vocabulary", 1, ""),
    ],
)
def test_a_name_says_quantity_scale_and_unit(name: str, quantity: str, scale: float, unit: str) -> None:
    found = heading(name)
    assert found is not None
    assert (found.quantity, found.scale, found.unit) == (quantity, scale, unit)


@pytest.mark.parametrize(
    "name",
    [
        "depth",
        "model_dim",
        "n_embd",
        "n_layer",
        "d_model",
        "params_wte",
        "learning_rate",
        "epoch",
        "loss_std",
        "loss_scale",
        "flops_per_token",
        "tokens_per_second",
        "TFLOPs",
        "warmup_tokens",
        "decay_steps",
        "config.domain.unique",
        "weight_decay",
    ],
)
def test_what_is_something_else_says_nothing(name: str) -> None:
    """Widths, rates, settings and errors of losses are none of the quantities."""
    assert heading(name) is None


@pytest.mark.parametrize("quantity", NAMES)
def test_every_name_of_the_list_is_read(quantity: str) -> None:
    """Also backwards: words stand in any order."""
    for name in NAMES[quantity]:
        words = name.split()
        for spelled in ("_".join(words), " ".join(reversed(words)).title()):
            found = heading(spelled)
            assert found is not None, spelled
            assert found.quantity == quantity, spelled
