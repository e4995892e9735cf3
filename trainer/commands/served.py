"""Asking a running service for a sweep's next runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from trainer.files import Refusal
from trainer.report.subject import of_file
from trainer.sweep.records import RunRecord

START_SECONDS = 60.0
"""What a server may take to start on a busy machine."""


def irreducible(law: Path) -> dict[str, float]:
    """E with its 90 % interval, from a law file itself."""
    subject = of_file(law)[0]
    names = list(subject.drawn.relation.coefficients)
    column = np.ravel(np.asarray(getattr(subject.drawn.form, names[0])))
    low, high = np.quantile(column[1:], [0.05, 0.95])
    return {
        "irreducible_loss": float(column[0]),
        "irreducible_loss_low": float(low),
        "irreducible_loss_high": float(high),
    }


def answer_line(law: Path, records: list[RunRecord]) -> str:
    """The closing line, from a server that this law is added to."""
    last = records[-1]
    content = msgspec.json.decode(law.read_bytes(), type=dict[str, Any])
    query = {"domain": content["domain"], "law": content["id"], "params": last.params, "tokens": last.tokens}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "LAWS": str(law), "HOST": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-P", "-m", "service"]
    with tempfile.TemporaryFile("w+") as errors:
        server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)  # noqa: S603 - our own module
        try:
            answer = got(server, f"http://127.0.0.1:{port}/v1/loss.json?{urllib.parse.urlencode(query)}")
        except Refusal:
            if server.poll() is None:
                raise
            errors.seek(0)
            raise Refusal(f"the server ended before it answered: {errors.read().strip().splitlines()[-1:]}") from None
        finally:
            server.terminate()
            server.wait()
    sys.stdout.write(
        f"the server, asked {urllib.parse.urlencode(query)}: loss {answer['loss']:.4f}, by {answer['citation']}\n"
    )
    return closing(answer, records)


def got(server: subprocess.Popen[bytes], address: str) -> dict[str, Any]:
    """The answer, once the server is up.

    Raises:
        Refusal: it ended, refused, or did not start in time.
    """
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            with direct.open(address, timeout=10) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError as error:
            raise Refusal(f"the server refused {address}: {error.read().decode()}") from None
        except OSError:
            time.sleep(0.1)
    raise Refusal(f"the server did not answer within {START_SECONDS:.0f} s")


def closing(answer: dict[str, Any], records: list[RunRecord]) -> str:
    """Where the true entropy lies; where it is unknown, what was fitted."""
    true, low, high = records[0].entropy, answer["irreducible_loss_low"], answer["irreducible_loss_high"]
    if true is None:
        best = min(r.loss for r in records if r.loss is not None)
        return f"irreducible loss: fitted {answer['irreducible_loss']:.4f}, 90 % {low:.3f}–{high:.3f}; best run {best:.4f}; the truth is unknown"
    place = "inside" if low <= true <= high else "outside"
    return f"entropy: true {true:.4f}, fitted {answer['irreducible_loss']:.4f}, 90 % {low:.3f}–{high:.3f}, {place}"
