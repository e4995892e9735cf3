"""Accelerators as rows: dense peak FLOP/s by precision, memory and power, each with its source and date; never a price."""

from __future__ import annotations

from typing import Literal

import msgspec

AcceleratorName = Literal["V100", "A100", "H100", "H200", "B200", "MI300X", "TPUv4", "TPUv5e", "TPUv5p"]


class Accelerator(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator as its maker's data sheet gives it; peaks are dense (a sheet's «with sparsity» figure is twice that)."""

    id: AcceleratorName
    name: str
    bf16_flops: float
    fp8_flops: float | None = None
    memory_bytes: float
    power_watts: float | None
    source: str
    read: str = "2026-11"


def _rows(*rows: Accelerator) -> dict[str, Accelerator]:
    return {row.id: row for row in rows}


ACCELERATORS = _rows(
    Accelerator(
        id="V100",
        name="NVIDIA V100 SXM2 32 GB (fp16: it has no bf16)",
        bf16_flops=125e12,
        memory_bytes=32e9,
        power_watts=300,
        source="NVIDIA V100 data sheet: 125 TFLOP/s tensor fp16, 300 W",
    ),
    Accelerator(
        id="A100",
        name="NVIDIA A100 SXM 80 GB",
        bf16_flops=312e12,
        memory_bytes=80e9,
        power_watts=400,
        source="NVIDIA A100 data sheet: 312 TFLOP/s bf16 dense (624 with sparsity), 400 W",
    ),
    Accelerator(
        id="H100",
        name="NVIDIA H100 SXM 80 GB",
        bf16_flops=989.4e12,
        fp8_flops=1978.9e12,
        memory_bytes=80e9,
        power_watts=700,
        source="NVIDIA H100 architecture white paper: 989.4 TFLOP/s bf16 dense (1,979 with sparsity), 700 W",
    ),
    Accelerator(
        id="H200",
        name="NVIDIA H200 SXM 141 GB",
        bf16_flops=989.4e12,
        fp8_flops=1978.9e12,
        memory_bytes=141e9,
        power_watts=700,
        source="NVIDIA H200 data sheet: 1,979 TFLOP/s bf16 with sparsity, half of it dense, 700 W",
    ),
    Accelerator(
        id="B200",
        name="NVIDIA B200 180 GB",
        bf16_flops=2250e12,
        fp8_flops=4500e12,
        memory_bytes=180e9,
        power_watts=1000,
        source="NVIDIA DGX B200 data sheet, an eighth of the system: 2.25 PFLOP/s bf16 dense; 1,000 W per GPU",
    ),
    Accelerator(
        id="MI300X",
        name="AMD Instinct MI300X 192 GB",
        bf16_flops=1307.4e12,
        fp8_flops=2614.9e12,
        memory_bytes=192e9,
        power_watts=750,
        source="AMD Instinct MI300X data sheet: 1,307.4 TFLOP/s bf16 dense, 750 W",
    ),
    Accelerator(
        id="TPUv4",
        name="Google TPU v4",
        bf16_flops=275e12,
        memory_bytes=32e9,
        power_watts=None,
        source="Google Cloud TPU v4 documentation: 275 TFLOP/s bf16, 32 GiB",
    ),
    Accelerator(
        id="TPUv5e",
        name="Google TPU v5e",
        bf16_flops=197e12,
        memory_bytes=16e9,
        power_watts=None,
        source="Google Cloud TPU v5e documentation: 197 TFLOP/s bf16, 16 GB",
    ),
    Accelerator(
        id="TPUv5p",
        name="Google TPU v5p",
        bf16_flops=459e12,
        memory_bytes=95e9,
        power_watts=None,
        source="Google Cloud TPU v5p documentation: 459 TFLOP/s bf16, 95 GB",
    ),
)
