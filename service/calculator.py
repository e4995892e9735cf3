"""`python -m service.calculator`: computes what is dear for the process that started it."""

from __future__ import annotations

import signal

from fitted_laws.catalogue import load
from service import settings
from service.api import get, post
from service.compute import processes
from service.protocol.messages import Resource


def main() -> None:
    """Answers until standard input ends; signals are for the process that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    chosen = settings.read()
    laws = load(chosen.law_files, chosen.draws, check=False)
    answerers = {}
    for resource in (*get.resources(laws, chosen), Resource(path="/v1/answers", post=post.listed(laws, chosen))):
        for method, handler in (("GET", resource.get), ("HEAD", resource.get), ("POST", resource.post)):
            if handler is not None:
                answerers[method, resource.path] = handler
    processes.serve(answerers)


if __name__ == "__main__":
    main()
