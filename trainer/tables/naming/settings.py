"""What was varied beside size and data: learning rates, batches, seeds; which column of a table each of them is."""

import re

SEED = "seed"
NAMES: dict[str, tuple[str, ...]] = {
    "lr": ("lr", "learning rate", "max lr", "peak lr", "lr max", "lr peak", "base lr", "max learning rate", "peak learning rate",
           "eta", "matrix lr", "learning rate max", "initial lr"),
    "batch": ("batch", "batch size", "bs", "global batch size", "batch tokens", "total batch size", "batch size tokens",
              "train batch size", "gbs", "effective batch size"),
    SEED: ("seed", "random seed", "rng seed", "trial", "replicate", "rep", "seed id", "init seed", "data seed"),
    "weight_decay": ("weight decay", "wd"),
    "warmup": ("warmup", "warmup steps", "warmup ratio", "warmup tokens", "lr warmup"),
    "schedule": ("schedule", "lr schedule", "scheduler", "lr scheduler", "decay", "lr scheduler type"),
    "optimizer": ("optimizer", "optim", "optimiser"),
    "beta2": ("beta2", "adam beta2", "beta 2"),
    "dropout": ("dropout", "dropout rate"),
}  # fmt: skip
"""Names of columns by setting."""


def plain(name: str) -> str:
    """`peakLR`, `peak_lr` and `Peak LR` are one name; folders of trackers' keys are dropped."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.rsplit("/", 1)[-1].rsplit(".", 1)[-1])
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


CALLED = {plain(name): setting for setting, names in NAMES.items() for name in (setting, *names)}


def setting_called(name: str) -> str:
    """The setting that a column or key of this name says; empty for none."""
    return CALLED.get(plain(name), "")
