"""The capacity-planning workbook, `/workbook.xlsx`: it calculates what is closed, asks this service for the rest, and holds what that answers now."""

from __future__ import annotations

import functools
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from xlsxwriter import Workbook

from fitted_laws import Laws
from fitted_laws.quantities.problems import Fault
from service.protocol import conditional
from service.protocol.messages import Reply, Request, Resource, threaded
from service.protocol.problems import Refused
from service.settings import Settings
from service.workbook.book import Book
from service.workbook.planners import FLEET, FRONTIER, LIFETIME, PLANNERS, RUN, CellValues
from service.workbook.sheets import extras, reference
from service.workbook.sheets.frontier import frontier
from service.workbook.sheets.grids import grids
from service.workbook.sheets.question import question
from service.workbook.sheets.scenarios import scenarios
from service.workbook.sheets.start import start

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATH = "/workbook.xlsx"
MADE = datetime(2020, 1, 1)  # noqa: DTZ001 - no moment: the same catalogue gives the same bytes
CALCULATED_BY = 191029
"""The calculation engine of Excel 2019 and later: an older one makes Excel calculate at loading, before links are allowed."""
BELOW = {
    RUN.question: (extras.best_size,),
    LIFETIME.question: (extras.training_alone, extras.money),
    FLEET.question: (extras.deadlines,),
}
"""What stands below a question's sheet."""
SOME_BASE = "https://service.invalid"
"""What stands in the one workbook that is built, in place of the address by which a request came."""
TEXTS = "xl/sharedStrings.xml"
FAST = 1
"""Of zlib: addresses are many, and each costs a packing."""
HOSTS = 16
"""Addresses of which the workbook is kept."""

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def resources(laws: Laws, settings: Settings) -> Iterator[Resource]:
    values = CellValues(laws)

    lock = threading.Lock()
    once = functools.cache(lambda: build(values, SOME_BASE))

    @functools.lru_cache(HOSTS)
    def workbook_for(base: str) -> Reply:
        with lock:  # who asks first builds it for all
            built = once()
        return conditional.fixed(rebased(built, base), MEDIA_TYPE)

    def get(request: Request) -> Reply:
        return conditional.checked(request, workbook_for(address(request, settings)))

    yield Resource(path=PATH, get=threaded(get))


def address(request: Request, settings: Settings) -> str:
    """Where the workbook's cells ask: the public address, or the one by which this request came.

    Raises:
        Refused: 400: the request's host is none.
    """
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = request.header(b"host")
    if host is None:
        return settings.base
    if not _HOST.fullmatch(host):
        raise Refused(
            400,
            "the header Host names no host",
            [Fault("Host", "a name or address, with or without a port", host[:60])],
        )
    return f"{request.scheme}://{host.lower()}"


def rebased(built: bytes, base: str) -> bytes:
    """A workbook built for `SOME_BASE`, whose cells ask the service at `base`: one text of it is another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(built)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == TEXTS:
                part = part.replace(SOME_BASE.encode(), escape(base).encode())
            new.writestr(entry, part, compresslevel=FAST)
    return out.getvalue()


def build(values: CellValues, base: str) -> bytes:
    """The workbook whose cells ask the service at `base`, with `values` in them."""
    out = io.BytesIO()
    workbook = Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": "Fitted Laws: capacity planning", "author": "Fitted Laws", "created": MADE})
    workbook.set_calc_mode("auto", CALCULATED_BY)
    workbook.calc_on_load = False  # the values in it are the service's: good until links are allowed
    workbook.set_size(2400, 1500)
    book = Book(workbook, values, base)
    start(book)
    if book.tables.coefficients.laws:
        scenarios(book)
    for planner in PLANNERS:
        if planner is FRONTIER:
            frontier(book)
        else:
            question(book, planner, *BELOW.get(planner.question, ()))
    if book.tables.coefficients.laws:
        grids(book)
    reference.laws(book)
    reference.coefficients(book)
    reference.lists(book)
    for table in (book.tables.ends.along, book.tables.ends.about):
        reference.ends(book, table)
    workbook.close()
    return out.getvalue()
