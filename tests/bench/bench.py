"""Ratios in one run: the fit beside other packages, the service beside an application written by hand, columns beside single questions, HTTP.

`make bench` measures on synthetic runs; DATA=folder adds the CSV files there; PEERS=python is one that has the other packages.
"""

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import bench_http
import numpy as np
import orjson
import synthetic
from in_process import gets

from fitted_laws import ask, load
from service.app import create_app
from service.settings import Settings
from trainer.estimation.fit import Fit, Rows, draws, fit
from trainer.estimation.forms.power import Additive
from trainer.estimation.objective import huber
from trainer.estimation.solver.search import COMPILED, Engine
from trainer.laws.fitting import FitOptions, fit_runs
from trainer.laws.refusal import Unfittable
from trainer.tables.reading import UnreadableRuns
from trainer.tables.runs import read_runs

HERE = Path(__file__).parent
RUNS, RESAMPLES, POINTS, ROWS = 240, 4000, 100, 100_000
HOFFMANN = huber(1e-3)
ENGINES: tuple[Engine, ...] = ("compiled", "numpy") if COMPILED else ("numpy",)
LINE = "{:<58} {:>12} {:>12}   {}"


def timed(work: Callable[[], object], times: int = 7) -> tuple[float, float]:
    """Least seconds of wall clock and of processors, after one call that warms: what else runs here only adds."""
    work()
    taken = []
    for _ in range(times):
        wall, processors = time.perf_counter(), time.process_time()
        work()
        taken.append((time.perf_counter() - wall, time.process_time() - processors))
    return min(wall for wall, _ in taken), min(processors for _, processors in taken)


def shown(seconds: float) -> str:
    return (
        f"{seconds * 1e6:.0f} µs"
        if seconds < 1e-3
        else f"{seconds * 1e3:.3g} ms"
        if seconds < 1
        else f"{seconds:.3g} s"
    )


def row(name: str, wall: float, processors: float | None = None, beside: str = "") -> None:
    print(LINE.format(name, shown(wall), shown(processors) if processors is not None else "", beside), flush=True)


def fits(folder: Path) -> None:
    """One global fit, its resamples, the whole command; then the peers on the same runs."""
    table = synthetic.surface(RUNS)
    path = synthetic.write_csv(folder / "runs.csv", table)
    rows = Rows({"params": table["params"], "tokens": table["tokens"]}, table["loss"])
    single = {}
    for engine in ENGINES:
        wall, processors = timed(lambda engine=engine: fit(Additive(), rows, HOFFMANN, engine=engine), 15)
        single[engine] = wall
        row(f"global robust fit of {RUNS} runs, {engine}", wall, processors)
    found = fit(Additive(), rows, HOFFMANN)
    resampled = 0.0
    for engine in ENGINES:
        wall, processors = timed(lambda engine=engine: draws(found, None, RESAMPLES, engine=engine), 3)
        resampled = resampled or wall
        row(f"{RESAMPLES} resamples, {engine}", wall, processors, f"{wall / single[engine]:.0f} × one fit")
    whole = [sys.executable, "-m", "trainer", "fit", str(path), "-o", str(folder / "law.json")]
    wall, _ = timed(lambda: subprocess.run(whole, check=True, capture_output=True, cwd=HERE.parents[1]), 3)
    row(f"the whole command, with {RESAMPLES} resamples", wall)
    peers(path, found, single[ENGINES[0]], resampled)


