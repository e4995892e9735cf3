"""`python -m service`, `fitted-laws serve`: checks settings and laws, then serves until it is told to stop."""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import resource
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from fitted_laws.catalogue import load
from fitted_laws.laws.lawfile import BadLawFile
from fitted_laws.quantities.display import number_of
from fitted_laws.quantities.extras import MissingPackage, installing, loaded, require_ours
from fitted_laws.quantities.reader import ends_with_its_reader
from service import settings
from service.settings import BadSetting, Settings

RESPAWN_SECONDS = 0.5
"""Between the death of a worker and the next; one that dies again within seconds ends the service."""
STOPPED, UNABLE, REFUSED = 0, 1, 2
EXTRA = installing("service")


def command(words: Sequence[str]) -> int:
    """`fitted-laws serve …`, as `fitted_laws.__main__` finds it among the entry points."""
    return main(words[1:], f"fitted-laws {words[0]}")


@ends_with_its_reader
def main(arguments: Sequence[str] | None = None, prog: str = "python -m service") -> int:
    """Serves; 0 after a stop by signal, 1 where it cannot listen, 2 where a setting, a law file or a package is missing or bad."""
    options = parser(prog).parse_args(arguments)
    settings.share_packages()
    try:
        settings.put(HOST=options.host, PORT=options.port, LAWS=settings.listed(options.laws))
        chosen = settings.read()
        if chosen.uploads:
            require_fits()
        if chosen.traces:
            loaded("service.telemetry.traces", "TRACES", installing("traces"))
        loaded("service.gate.api_keys", "serve", EXTRA).keys_of(chosen)
        laws = load(chosen.law_files, chosen.draws)
        if options.check:
            print(
                f"{number_of(len(laws), 'law')} of {number_of(len(laws.domains), 'domain')} hold, catalogue {laws.digest}"
            )
            return STOPPED
        return serve(chosen)
    except (BadSetting, BadLawFile, MissingPackage) as error:
        print(error, file=sys.stderr)
        return REFUSED


def require_fits() -> None:
    """That tables can be fitted here, by a child that can be bounded.

    Raises:
        MissingPackage: the trainer, or what it draws pages with, is not installed.
        BadSetting: this system does not bound processes.
    """
    if importlib.util.find_spec("trainer") is None or importlib.util.find_spec("matplotlib") is None:
        raise MissingPackage(f"UPLOADS=1 needs the trainer, which is not installed: {installing('trainer')}")
    require_ours("trainer")
    if not hasattr(resource, "prlimit"):
        raise BadSetting(
            "UPLOADS: expected a system that bounds the memory of a process (Linux), got another; leave it 0 here"
        )


def parser(prog: str) -> argparse.ArgumentParser:
    """The options; each but --check goes before the environment variable of its name."""
    made = argparse.ArgumentParser(
        prog=prog,
        description="Serves the questions over HTTP.",
        epilog=f"settings, as environment variables:\n{settings.table()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--host", help="address to listen on, in place of HOST")
    made.add_argument("--port", help="port to listen on, in place of PORT")
    made.add_argument(
        "--laws",
        nargs="+",
        metavar="FILE",
        help="law files, or folders of them, in place of LAWS; each answers first in its domain, of several the last named",
    )
    made.add_argument("--check", action="store_true", help="check the settings and every law file, then stop")
    return made


def serve(chosen: Settings) -> int:
    """Runs the server until SIGTERM or SIGINT; requests in flight are answered first."""
    server = loaded("service.server", "serve", EXTRA)
    try:
        address = free_address(chosen.host, chosen.port)
    except OSError as error:
        print(f"HOST, PORT: cannot listen on {chosen.host} port {chosen.port}: {error.strerror}", file=sys.stderr)
        return UNABLE
    try:
        free_address(chosen.host, chosen.health_port)  # port 0: whichever is free
    except OSError as error:
        print(
            f"HEALTH_PORT: cannot listen on {chosen.host} port {chosen.health_port}: {error.strerror}", file=sys.stderr
        )
        return UNABLE
    print(f"Fitted Laws on {chosen.base} (stop with Ctrl-C)")
    print(f"  page     {chosen.base}/")
    print(f"  command  {command_line()} --help", flush=True)
    with server.metrics_shared(chosen.workers):
        os.register_at_fork(after_in_child=server.stoppable)
        server.Server(
            "service.app:of_worker",
            address=address,
            port=chosen.port,
            workers=chosen.workers,
            interface="asgi",
            websockets=False,
            **server.bounds(),
            log_enabled=False,
            respawn_failed_workers=True,
            respawn_interval=RESPAWN_SECONDS,
            workers_kill_timeout=math.ceil(chosen.max_seconds) + 5,  # what is in hand has its time
        ).serve(target_loader=server.application)
    return STOPPED


def command_line() -> str:
    """How the command is typed in this folder, with the Python that serves."""
    installed = Path(sys.executable).with_name("fitted-laws")
    if not installed.exists():
        return f"{sys.executable} -m fitted_laws"
    return str(installed.relative_to(Path.cwd()) if installed.is_relative_to(Path.cwd()) else installed)


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
