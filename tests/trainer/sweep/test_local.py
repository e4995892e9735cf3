"""Which runs share a card: small ones, with their neighbours."""

from tiny import plan_of

from trainer.sweep.config import read_sweep
from trainer.sweep.devices import peak_flops
from trainer.sweep.engines.engine import FILLING_SECONDS, Job, Lot, lots
from trainer.sweep.execution import ensembles

H100 = "NVIDIA H100 80GB HBM3"


def jobs_of(name: str, card: str) -> list[Job]:
    """The largest first, as a sweep trains them."""
    runs = plan_of(read_sweep(name)).runs
    return sorted((Job(configs=e, card=card) for e in ensembles(runs)), key=lambda job: -job.flops_per_step)


def widths(found: list[Lot]) -> list[list[int]]:
    return [[job.configs[0].shape.width for job in lot] for lot in found]


def test_small_widths_share_a_card() -> None:
    """As many neighbours as do not fill it together, four at most; the largest come first, each alone."""
    found = lots(jobs_of("language-gpu", H100))
    assert widths(found) == [[768], [640], [512], [384], [256], [192, 128], [96, 64]]
    filling = (peak_flops(H100) or 0.0) * FILLING_SECONDS
    assert all(sum(job.flops_per_step for job in lot) <= filling for lot in found if len(lot) > 1)
    assert widths(lots(jobs_of("markov-gpu", H100))) == [[128, 96, 64, 48], [32, 16]]


def test_elsewhere_each_is_alone() -> None:
    """On a CPU, and on a card whose peak is not known."""
    for card in ("", "NVIDIA T4"):
        jobs = jobs_of("markov-gpu", card)
        assert lots(jobs) == [(job,) for job in jobs]
    assert lots([]) == []