def peers(path: Path, found: Fit, ours: float, resampled: float) -> None:
    """The same runs by the packages that PyPI offers, in the Python that PEERS names, or this one."""
    python = os.environ.get("PEERS") or sys.executable
    done = subprocess.run(
        [python, str(HERE / "bench_peers.py"), str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    results: dict[str, dict[str, Any]] = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}
    for name, result in results.items():
        if "absent" in result:
            print(f"{name}: {result['absent']}; PEERS=python names one that has it")
        elif "fit_s" in result:
            residuals = np.log(synthetic.surface(RUNS)["loss"]) - np.log(
                Additive().value(np.array(result["coefficients"]), path_inputs())
            )
            excess = HOFFMANN.total(residuals, np.ones(RUNS)) / found.value - 1
            row(
                f"{name}: one fit, 32 starts",
                result["fit_s"],
                None,
                f"{result['fit_s'] / ours:.0f} × ours; {excess:.2%} above our sum",
            )
        else:
            each = result["whole_s"] / result["draws"]
            beside = f"{each / (resampled / RESAMPLES):.0f} × ours a resample"
            row(f"{name}: fit with {result['draws']} resamples, its objective", result["whole_s"], None, beside)


def path_inputs() -> dict[str, Any]:
    table = synthetic.surface(RUNS)
    return {"params": table["params"], "tokens": table["tokens"]}


async def by_hand(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ARG001 - what an ASGI application takes
    """The same answer with nothing around it: no formats, no caching, no errors, no counting."""
    inputs: dict[str, object] = dict(parse_qsl(scope["query_string"].decode()))
    body = orjson.dumps(ask("optimal", **inputs).plain())
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


def service() -> None:
    """A GET of the service and of the application by hand: questions that are new, and one that comes again."""
    app = create_app(load(), Settings(log_sample=0))
    count = 200
    fresh = (f"domain=language&compute={1e21 * (1 + i * 1e-6):.9e}" for i in range(10**6))

    def new() -> list[str]:
        return [next(fresh) for _ in range(count)]

    hand, _ = timed(lambda: gets(by_hand, new(), "/"), 5)
    ours, _ = timed(lambda: gets(app, new(), "/v1/optimal"), 5)
    again, _ = timed(lambda: gets(app, ["domain=language&compute=1e21"] * count, "/v1/optimal"), 5)
    row("optimal with intervals: an ASGI application by hand", hand / count)
    row("optimal with intervals: the service, a new question", ours / count, None, f"{ours / hand:.2f} × by hand")
    row("optimal with intervals: the service, the same question", again / count, None, f"{again / hand:.2g} × by hand")


def columns() -> None:
    """Many questions at once beside one."""
    random = np.random.default_rng(0)
    params, tokens = 10 ** random.uniform(8, 12, ROWS), 10 ** random.uniform(10, 13, ROWS)
    bare = load(draws=0)
    one, _ = timed(lambda: ask("loss", domain="language", params=7e10, tokens=1.4e12), 50)
    row("loss, one question from Python", one)
    wall, processors = timed(lambda: ask("loss", bare, domain="language", params=params, tokens=tokens), 3)
    row(
        f"loss, a column of {ROWS} rows without intervals",
        wall,
        processors,
        f"{one / (wall / ROWS):.0f} × the rows a second",
    )
    wall, processors = timed(lambda: ask("loss", domain="language", params=params[:5000], tokens=tokens[:5000]), 1)
    row(
        "loss, a column of 5000 rows with intervals", wall, processors, f"{one / (wall / 5000):.2g} × the rows a second"
    )
    compute = 10 ** random.uniform(19, 25, 20_000)
    wall, processors = timed(lambda: ask("optimal", domain="language", law="besiroglu-2024", compute=compute), 2)
    told = f"{len(compute) / processors:,.0f} rows/s a core"
    row(f"optimal, a column of {len(compute)} rows with intervals, besiroglu-2024", wall, processors, told)
    wall, processors = timed(
        lambda: ask("frontier", domain="language", compute_min=1e20, compute_max=1e26, points=POINTS), 5
    )
    row(f"frontier, {POINTS} points with intervals", wall, processors)


def start() -> None:
    """A worker from nothing to its first answer, beside `import numpy`, in seconds of processors: the least of several, in turns."""
    programs = ["-c", "import numpy"], [str(HERE / "in_process.py")]
    numpy, worker = (min(found) for found in zip(*(map(child_seconds, programs) for _ in range(5)), strict=True))
    row("import numpy, in a Python of its own", numpy)
    row("a worker, from its start to its first answer", worker, None, f"{worker / numpy:.1f} × import numpy")


def child_seconds(arguments: list[str]) -> float:
    """Of processors, that a Python takes which runs these."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, cwd=HERE.parents[1], stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def own(folder: str) -> Iterator[tuple[str, int, int, float]]:
    """File, curves, rows and seconds of a fit with its resamples of every curve in the CSV files of a folder."""
    for path in sorted(Path(folder).glob("*.csv")):
        try:
            curves = read_runs(path).by_curve()
        except UnreadableRuns as reason:
            print(f"{path.name}: {reason}")
            continue
        fitted, start = 0, time.perf_counter()
        for part in curves.values():
            try:
                fit_runs(part, FitOptions(resamples=RESAMPLES))
            except Unfittable:
                continue
            fitted += 1
        yield path.name, fitted, sum(map(len, curves.values())), time.perf_counter() - start


def main() -> None:
    began = time.perf_counter()
    print(LINE.format("", "wall", "processors", "beside"))
    with tempfile.TemporaryDirectory() as folder:
        fits(Path(folder))
    service()
    columns()
    start()
    bench_http.main()
    if folder := os.environ.get("DATA"):
        for name, curves, count, seconds in own(folder):
            row(f"{name}: {curves} curves, {count} runs, {RESAMPLES} resamples each", seconds)
    if importlib.util.find_spec("torch"):
        subprocess.run([sys.executable, str(HERE / "bench_training.py")], check=True)
    else:
        print("training: torch is not installed here: make sweep brings it")
    print(f"{time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
