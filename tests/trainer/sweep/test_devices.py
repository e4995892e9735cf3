"""Training on a card: what of it a CPU can show, and, where a card is, the card itself."""

import importlib.util
import io
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tiny import plan_of, tiny

from trainer.__main__ import main
from trainer.commands.sweep import described
from trainer.domains.base import Domain
from trainer.domains.collected.base import Collected
from trainer.files import Refusal
from trainer.studies.study import RECORDS
from trainer.sweep.config import SWEEPS, SweepConfig, made_for, read_sweep
from trainer.sweep.devices import chosen, peak_flops
from trainer.sweep.elsewhere import planned_elsewhere
from trainer.sweep.engines.engine import Heard, Lot
from trainer.sweep.engines.progress import Table
from trainer.sweep.execution import carry_out
from trainer.sweep.plan import FEWEST_WIDTHS, MOST_EPOCHS, SweepPlan, keep_plan, kept_plan, paid_tokens, within
from trainer.sweep.records import Machine, RunConfig
from trainer.sweep.shape import body_params

DOCUMENT = Path(__file__).parents[3] / "docs" / "gpu.md"
HERE = importlib.util.find_spec("torch") is not None and chosen("auto") != "cpu"
no_card = pytest.mark.skipif(HERE, reason="a card is here")


