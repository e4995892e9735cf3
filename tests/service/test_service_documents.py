"""Documents and pages are made once, and held within a bound, whoever crawls them under whatever names."""

import asyncio
import functools
import io
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

from serving import serving
from stores import counted, metrics, served

from fitted_laws import load
from service.compute.documents import Documents
from service.compute.scheduler import Scheduler
from service.compute.semaphore import Semaphore
from service.pages.planner import starts
from service.protocol.documents import Document
from service.protocol.messages import Request, in_thread
from service.workbook.planners import CellValues
from service.workbook.workbook import SOME_BASE, build, completed, parted

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"


def test_documents_are_made_once_whatever_the_hosts_and_queries() -> None:
    """Twenty at once ask each for its own address of the same documents; afterwards no further address has one made."""
    with serving(CALCULATORS="1", DRAWS="0") as (client, _):

        def crawl(number: int) -> None:
            for path in ("/workbook.xlsx", "/docs", "/openapi.json", "/v1/laws.html", "/v1/laws/kaplan-2020.html"):
                found = client.get(f"{path}?crawl={number}", headers={"host": f"host{number}.example"})
                assert found.status_code == 200
                assert path != "/workbook.xlsx" or f"http://host{number}.example".encode() in texts(found.content)

        for numbers in (range(20), range(20, 60)):
            with ThreadPoolExecutor(20) as threads:
                list(threads.map(crawl, numbers))
            assert counted(client, "cache_lookups_total", level="flight", result="miss") == 5
            assert counted(client, "documents_bytes") > 0


def texts(workbook: bytes) -> bytes:
    """The texts of the cells of a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return archive.read("xl/sharedStrings.xml")


def test_a_workbook_for_another_host_costs_no_more_than_a_question() -> None:
    """Its texts alone are compressed anew: a few milliseconds beside the seconds that building takes, ends of intervals or not."""
    parts = parted(build(CellValues(load(draws=0, check=False)), SOME_BASE))
    with served() as client:

        def seconds(act) -> float:
            began = time.thread_time()
            act()
            return time.thread_time() - began

        for_host = min(seconds(lambda i=i: completed(parts, f"http://host{i}.example")) for i in range(10))
        question = min(seconds(lambda i=i: client.get(f"{OPTIMAL}{i}")) for i in range(10))
        assert for_host < 10 * question


def test_documents_are_held_within_a_bound() -> None:
    """Of ten of a hundred bytes three are held, those asked for last, and the same bytes come again of one that was dropped."""
    made: list[str] = []

    def make(name: str) -> bytes:
        made.append(name)
        return name.encode() * 100

    own = metrics()
    scheduler = Scheduler(in_thread, Semaphore(4, own), None, own, 10.0)
    documents = Documents(scheduler, own, 300)
    getters = documents.getters(Document(str(i), "text/plain", functools.partial(make, str(i))) for i in range(10))

    async def ask(*names: str) -> None:
        for name in names:
            assert (await getters[name](Request(method="GET", path=name))).body == name.encode() * 100
            assert documents.bytes <= 300

    asyncio.run(ask(*getters, *getters, "9", "8", "7"))
    assert made == [*getters] * 2


def test_what_is_no_domain_pushes_out_nothing_that_is_remembered(laws) -> None:
    starts.start(laws, "optimal", "language")
    before = starts._start.cache_info().currsize  # noqa: SLF001 - what is remembered shows nowhere else
    for number in range(50):
        assert starts.start(laws, "optimal", f"none{number}") is None
        assert starts.able(laws, "optimal", f"none{number}") == []
    assert starts._start.cache_info().currsize == before  # noqa: SLF001
