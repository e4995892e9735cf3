"""`plan` at the peak of a precision."""

import pytest

from fitted_laws import NotUnderstood, Unanswerable, ask

RUN = {"domain": "language", "params": 7e9, "tokens": 1e12, "count": 256, "mfu": 0.4}


def test_a_run_takes_real_flops_at_the_peak_of_its_precision() -> None:
    """fp8 on an H100 has twice the peak of bf16, so half the hours; what is counted stays 6ND."""
    plain, eight = (ask("plan", **RUN, accelerator="H100", **given) for given in ({}, {"precision": "fp8"}))
    assert plain.hours / eight.hours == pytest.approx(1978.9 / 989.4, rel=1e-12)
    assert plain.compute == eight.compute == 6 * 7e9 * 1e12
    assert ask("plan", **RUN, accelerator="H100", precision="bf16").hours == plain.hours
    assert any("dense fp8" in text for text in eight.warnings)
    four = ask("plan", **RUN, accelerator="MI355X", precision="fp4")
    assert four.hours == pytest.approx(6 * 7e21 / (10066.3e12 * 256 * 0.4) / 3600, rel=1e-12)


def test_a_deadline_buys_more_in_fewer_bits() -> None:
    fleet = {"domain": "language", "accelerator": "GB300", "count": 72, "mfu": 0.3, "deadline_days": 10}
    bought = [ask("plan", **fleet, precision=bits).compute for bits in ("bf16", "fp8", "fp4")]
    assert bought == pytest.approx([bought[0], 2 * bought[0], 6 * bought[0]], rel=1e-12)


def test_a_peak_that_no_sheet_prints_is_refused() -> None:
    with pytest.raises(Unanswerable, match=r"no dense fp4 peak of H100.*B200"):
        ask("plan", **RUN, accelerator="H100", precision="fp4")
    with pytest.raises(NotUnderstood, match="peak_flops"):
        ask("plan", **RUN, accelerator="H100", precision="fp8", peak_flops=1e15)
