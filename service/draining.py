"""A stop that hardly any request notices: for a moment every answer closes its connection, and only then the server ends.

Without it the server closes the connections that clients keep, also those on which a request is just arriving.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable

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


def on_signal(drain: Callable[[], None]) -> None:
    """Has `SIGNAL` call `drain`; from within the event loop of a worker."""
    asyncio.get_running_loop().add_signal_handler(SIGNAL, drain)
