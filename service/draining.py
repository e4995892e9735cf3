"""A stop that hardly any request notices: for a moment every answer closes its connection, and only then the server ends.

Without it the server closes the connections that clients keep, also those on which a request is just arriving.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from granian.server import MPServer

SECONDS = 0.5
"""In which clients that ask all the while have their last answer; others may open a new connection elsewhere."""
SIGNAL = signal.SIGUSR1
"""What the parent sends its workers before it stops them."""


class Server(MPServer):
    """The server, which drains before it stops."""

    def shutdown(self, exit_code: int = 0) -> None:
        """Has the workers drain, then stops them."""
        for worker in self.wrks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, SIGNAL)
        time.sleep(SECONDS)
        super().shutdown(exit_code)  # type: ignore[no-untyped-call]


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
