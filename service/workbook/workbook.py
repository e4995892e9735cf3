"""The capacity-planning workbook, `/workbook.xlsx`: it calculates what is closed, asks this service for the rest, and holds what that answers now."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

from xlsxwriter import Workbook

from fitted_laws import Laws
from fitted_laws.quantities.problems import Fault
from service.protocol import conditional
from service.protocol.documents import Document
from service.protocol.messages import Getter, Reply, Request, Resource
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
    LIFETIME.question: (extras.training_alone,),
    FLEET.question: (extras.deadlines,),
}
"""What stands below a question's sheet."""
SOME_BASE = "https://service.invalid"
"""What stands in the one workbook that is built, in place of the address by which a request came."""
TEXTS = "xl/sharedStrings.xml"
SIZE = struct.Struct(">Q")
FAST = 1
"""Of zlib: addresses are many, and each costs a packing."""

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def document(laws: Laws) -> Document:
    """The workbook for `SOME_BASE`, without the texts that name it; these follow."""
    return Document(PATH, MEDIA_TYPE, lambda: parted(build(CellValues(laws), SOME_BASE)))


def resource(built: Getter, settings: Settings) -> Resource:
    """The workbook, whose cells ask wherever the request came to."""

    async def get(request: Request) -> Reply:
        base = address(request, settings)
        reply = await built(Request(method="GET", path=PATH))
        if reply.status != 200:
            return reply
        etag = conditional.tag(dict(reply.headers)["ETag"].encode(), base.encode())
        if conditional.names_it(request, etag):
            return conditional.unchanged(etag)
        whole = Reply(200, completed(reply.body, base), MEDIA_TYPE, conditional.validators(etag))
        return conditional.checked(request, whole)

    return Resource(path=PATH, get=get)


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


def parted(whole: bytes) -> bytes:
    """A workbook without its texts, which stand before it, after their size."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        texts = old.read(TEXTS)
        for entry in old.infolist():
            if entry.filename != TEXTS:
                new.writestr(entry, old.read(entry))
    return SIZE.pack(len(texts)) + texts + out.getvalue()


def completed(parts: bytes, base: str) -> bytes:
    """The workbook of `parts`, whose cells ask the service at `base`. It takes a millisecond: the texts alone are compressed."""
    (size,) = SIZE.unpack_from(parts)
    texts = parts[SIZE.size : SIZE.size + size].replace(SOME_BASE.encode(), escape(base).encode())
    out = io.BytesIO(parts[SIZE.size + size :])
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=FAST) as added:
        added.writestr(zipfile.ZipInfo(TEXTS), texts, zipfile.ZIP_DEFLATED)
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
