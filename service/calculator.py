"""`python -m service.calculator`: computes what is expensive for the process that started it."""

from __future__ import annotations

import signal

import scipy.special  # noqa: F401 - what the mathematics loads when it needs it, so that no question waits

from fitted_laws.catalogue import load
from service import settings
from service.api import get, post
from service.compute import processes
from service.pages import every
from service.pages.planner import page


def main() -> None:
    """Answers until standard input ends; signals are for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    chosen = settings.read()
    laws = load(chosen.law_files, chosen.draws, check=False)
    handlers = {(method, path): handler for method, path, handler in get.computing(laws, chosen)}
    handlers |= {(method, path): handler for method, path, handler in page.computing(laws, chosen)}
    handlers |= {("GET", document.name): document.compute for document in every.documents(laws, chosen)}
    handlers["POST", "/v1/answers"] = post.list_handler(laws, chosen)
    processes.serve(handlers)


if __name__ == "__main__":
    main()
