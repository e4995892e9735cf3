"""`POST /v1/fit`: a table of runs becomes a law, by the trainer as a child. Nothing of it is kept."""

from __future__ import annotations

import fcntl
import math
import os
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from fitted_laws.laws.lawfile import BadLawFile, parse
from fitted_laws.quantities.problems import Fault, NotUnderstood, Unanswerable
from service import settings as environment
from service.api import bodies
from service.compute.child import Bounds, Ran, run
from service.protocol import queries
from service.protocol.messages import JSON, Handler, Reply, Request
from service.protocol.problems import Refused
from service.settings import Settings

PATH = "/v1/fit"
SUFFIXES = {bodies.CSV: "csv", JSON: "json", bodies.NDJSON: "jsonl"}
OPTIONS = ("id", "domain", "form", "counts", "as")
"""What the query may say, as `fit` takes it; `as` names columns, separated by commas."""
MOST_BYTES = 1_000_000
MOST_LAW_BYTES = 250_000
"""Of a law file; those of fits are at most 200 kB."""
MEMORY, PROCESSOR, FILE = 4_000_000_000, 60, 20_000_000
"""What a fit may take: bytes of address space, of which a compiler reserves more than it uses; seconds; bytes of a file."""
LAW, PAGE = "law.json", "report.html"
NOT_UNDERSTOOD, UNANSWERABLE = 2, 3
"""The trainer's exit codes."""


class Fitted(msgspec.Struct, frozen=True):
    """The reply: the law file, the page of the fit, and which column was read as what."""

    law: msgspec.Raw
    report: str
    read_as: list[str]


def handler(settings: Settings) -> Handler:
    """The handler of POST /v1/fit: one fit at a time, of all workers together."""
    turn = Turn(environment.metrics_folder())
    bounds = Bounds(MEMORY, PROCESSOR, FILE, min(float(PROCESSOR), 0.9 * settings.max_seconds) / 2)

    def post(request: Request) -> Reply:
        kind = bodies.media_type(request, *SUFFIXES)
        if len(request.body) > MOST_BYTES:
            raise Refused(
                413, f"the table is larger than {MOST_BYTES} bytes; fit it on your own machine: fitted-laws fit"
            )
        words = words_of(queries.parse(request.query))
        with turn.taken(), tempfile.TemporaryDirectory(prefix="fitted-laws-fit-") as folder:
            fitted = fit(Path(folder), request.body, f"runs.{SUFFIXES[kind]}", words, bounds)
        return Reply(200, msgspec.json.encode(fitted), JSON, (("Cache-Control", "no-store"),))

    return post


def words_of(given: Mapping[str, object]) -> list[str]:
    """The options of a fit, as its command line takes them.

    Raises:
        NotUnderstood: one is unknown.
    """
    unknown = [name for name in given if name not in OPTIONS]
    if unknown:
        raise NotUnderstood.of(
            *(Fault(name[:60], f"one of {', '.join(OPTIONS)}", "an unknown option") for name in unknown)
        )
    columns = [f"--as={each}" for each in str(given.get("as", "")).split(",") if each]
    return [*(f"--{name}={given[name]}" for name in OPTIONS[:-1] if name in given), *columns]


def busy() -> Refused:
    return Refused(503, "another table is being fitted; send it again soon", headers=(("Retry-After", "5"),))


class Turn:
    """The one turn to fit that there is: in this process, and among workers by a file in the `folder` that they share."""

    def __init__(self, folder: Path | None) -> None:
        self._here = threading.Lock()
        self._file = folder / "fitting" if folder else Path(os.devnull)
        self._among = folder is not None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """The turn, for the time of the block inside.

        Raises:
            Refused: 503: another fit has it.
        """
        if not self._here.acquire(blocking=False):
            raise busy()
        try:
            with self._file.open("a") as file:
                if self._among:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield
        except BlockingIOError:
            raise busy() from None
        finally:
            self._here.release()


def fit(folder: Path, table: bytes, name: str, words: list[str], bounds: Bounds) -> Fitted:
    """The law of a table and its page, made in `folder`, which is empty.

    Raises:
        NotUnderstood: the table or an option cannot be read.
        Unanswerable: no law can be fitted to it.
        Refused: 413: it takes more than there is.
    """
    (folder / name).write_bytes(table)
    child = environment.of_a_child(folder)
    ran = run(["trainer", "fit", name, "-o", LAW, *words], folder, bounds, child)
    refuse(ran, bounds)
    law = (folder / LAW).read_bytes()
    require_law(law)
    refuse(run(["trainer", "report", LAW, "-o", PAGE], folder, bounds, child), bounds)
    read_as = [line.strip() for line in ran.out.partition(LAW)[0].splitlines() if line.startswith("  ")]
    return Fitted(msgspec.Raw(law), (folder / PAGE).read_text(), read_as)


def refuse(ran: Ran, bounds: Bounds) -> None:
    """Nothing, if a child did what it was asked.

    Raises:
        NotUnderstood, Unanswerable: it refused; with its sentence.
        Refused: 413: it was ended, or failed for want of memory.
    """
    if ran.code == 0:
        return
    *_, sentence = ["", *ran.err.strip().splitlines()]
    told = (sentence.partition(": ")[2] or sentence).replace("--as ", "as=")  # its name in a query, and on the page
    if "curves: expected -o" in told:
        raise Unanswerable(
            f"{told.partition(': expected -o')[0]}; a table of one curve makes one law: send each by itself"
        )
    if ran.code == NOT_UNDERSTOOD:
        raise NotUnderstood(told, [Fault("body", "a table of runs", "another one")])
    if ran.code == UNANSWERABLE:
        raise Unanswerable(told)
    raise Refused(
        413,
        f"this table takes more than {math.ceil(bounds.seconds)} s or {bounds.memory // 1_000_000_000} GB to fit; "
        "fit it on your own machine: fitted-laws fit",
    )


def require_law(raw: bytes) -> Any:
    """The relations of a law file that came from outside this process.

    Raises:
        NotUnderstood: it is none, or larger than such files are.
    """
    if len(raw) > MOST_LAW_BYTES:
        raise NotUnderstood.of(Fault("law", f"a law file of at most {MOST_LAW_BYTES} bytes", f"{len(raw)} bytes"))
    try:
        return parse(raw, "law")
    except BadLawFile as error:
        raise NotUnderstood(str(error), [Fault("law", "a law file", "another object")]) from None
