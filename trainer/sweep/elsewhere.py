"""A sweep planned for a card that is not here, by the speeds of runs that one has trained. Needs no torch."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from trainer.files import Refusal
from trainer.sweep.config import SweepConfig
from trainer.sweep.devices import CUDA, peak_flops
from trainer.sweep.plan import USED, SweepPlan, by_speeds
from trainer.sweep.records import RunRecord, read_records


def planned_elsewhere(sweep: SweepConfig, budget: float, path: Path) -> SweepPlan:
    """The plan that the card of these records would have, but for its set-up and the probe of rates: readings' time is in their speeds.

    Raises:
        Refusal: these are not records of runs on one card whose peak is known.
    """
    records = [record for record in read_records(path) if record.loss is not None]
    cards = {record.machine.device for record in records}
    if len(cards) != 1 or peak_flops(min(cards)) is None:
        raise Refusal(
            f"--speeds {path}: expected records of runs on one card of the catalogue of accelerators, "
            f"got those of {', '.join(sorted(cards)) or 'none'}"
        )
    plan = by_speeds(sweep, speeds_of(sweep, records), budget, USED * budget)
    return msgspec.structs.replace(plan, device=CUDA, card=min(cards))


def speeds_of(sweep: SweepConfig, records: list[RunRecord]) -> dict[int, float]:
    """Tokens a second of each width's ensemble: FLOP a second by the FLOP of a token, both in logarithms, straight between the runs recorded.

    Beyond the largest of them FLOP a second stay as they are, and below the smallest tokens a second: neither end is thought better than was seen.
    """
    seen = {record.config.exact_flops_per_token: record.machine.tokens_per_second for record in records}
    per_token = np.array(sorted(seen))
    tokens = np.array([seen[flops] for flops in per_token])
    found = {}
    for width in sweep.widths:
        flops = sweep.run(width, sweep.seeds[0], sweep.steps).exact_flops_per_token
        rate = np.exp(np.interp(np.log(flops), np.log(per_token), np.log(per_token * tokens)))
        found[width] = float(tokens[0] if flops < per_token[0] else rate / flops)
    return found
