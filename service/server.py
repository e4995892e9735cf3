"""The server: bounded in silence and in connections, its deaths said and counted, and stopped so that hardly any request notices.

Before a stop every answer closes its connection for a moment, and only then the server ends. Without it the server closes the
connections that clients keep, also those on which a request is just arriving.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from granian.server import MPServer

from service import settings

SECONDS = 0.5
"""In which clients that ask all the while have their last answer; others may open a new connection elsewhere."""
SIGNAL = signal.SIGUSR1
"""What the parent sends its workers before it stops them."""
HEAD_MILLISECONDS = 20_000
"""In which a request's head must come; a connection that says nothing for so long is closed."""
PARENT_SECONDS = 1.0
"""Between two looks whether the parent is there."""
METRIC_BYTES = 8_000_000
"""Of one worker, and as many of all that died."""
MOST_FILES = 32_768
"""That a worker opens: connections are half of them. Measured: 9,000 silent ones take 21 MB."""


class Server(MPServer):
    """The server, which says when a worker dies, and drains before it stops.

    Deaths are told by the main thread alone, which also forks: a worker forked while another thread holds a lock, a file's or a
    stream's, would hold it for ever.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # prometheus-client reads where to count when it is imported: not before the folder of metrics is known
        self._deaths = importlib.import_module("service.telemetry.deaths").counter()
        self._shared = importlib.import_module("service.telemetry.shared")

    def _respawn_workers(self, workers: Sequence[int], *how: Any, **more: Any) -> None:
        """Says and counts each worker that has died, then has others take their places."""
        for index in workers:
            self._tell(f"worker {index + 1} died; another takes its place")
        super()._respawn_workers(workers, *how, **more)

    def shutdown(self, exit_code: int = 0) -> None:
        """Has the workers drain, then stops them."""
        if self.interrupt_children and not self.interrupt_signal:
            for index in self.interrupt_children:
                self._tell(f"worker {index + 1} died")
            say(
                "a worker died twice within seconds, and the service ends: see what its last lines say, and whether memory is short"
            )
        for worker in self.wrks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, SIGNAL)
        time.sleep(SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]

    def _tell(self, death: str) -> None:
        self._deaths.inc()
        folder = settings.metrics_folder()
        if folder is not None:
            self._shared.bury(folder)
        say(death)


def say(sentence: str) -> None:
    """One line on standard error, in the form of the workers' own."""
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": "error",
        "event": "server",
        "message": sentence,
    }
    sys.stderr.write(json.dumps(line) + "\n")


@contextlib.contextmanager
def metrics_shared(workers: int) -> Iterator[None]:
    """A folder in which workers add up their metrics, as long as the block inside; where there is no room for it, that is said.

    The files are mapped into memory: on a full disk a worker would die by them, without a word.
    """
    with contextlib.ExitStack() as left:
        try:
            folder = left.enter_context(
                tempfile.TemporaryDirectory(prefix="fitted-laws-metrics-", ignore_cleanup_errors=True)
            )
            free = shutil.disk_usage(folder).free
        except OSError as error:
            say(f"no folder for metrics, each worker tells its own: {error}")
        else:
            needed = (workers + 1) * METRIC_BYTES
            if free < needed:
                say(f"{folder} has {free} bytes, metrics need {needed}: each worker tells its own")
            else:
                settings.share_metrics(folder)
        yield


def bounds() -> dict[str, Any]:
    """How the server bounds what is silent, and how many connections a worker keeps open.

    These are half of the files that it may open, for which the limit is raised to what the system allows.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return {
        "http": HTTPModes.http1,  # to tell HTTP/2 apart it would wait for a first byte, for ever
        "http1_settings": HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
        "backpressure": files // 2,
    }


def application(target: str) -> Any:
    """What `module:factory` makes, in a worker; the server's own loader would look for it in the current folder first."""
    module, _, factory = target.partition(":")
    return getattr(importlib.import_module(module), factory)()


def stoppable() -> None:
    """Has SIGTERM end a worker that is still starting: with the handler of its parent it would outlive it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(SIGNAL, signal.SIG_IGN)


def with_its_parent() -> None:
    """Has this process end as if told to, soon after its parent is gone without a word."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.pid,), name="orphan", daemon=True).start()


def _end_after(parent: int | None) -> None:
    # a pipe would not tell: workers that were started later hold its other end
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def on_signal(drain: Callable[[], None]) -> None:
    """Has `SIGNAL` call `drain`; from within the event loop of a worker."""
    asyncio.get_running_loop().add_signal_handler(SIGNAL, drain)
