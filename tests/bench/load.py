"""A load on a service: so many seconds of one kind of question, by wrk, and what the service's processors spent on each.

`PYTHONPATH=tests/support:tests/bench python tests/bench/load.py` starts a service of one worker on 127.0.0.1, loads it and stops it;
`--port` takes one that runs there already. At most a minute a kind, and no other address.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

import bench_http
from serving import descendants, serving
from stores import valkey

KINDS = {
    "repeated": (bench_http.REPEATED, ""),
    "new": ("/", bench_http.OPTIMAL),
    "new as text": ("/", bench_http.AS_TEXT),
    "new without interval": ("/", bench_http.WITHOUT_INTERVAL),
    "new, one field": ("/", bench_http.ONE_FIELD),
}
"""What is asked: a path, or one that ends in a number that is new each time."""
CURVES = {"new curve": ("/", bench_http.CURVE)}
HELD = {"curve held by Redis": (bench_http.FRONTIER.format("1e25"), "")}
"""What one connection asks: few curves are computed at once, equal questions at once are answered together."""
MOST_SECONDS = 60


def processor_seconds(pid) -> float:
    """Of a process and all that it has started."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in (pid, *descendants(pid))]
    return sum(int(found[11]) + int(found[12]) for found in fields) / os.sysconf("SC_CLK_TCK")


def loads(port, seconds, pid=None, kinds=KINDS, connections=bench_http.CONNECTIONS) -> None:
    """Loads each kind in turn, and prints a line a kind."""
    for kind, (path, new) in kinds.items():
        before = processor_seconds(pid) if pid else 0.0
        load = bench_http.wrk(port, path, new and bench_http.fresh(new), seconds, connections)
        spent = (processor_seconds(pid) - before) / max(load.rate * seconds, 1) if pid else 0.0
        core = f"{1 / spent:10,.0f} a core" if spent else ""
        print(
            f"{kind:<22} {load.rate:10,.0f} /s   p50 {load.p50 * 1e3:7.2f} ms   p99 {load.p99 * 1e3:7.2f} ms {core}",
            flush=True,
        )


def main(arguments=None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--seconds", type=int, default=4, choices=range(1, MOST_SECONDS + 1), metavar="1…60")
    made.add_argument("--port", type=int, help="of a service that runs on 127.0.0.1")
    given = made.parse_args(arguments)
    if shutil.which("wrk") is None:
        print("wrk: not found (Debian: apt install wrk)", file=sys.stderr)
        return 2
    if given.port:
        loads(given.port, given.seconds)
        loads(given.port, given.seconds, None, CURVES, 1)
        return 0
    settings = {"WORKERS": "1", "CALCULATORS": "0", "LOG_SAMPLE": "0"}
    with serving(**settings) as (client, process):
        loads(client.base_url.port, given.seconds, process.pid)
        loads(client.base_url.port, given.seconds, process.pid, CURVES, 1)
    with valkey() as store, serving(**settings, CACHE_BYTES="1", REDIS_URL=store.url) as (client, process):
        client.get(HELD["curve held by Redis"][0])
        loads(client.base_url.port, given.seconds, process.pid, HELD, 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
