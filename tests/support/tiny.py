"""For the tests of sweeps: a sweep so small that it trains in seconds, its plan, a record of one of its runs; a run, and two that learn together."""

import importlib.util

import msgspec
import pytest

from trainer.domains.generated.markov import Markov
from trainer.sweep.config import SweepConfig
from trainer.sweep.plan import SweepPlan
from trainer.sweep.records import Machine, RunConfig, RunRecord, record
from trainer.sweep.shape import Shape

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed: make sweep brings it"
)
TINY = """
name = "tiny"
widths = [12, 16, 24]
head_width = 4
tokens = 40_000
reads = 3
batch = 16
test_samples = 64
[domain]
name = "markov"
symbols = 16
"""


def tiny() -> SweepConfig:
    return msgspec.toml.decode(TINY, type=SweepConfig)


def plan_of(sweep: SweepConfig) -> SweepPlan:
    runs = [sweep.run(w, s, sweep.steps) for w in sweep.widths for s in sweep.seeds]
    return SweepPlan(sweep=sweep, budget=0.0, speeds=dict.fromkeys(sweep.widths, 1e4), seconds=10.0, runs=runs)


def record_of(config: RunConfig) -> RunRecord:
    made = Machine(seconds=1.0, tokens_per_second=1.0, device="none", host="none", versions={})
    return record(config, 100, None, [], made, ("time-limit", "over the limit"))


SMALL = RunConfig(
    domain=Markov(symbols=8, context=6), shape=Shape(layers=1, width=8), batch=8, reads=(50, 100, 200), test_samples=64
)
PAIR = [msgspec.structs.replace(SMALL, seed=seed, together=(0, 1)) for seed in (0, 1)]


class Killed(BaseException):
    """Ends a run at once, as a kill would, with nothing written after."""
