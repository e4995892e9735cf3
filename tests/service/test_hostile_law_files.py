"""Law files are input: what one says comes out escaped wherever it is shown, or the file is refused with what was expected."""

import csv
import gc
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from litestar.testing import TestClient
from prometheus_client.parser import text_string_to_metric_families
from stores import served

from fitted_laws.catalogue import load, published
from fitted_laws.laws.lawfile import BadLawFile, parse
from fitted_laws.questions.registry import QUESTIONS
from service.app import create_app
from service.settings import Settings

PAYLOAD = "=HYPERLINK(\"//evil.example\")<script>alert(1)</script><img src=x onerror=alert(1)>' onload='x' ]]>&amp;\\\n{{7*7}}"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1")
ID = "hostile-1"
TEXTS = (
    "citation",
    "title",
    "authors",
    "data",
    "tokenizer",
    "setup",
    "where",
    "differs",
    "family",
    "compute_convention",
)
LISTS = ("notes", "caveats", "contradictions")


def content(**changes) -> dict[str, Any]:
    """A law of losses by size and data, as its file has it, under another id, with changes."""
    (path,) = (path for path in published() if path.stem == "besiroglu-2024")
    return {**json.loads(path.read_text()), "id": ID, **changes}


@pytest.fixture(scope="module")
def worst(tmp_path_factory) -> Path:
    """A folder with a law file that says the worst wherever a text may stand, and some whose texts are formulas."""
    law = content(**dict.fromkeys(TEXTS, PAYLOAD), **{name: [PAYLOAD] for name in LISTS})
    law["loss_scale"] = law["loss_unit"] = law["loss_definition"] = PAYLOAD
    law["examples"] = [
        {**example, "source": PAYLOAD, "enforce": False, "expected": {PAYLOAD: 1.0}} for example in law["examples"]
    ]
    law["examples"].append(
        {
            "question": f"../../{PAYLOAD}",
            "inputs": {PAYLOAD: PAYLOAD},
            "expected": {PAYLOAD: 1.0},
            "enforce": False,
            "source": PAYLOAD,
        }
    )
    law["fit"] = {PAYLOAD: PAYLOAD}
    folder = tmp_path_factory.mktemp("laws")
    (folder / "hostile.json").write_text(json.dumps(law))
    for number, formula in enumerate(FORMULAS):
        other = content(id=f"formula-{number}", citation=formula, title=formula, data=formula, authors=formula)
        (folder / f"{number}.json").write_text(json.dumps(other))
    return folder


@pytest.fixture(scope="module")
def hostile(worst) -> Iterator[TestClient]:
    """A service of these laws beside those that ship."""
    with served(laws=load([worst])) as client:
        yield client


