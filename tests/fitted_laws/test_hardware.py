"""Accelerators: dense peaks, units in the names of fields, a source and a date for each."""

import re
import typing

import pytest

from fitted_laws.quantities.hardware import ACCELERATORS, AcceleratorName
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


def test_the_service_gives_every_field(client: typing.Any) -> None:
    fields = {
        "id",
        "name",
        "bf16_flops",
        "fp8_flops",
        "sparsity_factor",
        "memory_bytes",
        "power_watts",
        "source",
        "read",
    }
    assert all(set(row) == fields for row in client.get("/v1/accelerators").json())
