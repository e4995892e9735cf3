"""What columns of a table follow from others: sizes side by side, tokens from steps, repeats, two of N, D and C."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from fitted_laws.laws.relation import Counts
from fitted_laws.quantities.units import NATS
from trainer.tables.naming.loss_units import converted

Values = NDArray[np.float64]

IN_TOKENS = 32_768
"""A batch from which on it counts tokens: no run had as many sequences."""
AGREES = 0.02
"""Relative difference from which on two statements differ."""


class Derived(msgspec.Struct, frozen=True, kw_only=True):
    """Columns, (n,) with NaN where a row does not say, and sentences on what was made from what."""

    columns: dict[str, Values]
    said: list[str] = []
    counts: Counts = "total"
    loss_unit: str = NATS


def derived(
    columns: dict[str, Values], names: dict[str, str], counts: str, unit: str, bytes_per_token: float
) -> Derived:
    """The columns that a fit takes. `names` is what each quantity is called in the table; `counts` which parameters are
    wanted, empty for all; `unit` the loss's.
    """
    out = dict(columns)
    said = [] if "tokens" in out or "unique_tokens" in out else list(_tokens_of_steps(out, names))
    kind, sentences = _sizes(out, names, counts)
    said += [*sentences, *_repeats(out, names), *_third(out)]
    known = out.get("bytes_per_token", np.array([bytes_per_token]) if bytes_per_token else None)
    inside = converted(out["loss"], unit, known)
    out["loss"] = inside.values
    if inside.said:
        said.append(inside.said)
    return Derived(columns=out, said=said, counts=kind, loss_unit=inside.unit)


def _tokens_of_steps(columns: dict[str, Values], names: dict[str, str]) -> Iterator[str]:
    """tokens as steps × batch × sequence, or from tokens a parameter."""
    if "tokens_per_param" in columns and "params" in columns and "steps" not in columns:
        columns["tokens"] = columns["tokens_per_param"] * columns["params"]
        yield f"tokens = {names['tokens_per_param']} × {names['params']}"
        return
    if "steps" not in columns:
        return
    steps = names["steps"]
    if "batch_tokens" in columns:
        columns["tokens"] = columns["steps"] * columns["batch_tokens"]
        yield f"tokens = {steps} × {names['batch_tokens']}"
    elif "batch_size" in columns:
        batch = names["batch_size"]
        if np.nanmedian(columns["batch_size"]) >= IN_TOKENS:
            columns["tokens"] = columns["steps"] * columns["batch_size"]
            yield f"tokens = {steps} × {batch}, which counts tokens: no batch has as many sequences"
        elif "sequence_length" in columns:
            columns["tokens"] = columns["steps"] * columns["batch_size"] * columns["sequence_length"]
            yield f"tokens = {steps} × {batch} × {names['sequence_length']}"


def _sizes(columns: dict[str, Values], names: dict[str, str], wanted: str) -> tuple[Counts, list[str]]:
    """Which size is N: the active one of a mixture, else the one that is wanted, else all parameters; the others stay
    beside it. What it counts, and sentences.
    """
    total, active = columns.get("params"), columns.get("active_params")
    if active is None:
        return _without_embeddings(columns, names, wanted)
    name = names["active_params"]
    if total is None:
        columns["params"] = active
        return "active", [f"params is {name}, the active size"]
    if np.nanmedian(active) > np.nanmedian(total):
        return "total", [f"{name} is larger than {names['params']}, and was not taken for the active size"]
    columns.update(params=active, total_params=total)
    kept = f"params is {name}: compute is 6 × the active size × tokens; {names['params']} is kept as total_params"
    return "active", [kept, *_varying_share(total / active, names)]


def _without_embeddings(columns: dict[str, Values], names: dict[str, str], wanted: str) -> tuple[Counts, list[str]]:
    """N of all parameters, or of those that are no embeddings where these are wanted or nothing else is said."""
    total, outside, inside = (columns.get(name) for name in ("params", "non_embedding_params", "embedding_params"))
    if outside is None:
        return "non-embedding" if wanted == "non-embedding" else "total", []
    name = names["non_embedding_params"]
    if total is None and inside is not None and wanted != "non-embedding":
        columns["params"] = outside + inside
        return "total", [f"params = {name} + {names['embedding_params']}"]
    if total is not None and wanted != "non-embedding":
        return "total", [f"params is {names['params']}, all parameters; --counts non-embedding takes {name}"]
    if total is not None:
        columns["total_params"] = total
    columns["params"] = outside
    return "non-embedding", [f"params is {name}: embeddings are not counted"]


def _varying_share(share: Values, names: dict[str, str]) -> list[str]:
    low, high = float(np.nanmin(share)), float(np.nanmax(share))
    if high <= low * (1 + AGREES):
        return []
    return [
        f"{names['params']} is {low:.3g} to {high:.3g} × {names['active_params']}: a law in the active size alone does not see that"
    ]


def _repeats(columns: dict[str, Values], names: dict[str, str]) -> list[str]:
    """tokens processed, unique tokens and epochs, of which two give the third; with epochs alone, tokens are unique ones
    unless the compute given says otherwise.
    """
    tokens, unique, epochs = (columns.get(name) for name in ("tokens", "unique_tokens", "epochs"))
    if unique is None:
        return [] if tokens is None or epochs is None else _tokens_with_epochs(columns, names, tokens, epochs)
    own = names["unique_tokens"]
    if epochs is None:
        if tokens is None:
            columns["tokens"] = unique
            return [f"tokens = {own}: without epochs, each is seen once"]
        columns["epochs"] = tokens / unique
        return [f"epochs = {names['tokens']} / {own}"]
    passes = np.where(np.isnan(epochs), 1.0, epochs)
    columns.update(epochs=passes, tokens=unique * passes)
    return (
        [f"tokens = {own} × {names['epochs']}"]
        if tokens is None
        else _differs(tokens, unique * passes, names["tokens"])
    )


def _tokens_with_epochs(columns: dict[str, Values], names: dict[str, str], tokens: Values, epochs: Values) -> list[str]:
    passes = np.where(np.isnan(epochs), 1.0, epochs)
    name = names.get("tokens", "tokens")
    if _processed(columns, passes):
        columns.update(epochs=passes, unique_tokens=tokens / passes)
        return [
            f"{name} are those processed, repeats included, as the compute given says: unique_tokens = {name} / epochs"
        ]
    columns.update(epochs=passes, unique_tokens=tokens, tokens=tokens * passes)
    said = f"tokens processed = {name} × {names['epochs']}: with epochs, tokens are unique ones; a column unique_tokens says so"
    return [said] if (passes > 1).any() else []


def _processed(columns: dict[str, Values], passes: Values) -> bool:
    """Whether the compute given is 6 × params × tokens without the epochs."""
    if "compute" not in columns or "params" not in columns or not (passes > 1).any():
        return False
    ratio = columns["compute"] / (6 * columns["params"] * columns["tokens"])
    repeated = ratio[(passes > 1) & ~np.isnan(ratio)]
    return len(repeated) > 0 and bool(np.abs(np.log(repeated)).max() < AGREES)


def _differs(given: Values, product: Values, name: str) -> list[str]:
    ratio = given / product
    known = ratio[~np.isnan(ratio)]
    if not len(known) or np.abs(np.log(known)).max() <= AGREES:
        return []
    return [f"{name} is {np.median(known):.3g} × unique_tokens × epochs; the product was taken"]


def _third(columns: dict[str, Values]) -> Iterator[str]:
    """The third of params, tokens and compute by C = 6ND, row by row, where two are said."""
    empty = np.full(len(columns["loss"]), np.nan)
    N, D, C = (columns.get(name, empty) for name in ("params", "tokens", "compute"))
    formulas = {
        "tokens": (D, C / (6 * N), "compute / (6 × params)"),
        "params": (N, C / (6 * D), "compute / (6 × tokens)"),
        "compute": (C, 6 * N * D, "6 × params × tokens"),
    }
    for name, (given, product, formula) in formulas.items():
        filled = np.isnan(given) & ~np.isnan(product)
        if filled.any():
            columns[name] = np.where(filled, product, given)
            if name != "compute":
                rows = "every row" if filled.all() else f"{int(filled.sum())} of {len(filled)} rows"
                yield f"{name} = {formula} in {rows}"
