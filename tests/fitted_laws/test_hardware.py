"""Accelerators: dense peaks, units in the names of fields, a source and a date for each."""

import re
import typing

import pytest

from fitted_laws.quantities.hardware import ACCELERATORS, AcceleratorName, TrainingPrecision
from fitted_laws.quantities.spelling import read


def test_rows_are_the_names_that_budgets_take() -> None:
    assert list(ACCELERATORS) == list(typing.get_args(AcceleratorName))
    for name, row in ACCELERATORS.items():
        assert read(f"2 {name}-days@50%", "compute") == pytest.approx(row.bf16_flops * 86400)


@pytest.mark.parametrize("name", ACCELERATORS)
def test_the_source_states_the_dense_peak(name: str) -> None:
    """The figure stands in the source's words, in TFLOP/s or PFLOP/s, and what sparsity would make of it is no peak here."""
    row = ACCELERATORS[name]
    said = [float(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*\.?[0-9]*", row.source)]
    halves = [number / 2 for number in said] if "half of it dense" in row.source else []
    assert any(
        row.bf16_flops == pytest.approx(unit * number, rel=1e-3) for unit in (1e12, 1e15) for number in [*said, *halves]
    )
    assert row.fp8_flops is None or row.fp8_flops > 1.9 * row.bf16_flops
    assert row.power_watts is None or row.power_watts in said
    assert re.fullmatch(r"20[0-9]{2}-[01][0-9]", row.read)
    assert ("sparsity" in row.source) >= (row.sparsity_factor is not None)


@pytest.mark.parametrize("name", ACCELERATORS)
def test_peaks_of_few_bits_stand_in_the_source(name: str) -> None:
    """Where fp4 is given its figure is printed; no precision is slower than one of more bits."""
    row = ACCELERATORS[name]
    peaks = [peak for precision in typing.get_args(TrainingPrecision) if (peak := row.peak(precision)) is not None]
    assert peaks == sorted(peaks)
    said = [float(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*\.?[0-9]*", row.source)]
    if row.fp4_flops is not None:
        assert any(row.fp4_flops == pytest.approx(unit * number, rel=1e-3) for unit in (1e12, 1e15) for number in said)


def test_accelerators_of_2025_are_there() -> None:
    """Their dense bf16 and fp8 in TFLOP/s; AMD's from compute units, operations a clock and clock."""
    printed = {"H20": (148, 296), "GB300": (2500, 5000), "TPUv7": (2307, 4614), "Trainium3": (671, 2517)}
    amd = {name: 256 * 8192 * clock / 1e3 for name, clock in (("MI350X", 2.2), ("MI355X", 2.4))}
    for name, (bf16, fp8) in {**printed, **{name: (fp8 / 2, fp8) for name, fp8 in amd.items()}}.items():
        row = ACCELERATORS[name]  # type: ignore[index]
        assert (row.bf16_flops / 1e12, (row.fp8_flops or 0) / 1e12) == pytest.approx((bf16, fp8), rel=1e-4)


def test_the_service_gives_every_field(client: typing.Any) -> None:
    fields = {
        "id",
        "name",
        "bf16_flops",
        "fp8_flops",
        "fp4_flops",
        "sparsity_factor",
        "memory_bytes",
        "power_watts",
        "source",
        "read",
    }
    assert all(set(row) == fields for row in client.get("/v1/accelerators").json())
