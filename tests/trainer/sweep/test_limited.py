"""Work that has a time to be done in, and the check of a card, which ends within its minutes whatever hangs."""

import argparse
import json
import re
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tiny import needs_torch
from waiting import eventually

from trainer.commands.gpu import CLOSING_SECONDS, MEASURING, SHAPES, checked, markdown
from trainer.files import Refusal
from trainer.sweep.engines.limited import Limited, completed

ANSWERING = """
import json, os, subprocess, sys
for line in sys.stdin:
    what = json.loads(line)[0]
    if what == "hang":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        open(sys.argv[1], "w").write(str(child.pid))
        child.wait()
    if what == "end":
        sys.exit(3)
    answer = {"failed": "it is no card"} if what == "fail" else {"found": os.getpid()}
    print(json.dumps(answer), flush=True)
"""


def gone(pid: int) -> bool:
    """Whether no process has this number, or one that nobody has taken leave of."""
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def answering(tmp_path: Path) -> Limited:
    return Limited([sys.executable, "-c", ANSWERING, str(tmp_path / "child")])


def test_what_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    """At its limit; the next question is answered by another process."""
    with closing(answering(tmp_path)) as process:
        first = process.ask(["speed"], 60)
        assert process.ask(["speed"], 60) == first
        with pytest.raises(Refusal, match="killed: it was not done within 3 s"):
            process.ask(["hang"], 3)
        started = int((tmp_path / "child").read_text())
        eventually(lambda: gone(first) and gone(started))
        second = process.ask(["speed"], 60)
        assert second != first
    eventually(lambda: gone(second))


def test_a_failure_has_its_reason(tmp_path: Path) -> None:
    """And the process that failed answers nothing more."""
    with closing(answering(tmp_path)) as process:
        first = process.ask(["speed"], 60)
        with pytest.raises(Refusal, match="it is no card"):
            process.ask(["fail"], 60)
        eventually(lambda: gone(first))
        with pytest.raises(Refusal, match="its process ended"):
            process.ask(["end"], 60)


def test_a_command_that_does_not_end_is_killed() -> None:
    assert completed([sys.executable, "-c", "raise SystemExit(4)"], 60) == 4
    assert completed([sys.executable, "-c", "import time; time.sleep(600)"], 0.5) is None


def options(tmp_path: Path, seconds: float) -> argparse.Namespace:
    """With so many seconds for all parts."""
    return argparse.Namespace(minutes=(seconds + CLOSING_SECONDS) / 60, output=tmp_path, sweep="markov-gpu")


@needs_torch
def test_the_check_ends_within_its_minutes(tmp_path: Path) -> None:
    """Parity that is not done in a second is killed and recorded so; for the other parts no time is left, which is said."""
    begun = time.monotonic()
    results = checked(options(tmp_path, 1.0), ["parity", "table", "sweep"], "cpu")
    assert time.monotonic() - begun < CLOSING_SECONDS
    assert re.fullmatch(r"killed: it was not done within [01] s", results["parity"]["failed"])
    assert "s are left for the sweep" in results["sweep"]["failed"]
    assert results["table"] == {"rows": []}
    for part, result in results.items():
        assert json.loads((tmp_path / f"{part}.json").read_text()) == result


@needs_torch
def test_parity_is_of_last_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here of two CPUs after a few steps, which agree to the bit; half precision differs by little."""
    measuring = pytest.importorskip("trainer.sweep.model.measuring")
    monkeypatch.setattr(measuring, "PARITY_STEPS", 16)
    agree(measuring.parity("cpu"))


def agree(found: dict[str, Any]) -> None:
    assert found["apart"] == 0
    assert 0 < abs(found["cpu"][0] - found["bfloat16"][0]) < 0.01
    assert min(found["cpu"]) > found["entropy"]


@needs_torch
@pytest.mark.slow
def test_parity_is_asked_of_a_process() -> None:
    """After as many steps as on a card."""
    with closing(Limited(MEASURING)) as measuring:
        agree(measuring.ask(["parity", "cpu"], 300))


def test_a_shape_that_was_killed_stands_in_the_table() -> None:
    row = {"width": 128, "layers": 4, "members": 4, "tokens_per_step": 65536, "setup_seconds": 9.5, "tokens_per_second": 2e7,
           "mfu": 0.1, "peak_memory": 2**31, "device": "NVIDIA T4", "torch": "2.13"}  # fmt: skip
    told = markdown([{"width": 64, "layers": 2, "members": 8, "failed": "killed: it was not done within 60 s"}, row])
    assert "| 64 × 2 | 8 | killed: it was not done within 60 s | – | – | – | – |" in told
    assert "| 128 × 4 | 4 | 65,536 | 9.5 | 20.00 M | 0.100 | 2.0 |" in told
    assert told.startswith("NVIDIA T4, torch 2.13\n\n| width")
    assert {line.count("|") for line in told.splitlines()[2:]} == {8}
    assert list(SHAPES) == sorted(SHAPES)
