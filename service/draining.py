"""The server: bounded in silence and in connections, and stopped so that hardly any request notices.

Before a stop every answer closes its connection for a moment, and only then the server ends. Without it the server closes the
connections that clients keep, also those on which a request is just arriving.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

from granian.constants import HTTPModes
from granian.http import HTTP1Settings
from granian.server import MPServer

SECONDS = 0.5
"""In which clients that ask all the while have their last answer; others may open a new connection elsewhere."""
SIGNAL = signal.SIGUSR1
"""What the parent sends its workers before it stops them."""
HEAD_MILLISECONDS = 20_000
"""In which a request's head must come; a connection that says nothing for so long is closed."""
MOST_FILES = 32_768
"""That a worker opens: connections are half of them. Measured: 9,000 silent ones take 21 MB."""


class Server(MPServer):
    """The server, which drains before it stops."""

    def shutdown(self, exit_code: int = 0) -> None:
        """Has the workers drain, then stops them."""
        for worker in self.wrks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, SIGNAL)
        time.sleep(SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


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


def on_signal(drain: Callable[[], None]) -> None:
    """Has `SIGNAL` call `drain`; from within the event loop of a worker."""
    asyncio.get_running_loop().add_signal_handler(SIGNAL, drain)
