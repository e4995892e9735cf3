"""What was varied beside size and data: learning rates, batches, seeds; which column of a table each of them is."""

import re

from fitted_laws.quantities.problems import NotFound
from trainer.tables.runs import Runs

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


def settings_of(runs: Runs) -> dict[str, list[str]]:
    """The cells of each setting whose column the table has, as texts, (n,) each."""
    cells = {plain(name): name for name in reversed(runs.others)}
    found = {
        setting: [_text(cell) for cell in runs.others[cells[name]]]
        for setting, names in NAMES.items()
        for name in [next((name for name in names if name in cells), "")]
        if name
    }
    for name in ("batch_size", "batch_tokens"):
        if name in runs.columns and "batch" not in found:
            found["batch"] = [f"{value:g}" for value in runs.columns[name].tolist()]
    return found


def setting_named(runs: Runs, name: str) -> tuple[str, list[str]]:
    """A setting by its name or that of any column that was not read: its name and cells.

    Raises:
        NotFound: the table has no such column.
    """
    known = settings_of(runs)
    by_name = {plain(each): setting for setting, names in NAMES.items() for each in (setting, *names)}
    if (setting := by_name.get(plain(name), "")) in known:
        return setting, known[setting]
    others = {plain(other): other for other in runs.others}
    if plain(name) not in others:
        raise NotFound.named("setting", name, [*known, *runs.others])
    return others[plain(name)], [_text(cell) for cell in runs.others[others[plain(name)]]]


def plain(name: str) -> str:
    """`peakLR`, `peak_lr` and `Peak LR` are one name; folders of trackers' keys are dropped."""
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.rsplit("/", 1)[-1].rsplit(".", 1)[-1])
    return " ".join(re.findall(r"[a-z0-9]+", apart.lower()))


def _text(cell: object) -> str:
    try:
        return f"{float(str(cell)):.9g}"
    except ValueError:
        return str(cell or "")