@no_card
@pytest.mark.parametrize("command", [["sweep", "markov"], ["calibrate"]])
@pytest.mark.parametrize(
    ("asked", "says"),
    [("cuda", "expected a CUDA GPU, found none"), ("cuda:1", "found none"), ("tpu", "auto, cpu, cuda or cuda:1")],
)
def test_a_card_that_is_not_here(
    command: list[str], asked: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, one line, nothing written; `auto` trains on the CPU."""
    assert main([*command, "--device", asked, "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert not (tmp_path / "out").exists()
    assert chosen("auto") == "cpu"


@no_card
def test_the_check_of_a_card_needs_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gpu", "-o", str(tmp_path / "out")]) == 2
    assert "no CUDA device is here" in capsys.readouterr().err
    assert main(["gpu", "--parts", "parity,speed"]) == 2
    assert "got speed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "peak"),
    [
        ("NVIDIA H100 80GB HBM3", 989.4e12),
        ("NVIDIA GB200", 2500e12),
        ("Tesla V100-SXM2-32GB", 125e12),
        ("NVIDIA T4", None),
    ],
)
def test_a_card_is_known_by_its_name(name: str, peak: float | None) -> None:
    """The longest name of those that match: a GB200 is no B200."""
    assert peak_flops(name) == peak


def test_precision_is_part_of_the_identity() -> None:
    """Unset it is in no record, and runs keep the identity that they had."""
    plain = tiny().run(16, 0, 100)
    half = msgspec.structs.replace(tiny(), precision="bfloat16").run(16, 0, 100)
    assert b"precision" not in msgspec.json.encode(plain)
    assert plain.id != half.id
    assert (plain.half, half.half) == (False, True)
    assert msgspec.json.decode(msgspec.json.encode(half), type=RunConfig) == half


def test_machines_without_a_card_say_nothing_of_it() -> None:
    made = Machine(seconds=1.0, tokens_per_second=1.0, device="x86_64", host="", versions={})
    assert b"mfu" not in msgspec.json.encode(made)


def test_the_sweep_made_for_a_card() -> None:
    """It is the one that ships for it, where one does, up to tens of millions of parameters."""
    assert made_for("language", "cuda") == "language-gpu"
    assert made_for("language", "cpu") == "language"
    assert made_for("ising", "cuda:1") == "ising-gpu"
    assert made_for("arithmetic", "cuda:1") == "arithmetic"
    largest = plan_of(read_sweep("language-gpu")).runs[-1]
    assert largest.groups["attention"] + largest.groups["mlp"] > 4e7


PRESETS = [
    pytest.param(path.stem, marks=[pytest.mark.slow] if "image-" in path.stem else [])  # its pictures are made first
    for path in sorted(SWEEPS.glob("*-gpu.toml"))
]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_for_a_card_fits_its_domain(name: str) -> None:
    """It stands in for the sweep of its domain, with larger models and more data; its files hold the steps that it calls the fewest."""
    sweep, small = read_sweep(name), read_sweep(name.removesuffix("-gpu"))
    assert (sweep.name, sweep.law_domain, type(sweep.domain)) == (name, small.law_domain, type(small.domain))
    assert max(sweep.widths) > max(small.widths)
    assert sweep.tokens > small.tokens
    steps = sweep.steps
    if isinstance(sweep.domain, Collected):
        assert msgspec.structs.replace(sweep.domain, **same_files(small.domain, sweep.domain)) == small.domain
        steps = min(steps, MOST_EPOCHS * sweep.domain.material.unique_tokens / sweep.batch / sweep.domain.length)
    assert steps >= sweep.fewest_steps
    assert sweep.fewest_tokens <= steps * sweep.batch * sweep.domain.length
    assert row_of(sweep) in DOCUMENT.read_text()


def row_of(sweep: SweepConfig) -> str:
    """As the table of costs has it."""
    plan = planned_elsewhere(sweep, 0.0, RECORDS / "language-h100-prototype.jsonl")
    largest = body_params(plan.runs[0].groups) / 1e6
    cost = f"{plan.flops:.1e} | {plan.seconds:.0f} s | {plan.mfu(plan.flops, plan.seconds):.2g}"
    ladder = f"{min(sweep.widths)}–{max(sweep.widths)} × {sweep.layers}"
    return f"| `{sweep.name}` | {ladder} | {largest:.1f} million | {plan.runs[0].tokens / 1e6:.0f} million | {cost} |"


def test_each_domain_that_a_card_is_for_has_its_sweep() -> None:
    names = {"language", "code", "math", "image-16x16", "image-32x32", "image-vq-32x32", "markov", "ising"}
    assert {made_for(name, "cuda") for name in names} == {f"{name}-gpu" for name in names}


def same_files(small: Domain, large: Domain) -> dict[str, object]:
    """What a larger sweep of a domain may choose otherwise: how long a sample is, and what else it reads its loss on."""
    return {key: getattr(small, key) for key in ("context", "also") if hasattr(large, key)}


def budgeted() -> tuple[SweepConfig, dict[int, float]]:
    sweep = msgspec.structs.replace(read_sweep("language-gpu"), fewest_tokens=60_000_000, fewest_steps=6000)
    return sweep, {width: 1e11 / width**2 for width in sweep.widths}


@pytest.mark.parametrize("seconds", [1.0, 300.0, 1200.0, 1e5])
def test_a_budget_chooses_widths_and_batch(seconds: float) -> None:
    """The largest widths go until the rest have the tokens that are the fewest, no more than needed; the batch falls until a run has its steps."""
    sweep, speeds = budgeted()
    chosen_ = within(sweep, speeds, seconds)
    tokens = paid_tokens(chosen_, speeds, seconds)
    assert chosen_.widths == sweep.widths[: len(chosen_.widths)]
    assert tokens >= sweep.fewest_tokens or len(chosen_.widths) == FEWEST_WIDTHS
    if len(chosen_.widths) < len(sweep.widths):
        one_more = msgspec.structs.replace(sweep, widths=sweep.widths[: len(chosen_.widths) + 1])
        assert paid_tokens(one_more, speeds, seconds) < sweep.fewest_tokens
    steps = min(tokens, sweep.tokens) / chosen_.batch / 256
    assert steps >= sweep.fewest_steps or chosen_.batch == 1
    assert chosen_.batch == sweep.batch or steps / 2 < sweep.fewest_steps


def test_depths_follow_widths(tmp_path: Path) -> None:
    """Where a sweep says them; one too few is refused, and a width that is left out takes its own along."""
    sweep = msgspec.structs.replace(tiny(), widths=(12, 16, 24, 32), depths=(1, 2, 3, 4), fewest_tokens=1)
    assert [sweep.run(width, 0, 100).shape.layers for width in sweep.widths] == [1, 2, 3, 4]
    assert within(sweep, dict.fromkeys(sweep.widths, 1e-9), 1.0).depths == (1, 2, 3)
    (tmp_path / "bad.toml").write_text(
        'name = "bad"\nwidths = [12, 16, 24]\ndepths = [1, 2]\n[domain]\nname = "markov"\n'
    )
    with pytest.raises(ValueError, match="as many depths as widths"):
        read_sweep(str(tmp_path / "bad.toml"))


def test_a_plan_that_the_budget_changed_is_kept_for_what_was_asked(tmp_path: Path) -> None:
    """The same command goes on with it; and it says what was left out, what it costs and how much of the card it should use."""
    asked, speeds = budgeted()
    sweep = within(asked, speeds, 600.0)
    runs = [sweep.run(w, s, 6000) for w in reversed(sweep.widths) for s in sweep.seeds]
    plan = SweepPlan(
        sweep=sweep,
        budget=600.0,
        speeds=speeds,
        seconds=500.0,
        runs=runs,
        asked=asked,
        device="cuda",
        card="NVIDIA H100 80GB HBM3",
    )
    keep_plan(plan, tmp_path)
    assert kept_plan(asked, 600.0, tmp_path) == plan
    with pytest.raises(ValueError, match="another sweep or budget"):
        kept_plan(sweep, 600.0, tmp_path)
    told = described(msgspec.structs.replace(plan, speeds={w: speeds[w] for w in sweep.widths}), 1)
    flops = sum(run.tokens * run.exact_flops_per_token for run in runs)
    assert f"leaves out widths {', '.join(str(w) for w in asked.widths[len(sweep.widths) :])}" in told
    assert f"about 500 s on the card, {flops:.2g} FLOP, MFU {flops / 500 / 989.4e12:.3f}" in told
    assert "NVIDIA H100 80GB HBM3, float32" in told


def test_the_table_shows_what_is_used_of_a_card() -> None:
    out, plan = io.StringIO(), plan_of(tiny())
    table = Table(out, clock=lambda: 0.0)
    table.begin(plan.runs, 10.0, 0)
    run = plan.runs[0]
    table.hear(
        Heard(
            run=run.id,
            tokens=run.tokens,
            loss=2.5,
            status="ok",
            mfu=0.1234,
            memory=3 * 2**29,
            notes=["micro-batches of 8 samples"],
        )
    )
    assert "MFU 0.123  1.5 GiB  (micro-batches of 8 samples)" in out.getvalue()


def test_slurm_is_asked_for_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For runs on one alone."""
    monkeypatch.setenv("PATH", "")
    for device in ("cpu", "cuda"):
        plan = msgspec.structs.replace(plan_of(tiny()), device=device)
        with pytest.raises(Refusal, match="expected sbatch"):
            carry_out(plan, tmp_path, 1, Table(io.StringIO()), engine="slurm")
        assert ("--gres=gpu:1" in (tmp_path / "sweep.sbatch").read_text()) == (device == "cuda")


def test_a_lot_is_a_task_of_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a card of a known peak small widths go into one task, the largest first."""
    monkeypatch.setenv("PATH", "")
    plan = msgspec.structs.replace(plan_of(tiny()), device="cuda", card="NVIDIA H100 80GB HBM3")
    with pytest.raises(Refusal, match="expected sbatch"):
        carry_out(plan, tmp_path, 1, Table(io.StringIO()), engine="slurm")
    assert "#SBATCH --array=0-0\n" in (tmp_path / "sweep.sbatch").read_text()
    lot = msgspec.json.decode((tmp_path / "slurm-0.jsonl").read_bytes(), type=Lot)
    assert [config for job in lot for config in job.configs] == plan.runs


def test_text_lies_on_a_card_once() -> None:
    """Windows that overlap are not written out; rows that do not are one after another."""
    feeds = pytest.importorskip("trainer.sweep.model.feeds", reason="torch is not installed: make sweep brings it")
    line = np.arange(20, dtype=np.uint8)
    assert feeds.flattened(np.lib.stride_tricks.sliding_window_view(line, 6)).tolist() == line.tolist()
    assert feeds.flattened(line.reshape(4, 5)).tolist() == line.tolist()
