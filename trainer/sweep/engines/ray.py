"""Runs as tasks of Ray: on the cluster that RAY_ADDRESS names, whose nodes share the folder of output, or on this machine.

A task starts the process that a sweep here starts, so that its records are the same. It travels as code, not as the name of a module:
Ray has its workers look into the current folder first, where a user's `trainer.py` may lie. Needs ray.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import ray

from trainer.sweep.devices import on_card
from trainer.sweep.engines.engine import ONE_THREAD, Heard, Job, Lot, command, failed, lots, merged, runs_of

TRIES = 4
"""Of a lot whose node or Ray process goes; each goes on from the checkpoint."""
LOST = (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.ObjectLostError)


class Ray:
    """A lot a task, of as many cores, and GPUs where it trains on them, as share its runs."""

    def __init__(self, cores: int) -> None:
        self.cores = cores
        """Of the cluster that is started on this machine where RAY_ADDRESS names none."""

    def submit(self, jobs: Sequence[Job]) -> Iterator[Heard]:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent to anyone unless asked
        here = {"address": "local", "num_cpus": self.cores, "include_dashboard": False}
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **({} if os.environ.get("RAY_ADDRESS") else here))
        ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
        task = task_for(jobs[0])
        yield from merged([attended(task, lot) for lot in lots(jobs)])
        ray.shutdown()

    def cancel(self) -> None:
        """Ray ends its tasks, and a worker whose task is gone ends itself."""
        ray.shutdown()


def task_for(job: Job) -> Any:
    """The task that asks Ray for what such a job takes."""
    gpus = job.cards if on_card(job.device) else 0
    return ray.remote(num_cpus=job.cards, num_gpus=gpus, max_retries=0, num_returns="streaming")(carried)


def attended(task: Any, lot: Lot) -> Iterator[Heard]:
    """What is heard of a lot; jobs whose node is lost are tried elsewhere, and what cannot be carried out is heard of as a failure of its runs."""
    left, reason = runs_of(lot), ""
    for _ in range(TRIES):
        jobs = tuple(job for job in lot if left & runs_of([job]))
        try:
            for line in task.remote(msgspec.json.encode(jobs), command(lot[0].cards), ONE_THREAD):
                heard = msgspec.json.decode(ray.get(line), type=Heard)
                left -= {heard.run} if heard.ended else set()
                yield heard
        except ray.exceptions.RayError as error:
            reason = f"its Ray task failed: {(str(error).splitlines() or ['no reason given'])[-1]}"
            if not isinstance(error, LOST):
                break
        if not left:
            return
    yield from failed(left, reason)


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
