"""A frozen law is what its runs say: committed runs, fitted again, give the law that was frozen beside them.

Written by `python tests/trainer/laws/test_refit.py` in the project's folder, where the fit itself has changed on purpose.
"""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

import llvmlite.binding
import msgspec
import numpy as np
import pytest

from fitted_laws.laws.members import LawSet
from trainer.__main__ import main

DATA = Path(__file__).parents[2] / "data"
RUNS, LAW, MACHINE = (DATA / f"synthetic.{suffix}" for suffix in ("jsonl", "json", "machine.json"))


def machine() -> dict[str, str]:
    """What the last bits of a fit depend on."""
    versions = {name: version(name) for name in ("numpy", "numba", "llvmlite")}
    kernels = os.environ.get("OPENBLAS_CORETYPE", "")  # makes numpy's products those of another processor
    return {"cpu": llvmlite.binding.get_host_cpu_name(), "blas": kernels, "system": platform.system(), **versions}


def refit(law: Path) -> bytes:
    assert (
        main(["fit", str(RUNS), "--id", "synthetic", "--domain", "synthetic", "--bootstrap", "500", "-o", str(law)])
        == 0
    )
    return law.read_bytes()


def numbers(law: dict[str, Any]) -> dict[str, Any]:
    return {
        "coefficients": law["coefficients"],
        "sum": law["fit"]["sum"],
        "delta": law["fit"]["delta"],
        "rms": law["fit"]["rms"],
    }


def leaves(found: Any, name: str = "") -> dict[str, Any]:
    """What is in a structure, by where."""
    if isinstance(found, dict | list):
        inside = found.items() if isinstance(found, dict) else enumerate(found)
        return {place: leaf for key, value in inside for place, leaf in leaves(value, f"{name}/{key}").items()}
    return {name: found}


def test_the_numbers_come_again_anywhere(tmp_path: Path) -> None:
    """Coefficients, sums, draws and forecast to 1e-6, whatever the machine; all that is not a computed number, exactly."""
    frozen, again = json.loads(LAW.read_bytes()), json.loads(refit(tmp_path / "synthetic.json"))
    for name, value in numbers(frozen).items():
        assert numbers(again)[name] == pytest.approx(value, rel=1e-6), name
    forecasts = [msgspec.convert(law["forecast"], LawSet) for law in (frozen, again)]
    assert forecasts[1].central == pytest.approx(forecasts[0].central, rel=1e-6, abs=1e-9)
    first, second = (np.column_stack([*forecast.members.values()]) for forecast in forecasts)
    np.testing.assert_allclose(second, first, rtol=1e-4, atol=1e-6)  # each is searched for in a given number of steps
    for law in (frozen, again):
        for key in ("coefficients", "fit", "forecast"):
            del law[key]
    assert again == frozen


def test_the_bytes_come_again_on_the_machine_that_froze_them(tmp_path: Path) -> None:
    """Byte for byte, where processor and libraries are those of the freezing."""
    frozen_on = json.loads(MACHINE.read_text())
    if frozen_on != machine():
        pytest.skip(f"frozen on {frozen_on}, this is {machine()}")
    assert refit(tmp_path / "synthetic.json") == LAW.read_bytes()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    """Twice on one machine, whichever it is."""
    assert refit(tmp_path / "one.json") == refit(tmp_path / "two.json")


if __name__ == "__main__":
    refit(LAW)
    MACHINE.write_text(json.dumps(machine(), indent=1) + "\n")
