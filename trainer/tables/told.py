"""What was read as what, and which rows were left out, in sentences: one wording for the terminal and the page."""

from trainer.tables.runs import Excluded, Runs

MOST_REASONS, MOST_NAMED = 20, 3
"""Reasons that are told, and rows of one reason that are named."""


def read_as(runs: Runs) -> list[str]:
    """The columns under other names, at other scales or in units of their own, and the loss's unit where it is no usual one."""
    sentences = []
    for column in runs.read_as:
        unit = f", in {column.unit}" if column.unit else f" × {column.scale:.0e}" if column.scale != 1 else ""
        if column.name != column.quantity or unit:
            sentences.append(f"read {column.name} as {column.quantity}{unit}")
    if runs.loss_unit != "nats/token":
        sentences.append(f"the loss is in {runs.loss_unit}: --bytes-per-token makes it nats/token")
    return sentences


def left_out(runs: Runs) -> list[str]:
    """The rows left out, by reason, the first of each by name."""
    by_reason: dict[str, list[Excluded]] = {}
    for row in runs.excluded:
        by_reason.setdefault(row.reason, []).append(row)
    sentences = []
    for reason, rows in list(by_reason.items())[:MOST_REASONS]:
        names = ", ".join(row.name for row in rows[:MOST_NAMED])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        sentences.append(f"{names}{more} left out: {reason}")
    if len(by_reason) > MOST_REASONS:
        more_rows = sum(map(len, list(by_reason.values())[MOST_REASONS:]))
        sentences.append(f"… and {more_rows} more left out")
    return sentences
