"""Runs as tasks of Ray, one core each: on the cluster that RAY_ADDRESS names, whose nodes share the folder of output, or on this machine.

A task starts the process that a sweep here starts, so that its records are the same. It travels as code, not as the name of a module:
Ray has its workers look into the current folder first, where a user's `trainer.py` may lie. Needs ray.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
import ray

from trainer.sweep.devices import on_card
from trainer.sweep.engines.local import ONE_THREAD, Heard, Job, Lot, command, lots


def ray_tasks(jobs: Sequence[Job], hear: Callable[[Heard], None], workers: int) -> None:
    """Runs every job; `hear` is called from one thread at a time. A task that cannot be carried out is heard of as a failure of its runs."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anyone unless asked
    here = (
        {} if os.environ.get("RAY_ADDRESS") else {"address": "local", "num_cpus": workers, "include_dashboard": False}
    )
    ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
    cards = jobs[0].cards
    gpus = cards if on_card(jobs[0].device) else 0
    task = ray.remote(num_cpus=cards, num_gpus=gpus, max_retries=0, num_returns="streaming")(carried)
    lock = threading.Lock()

    def attend(lot: Lot) -> None:
        left = {config.id for job in lot for config in job.configs}
        try:
            for line in task.remote(msgspec.json.encode(lot), command(cards), ONE_THREAD):
                heard = msgspec.json.decode(ray.get(line), type=Heard)
                left -= {heard.run} if heard.ended else set()
                with lock:
                    hear(heard)
        except ray.exceptions.RayError as error:
            with lock:
                for run in sorted(left):
                    hear(
                        Heard(
                            run=run,
                            failed=f"its Ray task failed: {(str(error).splitlines() or ['no reason given'])[-1]}",
                        )
                    )

    threads = [threading.Thread(target=attend, args=(lot,), daemon=True) for lot in lots(jobs)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        ray.shutdown()


def carried(lot: bytes, command: Sequence[str], variables: Mapping[str, str]) -> Iterator[bytes]:
    """Where the task is: the lines that its worker says of the lot.

    Raises:
        RuntimeError: the worker died.
    """
    environment = {**os.environ, **variables}
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own module
    if process.stdin is not None and process.stdout is not None:
        with process.stdin as given:
            given.write(lot + b"\n")
        for line in process.stdout:  # noqa: UP028 - Ray sends to what is yielded from
            yield line
    if code := process.wait():
        raise RuntimeError(f"its process ended with code {code}")
