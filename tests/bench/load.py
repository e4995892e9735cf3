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

KINDS = {
    "repeated": (bench_http.REPEATED, ""),
    "new": ("/", bench_http.OPTIMAL),
    "new as text": ("/", bench_http.AS_TEXT),
    "new without interval": ("/", bench_http.WITHOUT_INTERVAL),
    "new, one field": ("/", bench_http.ONE_FIELD),
}
"""What is asked: a path, or one that ends in a number that is new each time."""
MOST_SECONDS = 60


def processor_seconds(pid) -> float:
    """Of a process and all that it has started."""
    fields = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in (pid, *descendants(pid))]
    return sum(int(found[11]) + int(found[12]) for found in fields) / os.sysconf("SC_CLK_TCK")


def loads(port, seconds, pid=None) -> None:
    """Loads each kind in turn, and prints a line a kind."""
    for kind, (path, new) in KINDS.items():
        before = processor_seconds(pid) if pid else 0.0
        load = bench_http.wrk(port, path, new and bench_http.fresh(new), seconds)
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
        return 0
    with serving(WORKERS="1", CALCULATORS="0", LOG_SAMPLE="0") as (client, process):
        loads(client.base_url.port, given.seconds, process.pid)
    return 0


if __name__ == "__main__":
    sys.exit(main())
