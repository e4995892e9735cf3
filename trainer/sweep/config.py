"""A sweep's TOML, read and checked."""

from __future__ import annotations

from pathlib import Path

import msgspec

from trainer.domains.collected.base import Collected
from trainer.domains.registry import AnyDomain
from trainer.files import Refusal, content_of
from trainer.sweep.devices import on_card
from trainer.sweep.records import Precision, RunConfig, geometric_reads
from trainer.sweep.shape import Architecture, Shape

SWEEPS = Path(__file__).parents[1] / "sweeps"
FEWEST_STEPS = 64


class SweepConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to train: a domain, widths of one family, how much data, which seeds."""

    name: str
    domain: AnyDomain
    widths: tuple[int, ...]
    layers: int = 1
    head_width: int = 8
    attention: float = 1.0
    mlp: float = 4.0
    tokens: int = 2_000_000
    """The most tokens a run is trained on, where a budget does not say less."""
    reads: int = 6
    """Readings of a run, at tokens, tokens/factor, tokens/factor², …"""
    factor: float = 2.0
    batch: int = 64
    learning_rate: float = 1e-2
    base_width: int = 16
    warmup: float = 0.03
    """Part of a run's steps over which its rate rises.

    Readings before eight warm-ups are not fitted: a short one leaves more of them.
    """
    seeds: tuple[int, ...] = (0, 1)
    test_samples: int = 1024
    band: int = 0
    """Banded and strided attention (Child et al. 2019) where not 0: for long samples."""
    law_domain: str = ""
    """The domain that the law stands in; without it that of the runs."""
    depths: tuple[int, ...] = ()
    """Layers of each width, where they are not `layers` for all."""
    architecture: Architecture | msgspec.UnsetType = msgspec.UNSET
    """What stands between embedding and head: a `transformer`, `lstm` or causal `convolution`."""
    precision: Precision | msgspec.UnsetType = msgspec.UNSET
    fewest_tokens: int = 0
    """With a budget the largest widths are left out, down to three, until every run gets so many tokens; 0 leaves none out."""
    fewest_steps: int = 0
    """With a budget samples a step are halved until a run has so many steps: a small run wants a small batch."""

    def __post_init__(self) -> None:
        if len(set(self.widths)) < 3 or len(set(self.seeds)) < 2 or self.reads < 3:
            raise Refusal(
                f"a law needs 3 widths, 2 seeds and 3 readings or more, got {self.widths}, {self.seeds}, {self.reads}"
            )
        if self.depths and len(self.depths) != len(self.widths):
            raise Refusal(f"expected as many depths as widths, {len(self.widths)}, got {self.depths}")
        if self.batch < 1:
            raise Refusal(f"expected a batch of 1 or more samples, got {self.batch}")

    def run(self, width: int, seed: int, steps: int) -> RunConfig:
        layers = dict(zip(self.widths, self.depths, strict=True))[width] if self.depths else self.layers
        shape = Shape(
            layers=layers,
            width=width,
            head_width=self.head_width,
            attention=self.attention,
            mlp=self.mlp,
            band=self.band,
            architecture=self.architecture,
        )
        return RunConfig(
            domain=self.domain,
            shape=shape,
            batch=self.batch,
            reads=geometric_reads(steps, self.reads, self.factor),
            learning_rate=self.learning_rate,
            base_width=self.base_width,
            warmup=self.warmup,
            seed=seed,
            together=self.seeds,
            test_samples=self.test_samples,
            precision=self.precision,
        )

    @property
    def steps(self) -> int:
        return max(FEWEST_STEPS, round(self.tokens / self.batch / self.domain.length))


def read_sweep(name_or_path: str) -> SweepConfig:
    """The sweep of a TOML file, or of one of the names that ship.

    Raises:
        Refusal: there is none, or its TOML says something unknown or impossible.
    """
    path = Path(name_or_path) if name_or_path.endswith(".toml") else SWEEPS / f"{name_or_path}.toml"
    if not path.is_file():
        names = ", ".join(sorted(p.stem for p in SWEEPS.glob("*.toml")))
        raise Refusal(f"expected a sweep's name ({names}) or a .toml file, got {name_or_path}")
    try:
        return msgspec.toml.decode(content_of(path), type=SweepConfig)
    except msgspec.MsgspecError as error:
        raise Refusal(f"{path}: {error}") from None


def made_for(given: str, device: str) -> str:
    """The sweep of this name that is made for a card, where one is trained on and such a sweep ships; else what is given."""
    return f"{given}-gpu" if on_card(device) and (SWEEPS / f"{given}-gpu.toml").is_file() else given


def with_data(sweep: SweepConfig, folder: str | None) -> SweepConfig:
    """The sweep on the data of `folder`, where one is named, and with the digest of its data.

    Raises:
        Refusal: this sweep makes its own data, or the data cannot be read.
    """
    domain = sweep.domain
    if isinstance(domain, Collected):
        named = domain.of_folder(str(Path(folder).resolve())) if folder else domain
        return msgspec.structs.replace(sweep, domain=named.pinned())
    if folder:
        names = ", ".join(sorted(name for name, other in shipped().items() if isinstance(other.domain, Collected)))
        raise Refusal(f"{sweep.name} makes its own data: --data is for sweeps of files: {names}")
    return sweep


def shipped() -> dict[str, SweepConfig]:
    """The sweeps that ship, by name."""
    return {path.stem: read_sweep(path.stem) for path in sorted(SWEEPS.glob("*.toml"))}
