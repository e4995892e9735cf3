"""The probe of learning rates before a sweep: what it trains, what it tells, and that it changes no run."""

from pathlib import Path

import msgspec
import pytest
from tiny import needs_torch, plan_of, tiny

from trainer.sweep.plan import Tried, keep_plan, kept_plan
from trainer.sweep.probe import probed, rates_tried


def told(least: tuple[float | None, ...], median: tuple[float | None, ...]) -> list[str]:
    """What is said where these are the losses of three rates, at two widths, one seed 0.001 above the other."""
    rows = zip((12, 16), (least, median), strict=True)
    made = [(width, rate, loss) for width, row in rows for rate, loss in zip((1 / 300, 0.01, 0.03), row, strict=True)]
    tried = [Tried(width=w, rate=r, tokens=1000, losses=[x, None if x is None else x + 0.001]) for w, r, x in made]
    return rates_tried(msgspec.structs.replace(plan_of(tiny()), tried=tried))


def test_what_is_said() -> None:
    """A line a width; a doubt where another rate is clearly better, by the same rate at both widths or not."""
    assert told((3.5, 3.4, 3.6), (3.4, 3.3, None))[0].endswith("0.0033: 3.5005, 0.01: 3.4005, 0.03: 3.6005")
    assert len(told((3.5, 3.4, 3.6), (3.4, 3.3, None))) == 2
    assert len(told((3.5, 3.4, 3.39), (3.4, 3.3, 3.29))) == 2, "a third of a percent is not clear"
    assert "try learning_rate = 0.03" in told((3.5, 3.4, 3.2), (3.4, 3.3, 3.1))[-1]
    assert "of these 0.0033 and 0.01 are best" in told((3.2, 3.4, 3.6), (3.4, 3.3, 3.5))[-1]
    assert "of these 0.0033 and 0.01 are best" in told((3.2, None, None), (3.4, 3.3, 3.5))[-1]


def test_a_plan_of_an_older_version_has_none(tmp_path: Path) -> None:
    keep_plan(plan_of(tiny()), tmp_path)
    text = (tmp_path / "plan.json").read_text().replace('"tried": []', '"tried": [],').replace(',\n  "tried": [],', "")
    assert "tried" not in text
    (tmp_path / "plan.json").write_text(text)
    assert kept_plan(tiny(), 0.0, tmp_path) == plan_of(tiny())


@needs_torch
@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "says"), [(1e-2, "rate and loss after"), (1e-4, "! so far both widths learn more at a rate of 0.0003")]
)
def test_a_rate_too_low_is_found(rate: float, says: str) -> None:
    """On a tiny chain: at a hundredth of what serves it the probe recommends more; the runs stay as they were planned."""
    plan = plan_of(msgspec.structs.replace(tiny(), learning_rate=rate))
    plan = msgspec.structs.replace(plan, speeds=dict.fromkeys(plan.speeds, 5e4))
    with_rates = probed(plan, 1)
    assert (with_rates.sweep, with_rates.runs) == (plan.sweep, plan.runs)
    assert says in rates_tried(with_rates)[-1]
