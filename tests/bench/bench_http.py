"""Ratios over HTTP in one run: the service with one worker beside a bare application on the same server, loaded by wrk.

`bench.py` calls it; `python tests/bench/bench_http.py` runs it alone.
"""

import http.client
import itertools
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from granian import Granian
from granian.constants import Interfaces
from serving import environment, free_port

ROOT = Path(__file__).parents[2]
SECONDS, CONNECTIONS, ROWS, DRAWN_ROWS = 4, 16, 100_000, 20_000
REPEATED = "/v1/optimal?domain=language&compute=1e21"
FRONTIER = "/v1/frontier?domain=language&compute_min=1e20&compute_max={}&points=100"
LINE = "{:<64} {:>14}   {}"

# A new question each time; after a pause of so many milliseconds, where there is one. The numbers go to standard output.
SCRIPT = """
local number = {start}
request = function()
  number = number + 1
  return wrk.format("GET", string.format("{path}=%.9e", {near} * (1 + number * 1e-8)))
end
"""
OPTIMAL, AS_TEXT = "/v1/optimal?domain=language&compute", "/v1/optimal.txt?domain=language&compute"
WITHOUT_INTERVAL = "/v1/optimal?domain=language&interval=none&compute"
ONE_FIELD = "/v1/optimal?domain=language&fields=params&compute"
CURVE = "/v1/frontier?domain=language&compute_min=1e20&points=100&compute_max"
NEAR = {"tokens": "1e12", "compute": "1e21", "compute_max": "1e25"}
"""About where the input is that is new each time, by its name."""
NEW = {
    "a new loss each time, with intervals": "/v1/loss?domain=language&params=7e10&tokens",
    "a new optimum each time, with intervals": OPTIMAL,
    "  the same as .txt": AS_TEXT,
    "  the same, interval=none": WITHOUT_INTERVAL,
    "  the same, fields=params": ONE_FIELD,
}
"""Questions of which each is new, by what they are."""
PAUSE = "delay = function() return math.random({low}, {high}) end\n"
TOLD = """
done = function(summary, latency)
  print(string.format("%d %d %d %d", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99)))
  print(string.format("%d", summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


class Load(NamedTuple):
    """What wrk saw."""

    rate: float
    p50: float
    p99: float


async def hello(scope, receive, send) -> None:  # noqa: ARG001 - what an ASGI application takes
    """The least that the server can be asked, or as many bytes as the path says."""
    size = int(scope["path"][1:] or 5)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"hello" if size == 5 else b"x" * size})


def serve_hello(port: int) -> None:
    """The bare application, on the server and under the settings of the service."""
    options = {"workers": 1, "interface": Interfaces.ASGI, "websockets": False, "log_enabled": False}
    Granian("bench_http:hello", address="127.0.0.1", port=port, **options).serve()


@contextmanager
def started(*command: str, port: int, **settings: str) -> Iterator[int]:
    """A server in its own process, once it listens."""
    process = subprocess.Popen(
        [sys.executable, *command],
        env=environment(**settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        end = time.monotonic() + 60
        while time.monotonic() < end and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def wrk(port: int, path: str, script: str = "", seconds: float = SECONDS, connections: int = CONNECTIONS) -> Load:
    """Load of one thread; what it reports, once nothing has failed."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + TOLD)
        file.flush()
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "-s",
            file.name,
            f"http://127.0.0.1:{port}{path}",
        ]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    count, duration, p50, p99 = map(int, told[-2].split())
    assert told[-1] == "0", f"{told[-1]} requests failed"
    return Load(count / duration * 1e6, p50 / 1e6, p99 / 1e6)


def fresh(path: str, low: int = 0, high: int = 0, start: Iterator[int] = itertools.count(10**7, 10**7)) -> str:  # noqa: B008 - it counts on
    """A script of questions nobody has asked, with pauses between those milliseconds."""
    near = NEAR[path.rpartition("&")[2]]
    return SCRIPT.format(path=path, near=near, start=next(start)) + (PAUSE.format(low=low, high=high) if high else "")


