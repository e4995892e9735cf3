"""A soak: one worker beside a real Valkey under a mixed load for so many seconds, and the memory it holds meanwhile.

`PYTHONPATH=tests/support nice python tests/bench/soak.py 600` prints memory twenty times.
It ends with 1 where memory grew by more than a tenth after the first third.
"""

import itertools
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from serving import descendants, serving
from stores import valkey

RATE = 100
"""Requests a second."""
SAMPLES = 20
GROWTH = 0.1
CACHE_BYTES = 8_000_000
"""A cache that is full within the first third."""
JSON = {"content-type": "application/json"}


def resident(pid) -> float:
    """Megabytes of memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def requests() -> Iterator[tuple[str, str, str | None, int]]:
    """Method, path, body and expected status of what users ask, one after the other without end."""
    for number in itertools.count():
        compute = f"{1e21 * (1 + number * 1e-6):.9e}"
        yield "GET", "/v1/optimal?domain=language&compute=1e21", None, 200
        yield "GET", f"/v1/optimal?domain=language&compute={compute}", None, 200
        yield "GET", f"/v1/loss.txt?domain=language&params=7e10&tokens={compute[:-4]}e12", None, 200
        yield "GET", f"/v1/optimal?domain=language&copmute={compute}", None, 400
        yield "GET", f"/v1/nothing{number}", None, 404
        if number % 10 == 0:
            yield "GET", f"/v1/frontier.csv?domain=language&compute_min=1e20&compute_max={compute}&points=20", None, 200
            column = ",".join([compute] * 200)
            yield "POST", "/v1/optimal", f'{{"domain": "language", "compute": [{column}]}}', 200
            yield "POST", "/v1/answers", f'[{{"question": "optimal", "domain": "language", "compute": {compute}}}]', 200
            yield "GET", "/metrics", None, 200
        if number % 100 == 0:
            yield "GET", f"/v1/frontier.svg?domain=language&compute_min=1e20&compute_max={compute}&points=5", None, 200
            yield "GET", f"/v1/optimal?domain=language&law=all&compute={compute}", None, 200
            yield "GET", "/workbook.xlsx", None, 200


def soak(seconds) -> list[int]:
    """Megabytes of all processes together, at equal times; statuses are as expected all the while."""
    held, statuses = [], Counter()
    with (
        valkey() as store,
        serving(REDIS_URL=store.url, CACHE_BYTES=str(CACHE_BYTES), LOG_SAMPLE="0") as (client, process),
    ):
        began = time.monotonic()
        for number, (method, path, body, expected) in enumerate(requests()):
            found = client.request(method, path, content=body, headers=JSON if body else None)
            assert found.status_code == expected, (method, path, found.text[:500])
            statuses[found.status_code] += 1
            now = time.monotonic() - began
            if now > seconds * (len(held) + 1) / SAMPLES:
                each = [round(resident(pid)) for pid in descendants(process.pid)]
                held.append(sum(each))
                print(f"{now:6.0f} s  {number + 1:7} requests  {held[-1]:5} MB  of {each}", flush=True)
            if len(held) == SAMPLES:
                break
            time.sleep(max(0, number / RATE - now))
    print(dict(statuses))
    return held


def main(seconds) -> int:
    held = soak(seconds)
    before, after = (statistics.median(part) for part in (held[SAMPLES // 3 : SAMPLES // 3 + 5], held[-5:]))
    print(f"{before:.0f} MB after the first third, {after:.0f} MB at the end: {after / before - 1:+.1%}")
    return int(after > before * (1 + GROWTH))


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