class Elements(HTMLParser):
    """What a browser would make of a page: its elements, and the addresses that it follows or runs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(text: str) -> None:
    """A page that runs our scripts alone, listens to nothing, and leads only to this service and, by links, to the web."""
    elements = Elements()
    elements.feed(text)
    assert len(elements.found) > 20
    for tag, attributes in elements.found:
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
        assert tag not in {"img", "iframe", "object", "base"}, (tag, attributes)
        if tag == "script":
            assert re.fullmatch(r"/page/\w+\.js", attributes["src"] or ""), attributes
        for name in ("href", "src", "action", "formaction"):
            if attributes.get(name):
                assert re.match(r"(https?://(?!evil)|/(?!/)|#|\?|data:(,|text/csv))", attributes[name] or ""), (
                    tag,
                    attributes,
                )


PAGES = (
    "/",
    f"/?law={ID}&compute=1e21",
    f"/?ask=loss&domain=language&params=1e9&tokens=2e10&with={ID},kaplan-2020",
    f"/answer?law={ID}&compute=1e22&with=all",
    "/docs",
    "/v1/laws.html",
    f"/v1/laws/{ID}.html",
    "/v1/laws/formula-0.html",
)


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_texts_and_run_none(hostile, path) -> None:
    found = hostile.get(path)
    assert found.status_code == 200
    harmless(found.text)
    for inner in re.findall(r"<svg.*?</svg>", found.text, re.DOTALL):
        ET.fromstring(inner)  # noqa: S314 - our own


@pytest.mark.parametrize("accept", ["/v1/laws", "/v1/domains", "/v1/questions"])
def test_lists_as_pages_show_texts_and_run_none(hostile, accept) -> None:
    harmless(hostile.get(accept, headers={"accept": "text/html"}).text)


@pytest.mark.parametrize("name", QUESTIONS)
def test_plots_are_xml_without_scripts(hostile, name) -> None:
    found = hostile.get(f"/v1/{name}.svg", params={**QUESTIONS[name].example, "law": ID})
    if found.status_code == 200:
        for element in ET.fromstring(found.content).iter():  # noqa: S314 - our own
            assert element.tag.rpartition("}")[2] not in {"script", "foreignObject", "image", "a"}
            assert not [attribute for attribute in element.attrib if attribute.startswith("on") or "href" in attribute]


def cells(text: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text, newline="")):
        yield from row


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "path",
    ["/v1/laws.csv", "/v1/domains.csv", "/v1/questions.csv", "/v1/accelerators.csv"]
    + [
        f"/v1/optimal.csv?domain=language&compute=1e21&law={id}"
        for id in ("all", ID, *(f"formula-{i}" for i in range(6)))
    ]
    + [f"/v1/diagnose.csv?domain=language&params=1e9&tokens=2e10&observed_loss=2&law={ID}"],
)
def test_no_cell_of_a_table_is_a_formula(hostile, path) -> None:
    """Numbers stay numbers, negative ones too."""
    found = hostile.get(path)
    assert found.status_code == 200
    for cell in cells(found.text):
        assert is_number(cell) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_texts_of_law_files_are_defused_and_kept(hostile) -> None:
    """A reader who takes the apostrophe away has what the file says; JSON has it as it is."""
    rows = list(csv.DictReader(io.StringIO(hostile.get("/v1/laws.csv").text, newline="")))
    said = {row["id"]: row["citation"] for row in rows}
    assert [said[f"formula-{number}"] for number in range(6)] == ["'" + text.replace("\r", "\n") for text in FORMULAS]
    listed = {each["id"]: each["citation"] for each in hostile.get("/v1/laws").json()}
    assert [listed[f"formula-{number}"] for number in range(6)] == [*FORMULAS]


def test_a_negative_number_in_a_table_stays_one(hostile) -> None:
    found = hostile.get("/v1/diagnose.csv?domain=language&params=1e9&tokens=2e10&observed_loss=2&law=besiroglu-2024")
    (row,) = csv.DictReader(io.StringIO(found.text))
    assert float(row["z_score"] or row["excess_loss"]) < 0


def test_a_table_that_is_sent_back_holds_no_formula(hostile) -> None:
    """Of rows that fail, the words of which hold what was sent."""
    body = "domain,compute,law\nlanguage,1e21,formula-0\n=1+1,1e21,\nlanguage,=1+1,\nlanguage,1e21,@x\n"
    found = hostile.post("/v1/optimal", content=body, headers={"content-type": "text/csv"})
    assert found.status_code == 200
    assert [cell for cell in cells(found.text) if cell.startswith(("=", "+", "-", "@"))] == []


def test_the_workbook_calculates_nothing_that_a_law_file_says(worst) -> None:
    """Each part is XML; no formula holds a text of the file, and none of its texts is one."""
    with served(laws=load([worst], draws=0, shipped=False)) as hostile:
        content = hostile.get("/workbook.xlsx").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314 - our own
    formulas = [each.text or "" for part in parts.values() for each in part.iter() if each.tag.endswith("}f")]
    assert len(formulas) > 100
    assert not [text for text in formulas if "evil" in text or "<script" in text]
    texts = [each.text or "" for each in parts["xl/sharedStrings.xml"].iter() if each.tag.endswith("}t")]
    assert any("evil.example" in text for text in texts)
    assert not [text for text in texts if text.startswith(("=HYPER", *FORMULAS))]


def test_metrics_can_be_read(hostile) -> None:
    hostile.get(f"/v1/optimal?domain=language&compute=1e21&law={ID}")
    samples = [
        sample
        for family in text_string_to_metric_families(hostile.get("/metrics").text)
        for sample in family.samples
        if sample.labels.get("law") == ID
    ]
    assert samples
    assert "evil" not in hostile.get("/metrics").text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(
            ("id", text)
            for text in (
                "",
                "A",
                "a b",
                "../x",
                "a/b",
                "a,b",
                "all",
                "a.json",
                "a.html",
                "<b>",
                "ä",
                ".",
                "-a",
                "a" * 101,
                'a"',
            )
        ),
        *(("domain", text) for text in ("", "a b", "x/../y", "<b>", "a\n", "=1")),
        *(("part", text) for text in ("<b>", "a\u202eb")),
        *(
            ("url", text)
            for text in (
                "javascript:alert(1)",
                "data:text/html,x",
                "//evil.example",
                "https://",
                "http:/x",
                " https://x.org",
                'https://x.org/"onclick=',
                "https://x.org/<",
                "ftp://x.org",
                "https://x.org/\u202e",
            )
        ),
        *(("title", text) for text in ("\x00", "a\x1b[2Jb", "\x07", "right\u202eleft", "\ufffe", "\x85")),
        ("notes", ["fine", "not\x08"]),
        ("fit", {"deep": [{"er": "\x0c"}]}),
        ("fit", {"\x1b": 1}),
    ],
)
def test_what_cannot_be_shown_safely_is_refused(key, value) -> None:
    """In one line that names file and key, and that a terminal can print."""
    with pytest.raises(BadLawFile, match=rf"^bad\.json: {key}: expected ") as refused:
        parse(json.dumps(content(**{key: value})).encode(), "bad.json")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"id": "\xc3\x28"}',
        b'{"relations": ' * 100_000,
        b"[" * 100_000,
        b'{"id": "\\ud800"}',
        b"{" + b" " * 4_000_001 + b"}",
    ],
    ids=["empty", "list", "null", "bytes", "no UTF-8", "deep objects", "deep lists", "half a character", "long"],
)
def test_what_is_no_law_file_is_refused(raw) -> None:
    with pytest.raises(BadLawFile, match=r"^bad\.json: "):
        parse(raw, "bad.json")


def test_keys_of_relations_are_checked_too() -> None:
    """At any depth, and what stands beside them."""
    (path,) = (path for path in published() if path.stem == "henighan-2020")
    law = json.loads(path.read_text())
    law["relations"][0]["url"] = "javascript:alert(1)"
    with pytest.raises(BadLawFile, match=r"relations\[0\]\.(relations\[0\]\.)?url: expected an address"):
        parse(json.dumps(law).encode(), "bad.json")


def many(folder: Path, number: int, domains: bool) -> Path:
    """A folder of so many laws, all of one domain or each of its own."""
    folder.mkdir()
    for i in range(number):
        where = {"domain": f"own-{i}", "examples": []} if domains else {}
        (folder / f"{i}.json").write_text(json.dumps(content(id=f"own-{i}", **where)))
    return folder


def seconds(act) -> tuple[float, Any]:
    began = time.thread_time()
    made = act()
    return time.thread_time() - began, made


@pytest.mark.parametrize("domains", [False, True], ids=["of one domain", "of as many domains"])
def test_265_laws_start_about_as_fast_as_those_that_ship(tmp_path, domains) -> None:
    """Some milliseconds a law, of which its worked examples take most, beside what a start takes without them; `/` takes no more.

    Of several the quickest, and without looking through what other tests left in memory, as no service has to.
    """
    gc.collect()
    gc.freeze()
    folder = many(tmp_path / "many", 265, domains)

    def start(*extra) -> TestClient:
        return TestClient(create_app(load(extra), Settings()))

    start()
    alone = min(seconds(start)[0] for _ in range(3))
    starts, pages = [], []
    for _ in range(3):
        taken, client = seconds(lambda: start(folder))
        starts.append(taken)
        with client:
            began = time.process_time()
            assert client.get("/").status_code == 200
            pages.append(time.process_time() - began)
            assert "own-264" in client.get("/v1/laws").text
    assert min(starts) < 8 * alone
    assert min(pages) < 8 * alone
