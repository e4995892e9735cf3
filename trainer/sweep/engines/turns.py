"""Several ensembles at once in one process: each goes on until it would wait for the card, then the next has its turn. Needs torch.

On a card each has a stream of its own, so that steps that fill little of it run side by side. Nothing is shared but the card.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch

from trainer.sweep.devices import on_card


def in_turns(runs: Sequence[Iterator[None]], device: str) -> None:
    """Advances each to its end; one that raises leaves the others their turns.

    Raises:
        Exception: the first that one of them raised, once the others have ended.
    """
    going = deque((run, stream(device, len(runs))) for run in runs)
    raised: list[Exception] = []
    while going:
        run, own = going.popleft()
        try:
            with own:
                next(run)
        except StopIteration:
            continue
        except Exception as error:  # noqa: BLE001 - raised below
            raised.append(error)
        else:
            going.append((run, own))
    if raised:
        raise raised[0]


def stream(device: str, count: int) -> AbstractContextManager[object]:
    """Where one of so many runs starts its work: alone, or on a CPU, where it always did."""
    return torch.cuda.stream(torch.cuda.Stream(device)) if on_card(device) and count > 1 else nullcontext()
