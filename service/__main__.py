"""`python -m service`: checks settings and laws, then serves until it is told to stop."""

from __future__ import annotations

import argparse
import math
import os
import resource
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from fitted_laws.catalogue import load
from fitted_laws.laws.lawfile import BadLawFile
from service import settings
from service.draining import SIGNAL, Server
from service.gate.api_keys import keys_of
from service.settings import BadSetting, Settings

RESPAWN_SECONDS = 0.5
"""Between the death of a worker and the next; one that dies again within seconds ends the service."""
HEAD_MILLISECONDS = 20_000
"""In which a request's head must come; a connection that says nothing for so long is closed."""
MOST_FILES = 32_768
"""That a worker opens: connections are half of them. Measured: 9,000 silent ones take 21 MB."""
STOPPED, UNABLE, REFUSED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves; 0 after a stop by signal, 1 where it cannot listen, 2 where a setting or a law file is bad."""
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Serves the questions over HTTP.",
        epilog=f"settings, as environment variables:\n{settings.table()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", action="store_true", help="check the settings and every law file, then stop")
    check = parser.parse_args(arguments).check
    try:
        chosen = settings.read()
        keys_of(chosen)
        laws = load(chosen.law_files, chosen.draws)
    except (BadSetting, BadLawFile) as error:
        print(error, file=sys.stderr)
        return REFUSED
    if check:
        print(f"{len(laws)} laws of {len(laws.domains)} domains hold, catalogue {laws.digest}")
        return STOPPED
    return serve(chosen)


def serve(chosen: Settings) -> int:
    """Runs the server until SIGTERM or SIGINT; requests in flight are answered first."""
    try:
        address = free_address(chosen.host, port := chosen.port)
        if chosen.health_port:
            free_address(chosen.host, port := chosen.health_port)
    except OSError as error:
        print(f"HOST, PORT, HEALTH_PORT: cannot listen on {chosen.host} port {port}: {error.strerror}", file=sys.stderr)
        return UNABLE
    print(f"Fitted Laws on {chosen.base} (stop with Ctrl-C)", flush=True)
    with tempfile.TemporaryDirectory(prefix="fitted-laws-metrics-", ignore_cleanup_errors=True) as folder:
        settings.share_metrics(folder)
        os.register_at_fork(after_in_child=stoppable)
        Server(
            "service.app:from_environment",
            address=address,
            port=chosen.port,
            workers=chosen.workers,
            interface=Interfaces.ASGI,
            websockets=False,
            http=HTTPModes.http1,  # to tell HTTP/2 apart it would wait for a first byte, for ever
            http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
            backpressure=connections(),
            factory=True,
            log_enabled=False,
            respawn_failed_workers=True,
            respawn_interval=RESPAWN_SECONDS,
            workers_kill_timeout=math.ceil(chosen.max_seconds) + 5,  # what is in hand has its time
        ).serve()
    return STOPPED


def connections() -> int:
    """How many a worker may keep open at once: half of the files that it may open, for which the limit is raised to what is allowed."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = MOST_FILES if most == resource.RLIM_INFINITY else min(most, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return files // 2


def stoppable() -> None:
    """Has SIGTERM end a worker that is still starting: with the handler of its parent it would outlive it."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(SIGNAL, signal.SIG_IGN)


def free_address(host: str, port: int) -> str:
    """The numeric address of `host`; the server would share the port of another one without a word.

    Raises:
        OSError: there is no such host, or another process listens there.
    """
    address = settings.numeric(host, port)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family):
        return address


if __name__ == "__main__":
    sys.exit(main())