class Caller:
    """One connection, kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __call__(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self._connection.request(method, path, body, {"content-type": "application/json"})
        response = self._connection.getresponse()
        found = response.read()
        assert response.status == 200, found[:300]
        return found


def columns(law: str, seed: int, rows: int = ROWS, **inputs: tuple[float, float]) -> bytes:
    """The body of a column of so many rows, spread over decades."""
    random = np.random.default_rng(seed)
    made = {name: (10 ** random.uniform(low, high, rows)).tolist() for name, (low, high) in inputs.items()}
    return msgspec.json.encode({"domain": "language", "law": law, **made})


def least(work, times: int = 7) -> float:
    """Seconds, the least of several, after one that warms."""
    work()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def row(name: str, value: str, beside: str = "") -> None:
    print(LINE.format(name, value, beside), flush=True)


def throughput(port: int) -> float:
    """Requests a second beside the bare application; those of new optima, which is where the service saturates."""
    bare = free_port()
    with started(__file__, "hello", str(bare), port=bare):
        loads = [("/", ""), (REPEATED, ""), *(("/", path) for path in NEW.values())]
        rounds = [
            [wrk(bare if number == 0 else port, path, new and fresh(new)) for number, (path, new) in enumerate(loads)]
            for _ in range(3)
        ]
    hello, *ours = (statistics.median(load.rate for load in loads) for loads in zip(*rounds, strict=True))
    row("requests a second, one worker: a bare application", f"{hello:,.0f}")
    rates = dict(zip(("the same question", *NEW), ours, strict=True))
    for name, rate in rates.items():
        row(f"  the service, {name}", f"{rate:,.0f}", f"{rate / hello:.3f} of it")
    return rates["a new optimum each time, with intervals"]


def tables(port: int) -> None:
    """Columns over HTTP, bodies made before; then a list and a curve."""
    ask = Caller(port)
    body = columns("hoffmann-2022", 1, params=(8, 12), tokens=(10, 13))
    for query, name in {
        "": "loss by params and tokens, no intervals",
        "?shape=broadcast": "  the same, shape=broadcast",
    }.items():
        answer = ask("POST", f"/v1/loss{query}", body)
        seconds = least(lambda query=query: ask("POST", f"/v1/loss{query}", body))
        alone, sent = encoding(answer), bare(len(answer))
        told = f"{ROWS / seconds / 1e6:.2f} M rows/s, {len(answer) / ROWS:.0f} bytes a row; {alone / seconds:.2f} of encoding it alone"
        beside = f"{told} ({alone * 1e3:.0f} ms), {sent / seconds:.2f} of sending it alone ({sent * 1e3:.0f} ms)"
        row(f"columns of {ROWS} rows: {name}", f"{seconds * 1e3:.0f} ms", beside)
    body = columns("besiroglu-2024", 1, DRAWN_ROWS, compute=(19, 25))
    seconds = least(lambda: ask("POST", "/v1/optimal", body), 3)
    row(
        f"columns of {DRAWN_ROWS} rows: optimal, with intervals",
        f"{seconds * 1e3:.0f} ms",
        f"{DRAWN_ROWS / seconds:,.0f} rows/s",
    )
    listed = msgspec.json.encode(
        [{"question": "optimal", "domain": "language", "compute": 1e21 * (1 + i / 1e5)} for i in range(10_000)]
    )
    row("a list of 10,000 questions with intervals", f"{least(lambda: ask('POST', '/v1/answers', listed), 2):.2f} s")
    ends = (f"{1e26 * (1 + i / 1e5):.6e}" for i in range(100))
    seconds = least(lambda: ask("GET", FRONTIER.format(next(ends))), 25)
    row("frontier of 100 points, 4,000 draws of 7 fields, new each time", f"{seconds * 1e3:.1f} ms")


def encoding(answer: bytes) -> float:
    """Seconds in which msgspec writes an answer's Python objects as JSON."""
    found = msgspec.json.decode(answer)
    return least(lambda: msgspec.json.encode(found))


def bare(size: int) -> float:
    """Seconds in which the bare application answers so many bytes."""
    port = free_port()
    with started(__file__, "hello", str(port), port=port):
        ask = Caller(port)
        return least(lambda: ask("GET", f"/{size}"), 5)


def beside_a_batch(port: int, saturation: float) -> None:
    """Small questions at half of what saturates, alone and while columns of ROWS rows come one after another."""
    pause = CONNECTIONS / (saturation / 2) * 1e3
    ends = max(1, round(pause * 0.5)), round(pause * 1.5)
    quiet = wrk(port, "/", fresh(OPTIMAL, *ends))
    row("small questions at half of saturation", f"{quiet.rate:,.0f}/s", told(quiet))
    stop, done, body = threading.Event(), [0], columns("hoffmann-2022", 2, params=(8, 12), tokens=(10, 13))

    def batches() -> None:
        ask = Caller(port)
        while not stop.is_set():
            ask("POST", "/v1/loss", body)
            done[0] += 1

    thread = threading.Thread(target=batches)
    thread.start()
    loaded = wrk(port, "/", fresh(OPTIMAL, *ends), 2 * SECONDS)
    stop.set()
    thread.join()
    row(f"  while {done[0]} batches of {ROWS} rows run", f"{loaded.rate:,.0f}/s", told(loaded))


def told(load: Load) -> str:
    return f"p50 {load.p50 * 1e3:.2f} ms, p99 {load.p99 * 1e3:.2f} ms: {load.p99 / load.p50:.1f} x"


def main() -> None:
    if shutil.which("wrk") is None:
        print("wrk: not found, requests a second not measured (Debian: apt install wrk)")
        return
    port = free_port()
    with started("-m", "service", port=port, PORT=str(port), WORKERS="1"):
        saturation = throughput(port)
        tables(port)
        beside_a_batch(port, saturation)


if __name__ == "__main__":
    if sys.argv[1:2] == ["hello"]:
        serve_hello(int(sys.argv[2]))
    else:
        main()
