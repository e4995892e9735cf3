"""Accelerators as rows: dense peak FLOP/s by precision, memory and power, each with its source and date; never a price."""

from __future__ import annotations

from typing import Literal

import msgspec

AcceleratorName = Literal[
    "V100",
    "A100",
    "H100",
    "H200",
    "H20",
    "B200",
    "GB200",
    "B300",
    "GB300",
    "L40S",
    "MI300X",
    "MI325X",
    "MI350X",
    "MI355X",
    "Trainium2",
    "Trainium3",
    "TPUv4",
    "TPUv5e",
    "TPUv5p",
    "TPUv6e",
    "TPUv7",
]
TrainingPrecision = Literal["bf16", "fp8", "fp4"]


class Accelerator(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator as its maker's data sheet gives it; peaks are dense.

    A sheet's figure with sparsity is at most `sparsity_factor` times the dense one: training of dense models reaches
    none of it.
    """

    id: AcceleratorName
    name: str
    bf16_flops: float
    fp8_flops: float | None = None
    fp4_flops: float | None = None
    sparsity_factor: float | None = None
    memory_bytes: float
    power_watts: float | None
    source: str
    read: str = "2026-11"

    def peak(self, precision: TrainingPrecision) -> float | None:
        """Dense FLOP/s at that precision; None where the sheet prints none."""
        return {"bf16": self.bf16_flops, "fp8": self.fp8_flops, "fp4": self.fp4_flops}[precision]


def _rows(*rows: Accelerator) -> dict[str, Accelerator]:
    return {row.id: row for row in rows}


ACCELERATORS = _rows(
    Accelerator(
        id="V100",
        name="NVIDIA V100 SXM2 32 GB (fp16: it has no bf16)",
        bf16_flops=125e12,
        memory_bytes=32e9,
        power_watts=300,
        source="NVIDIA V100 data sheet: 125 TFLOP/s tensor fp16, 300 W; it has no sparsity",
    ),
    Accelerator(
        id="A100",
        name="NVIDIA A100 SXM 80 GB",
        bf16_flops=312e12,
        sparsity_factor=2,
        memory_bytes=80e9,
        power_watts=400,
        source="NVIDIA A100 data sheet: 312 TFLOP/s bf16 dense (624 with sparsity), 400 W",
    ),
    Accelerator(
        id="H100",
        name="NVIDIA H100 SXM 80 GB",
        bf16_flops=989.4e12,
        fp8_flops=1978.9e12,
        sparsity_factor=2,
        memory_bytes=80e9,
        power_watts=700,
        source="NVIDIA H100 architecture white paper: 989.4 TFLOP/s bf16 dense (1,978.9 with sparsity), fp8 1,978.9 dense (3,957.8), 700 W",
    ),
    Accelerator(
        id="H200",
        name="NVIDIA H200 SXM 141 GB",
        bf16_flops=989.4e12,
        fp8_flops=1978.9e12,
        sparsity_factor=2,
        memory_bytes=141e9,
        power_watts=700,
        source="NVIDIA H200 data sheet: 1,979 TFLOP/s bf16 and 3,958 fp8, both with sparsity, half of it dense, as the H100; 700 W",
    ),
    Accelerator(
        id="H20",
        name="NVIDIA H20 96 GB",
        bf16_flops=148e12,
        fp8_flops=296e12,
        memory_bytes=96e9,
        power_watts=400,
        source="NVIDIA H20 specifications, as tweaktown.com/news/95224 and resellers quote them: 148 TFLOP/s bf16 and 296 fp8, 96 GB, 400 W",
    ),
    Accelerator(
        id="B200",
        name="NVIDIA B200 180 GB",
        bf16_flops=2250e12,
        fp8_flops=4500e12,
        fp4_flops=9000e12,
        sparsity_factor=2,
        memory_bytes=180e9,
        power_watts=1000,
        source="NVIDIA DGX B200 data sheet, an eighth of the system: 2.25 PFLOP/s bf16 dense (4.5 with sparsity), fp4 9 (18); 1,000 W per GPU",
    ),
    Accelerator(
        id="GB200",
        name="NVIDIA GB200, one of its two GPUs",
        bf16_flops=2500e12,
        fp8_flops=5000e12,
        sparsity_factor=2,
        memory_bytes=186e9,
        power_watts=1200,
        source="NVIDIA Blackwell technical brief, as glennklockwood.com/garden/processors/B200 quotes it: 2.5 PFLOP/s bf16 "
        "dense (5 with sparsity) at 1,200 W; memory as MLPerf Inference v6.1 lists it",
    ),
    Accelerator(
        id="B300",
        name="NVIDIA B300 288 GB",
        bf16_flops=2250e12,
        fp8_flops=4500e12,
        fp4_flops=13125e12,
        sparsity_factor=2,
        memory_bytes=288e9,
        power_watts=None,
        source="NVIDIA HGX B300 specifications, as glennklockwood.com/garden/processors/B300 quotes them: 2.25 PFLOP/s bf16 "
        "dense (4.5 with sparsity), fp4 13.125 (18); sources give 1,100 to 1,400 W, so none is given here",
    ),
    Accelerator(
        id="GB300",
        name="NVIDIA GB300, one of its two GPUs",
        bf16_flops=2500e12,
        fp8_flops=5000e12,
        fp4_flops=15000e12,
        sparsity_factor=2,
        memory_bytes=288e9,
        power_watts=1400,
        source="NVIDIA GB300 NVL72 specifications, a 72nd of the rack, as verda.com/blog/gb300-nvl72-architecture and "
        "glennklockwood.com/garden/processors/B300 quote them: 2.5 PFLOP/s bf16 dense, fp8 5, fp4 15 (20 with sparsity), 288 GB, 1,400 W",
    ),
    Accelerator(
        id="L40S",
        name="NVIDIA L40S 48 GB",
        bf16_flops=362.05e12,
        fp8_flops=733e12,
        sparsity_factor=2,
        memory_bytes=48e9,
        power_watts=350,
        source="NVIDIA L40S data sheet, as resellers quote it: 362.05 TFLOP/s bf16 dense (733 with sparsity), fp8 733 dense (1,466), 350 W",
    ),
    Accelerator(
        id="MI300X",
        name="AMD Instinct MI300X 192 GB",
        bf16_flops=1307.4e12,
        fp8_flops=2614.9e12,
        sparsity_factor=2,
        memory_bytes=192e9,
        power_watts=750,
        source="AMD Instinct MI300X data sheet: 1,307.4 TFLOP/s bf16 dense (twice that with sparsity), 750 W",
    ),
    Accelerator(
        id="MI325X",
        name="AMD Instinct MI325X 256 GB",
        bf16_flops=1307.4e12,
        fp8_flops=2614.9e12,
        sparsity_factor=2,
        memory_bytes=256e9,
        power_watts=1000,
        source="AMD Instinct MI325X data sheet, as awesomeagents.ai/hardware/amd-mi325x quotes it: 1,307.4 TFLOP/s bf16 and "
        "2,614.9 fp8 dense (5,229.8 with sparsity), 1,000 W",
    ),
    Accelerator(
        id="MI350X",
        name="AMD Instinct MI350X 288 GB",
        bf16_flops=2306.9e12,
        fp8_flops=4613.7e12,
        fp4_flops=9227.5e12,
        sparsity_factor=2,
        memory_bytes=288e9,
        power_watts=1000,
        source="AMD at Hot Chips 2025, as wccftech.com quotes it: 256 compute units of 8,192 fp8 FLOP a clock at 2.2 GHz, hence "
        "2,306.9 TFLOP/s bf16, 4,613.7 fp8 and 9,227.5 fp4 dense (bf16 and fp8 twice that with sparsity), 288 GB, 1,000 W",
    ),
    Accelerator(
        id="MI355X",
        name="AMD Instinct MI355X 288 GB",
        bf16_flops=2516.6e12,
        fp8_flops=5033.2e12,
        fp4_flops=10066.3e12,
        sparsity_factor=2,
        memory_bytes=288e9,
        power_watts=1400,
        source="AMD at Hot Chips 2025 and ISSCC 2026, as wccftech.com quotes it: 256 compute units of 8,192 fp8 FLOP a clock at 2.4 GHz, hence "
        "2,516.6 TFLOP/s bf16, 5,033.2 fp8 and 10,066.3 fp4 dense (bf16 and fp8 twice that with sparsity), 288 GB, 1,400 W",
    ),
    Accelerator(
        id="Trainium2",
        name="AWS Trainium2",
        bf16_flops=667e12,
        fp8_flops=1299e12,
        sparsity_factor=4,
        memory_bytes=103.1e9,
        power_watts=None,
        source="AWS Neuron documentation, Trainium2 architecture: 667 TFLOP/s bf16 and 1,299 fp8 dense (2,563 with sparsity, "
        "at most four times the dense bf16), 96 GiB",
    ),
    Accelerator(
        id="Trainium3",
        name="AWS Trainium3",
        bf16_flops=671e12,
        fp8_flops=2517e12,
        fp4_flops=2517e12,
        sparsity_factor=4,
        memory_bytes=154.6e9,
        power_watts=None,
        source="AWS Neuron documentation, Trainium3 architecture: 671 TFLOP/s bf16, 2,517 MXFP8 and MXFP4 (bf16 2,517 with sparsity, at most four "
        "times the dense), 144 GiB; no power is published",
    ),
    Accelerator(
        id="TPUv4",
        name="Google TPU v4",
        bf16_flops=275e12,
        memory_bytes=34.4e9,
        power_watts=192,
        source="Google Cloud TPU v4 documentation: 275 TFLOP/s bf16, 32 GiB, 192 W at most as measured; it has no sparsity",
    ),
    Accelerator(
        id="TPUv5e",
        name="Google TPU v5e",
        bf16_flops=197e12,
        memory_bytes=16e9,
        power_watts=None,
        source="Google Cloud TPU v5e documentation: 197 TFLOP/s bf16, 16 GB; no power is published",
    ),
    Accelerator(
        id="TPUv5p",
        name="Google TPU v5p",
        bf16_flops=459e12,
        memory_bytes=95e9,
        power_watts=None,
        source="Google Cloud TPU v5p documentation: 459 TFLOP/s bf16, 95 GB; no power is published",
    ),
    Accelerator(
        id="TPUv6e",
        name="Google TPU v6e (Trillium)",
        bf16_flops=918e12,
        memory_bytes=32e9,
        power_watts=None,
        source="Google Cloud TPU v6e documentation: 918 TFLOP/s bf16, 32 GB; no power is published",
    ),
    Accelerator(
        id="TPUv7",
        name="Google TPU v7 (TPU7x, Ironwood)",
        bf16_flops=2307e12,
        fp8_flops=4614e12,
        memory_bytes=206.2e9,
        power_watts=None,
        source="Google Cloud TPU7x documentation: 2,307 TFLOP/s bf16 and 4,614 fp8, 192 GiB; no power is published",
    ),
)
