"""The page that takes tables in a real browser: a table dropped becomes a law, which stays in the tab and answers; a bad one is refused beside it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import CHROMIUM, Tab
from serving import serving
from tables import table
from waiting import eventually

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]

SHOWN = "!document.getElementById('law').hidden && document.querySelector('#answer table, #answer p') !== null"
SAID = "document.getElementById('said').textContent"
HOSTILE = '<img src=x onerror="document.title=1">'
"""What a table may call itself and its columns."""


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    with serving(UPLOADS="1") as (client, _):
        yield client


@pytest.fixture
def tab(browser, server) -> Tab:
    browser.look(1280)
    browser.open(f"{server.base_url}/fit")
    return browser


def drop(tab, name, text) -> None:
    """A file, onto the page, as a mouse drops it."""
    tab.run(
        f"""(() => {{
        const carried = new DataTransfer();
        carried.items.add(new File([{json.dumps(text)}], {json.dumps(name)}));
        const how = {{ dataTransfer: carried, bubbles: true, cancelable: true }};
        document.getElementById("table").dispatchEvent(new DragEvent("drop", how));
        }})()"""
    )


def posted(tab) -> list[Any]:
    """The bodies of the questions that the page has sent, read."""
    return [
        json.loads(event["params"]["request"]["postData"])
        for event in tab.events
        if event["method"] == "Network.requestWillBeSent" and event["params"]["request"]["url"].endswith("/v1/optimal")
    ]


def saved(tab, folder, name) -> str:
    """What the link `name` downloads."""
    tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    tab.run(
        f"[...document.querySelectorAll('#files a')].find((each) => each.textContent === {json.dumps(name)}).click()"
    )
    file: Path = folder / name
    eventually(lambda: file.exists() and file.stat().st_size, lambda: f"{sorted(folder.iterdir())}")
    return file.read_text()


def test_a_dropped_table_becomes_a_law_that_answers(tab, server, tmp_path) -> None:
    """Its coefficients, what was read as what and an answer are shown; another question goes with the same law, from the tab."""
    drop(tab, "My runs.csv", table())
    tab.wait(SHOWN)
    law = json.loads(saved(tab, tmp_path, "my-runs.json"))
    rows = tab.run(
        "[...document.querySelectorAll('#coefficients tr')].map((row) => [...row.cells].map((c) => c.innerText))"
    )
    assert {name: float(value) for name, value in rows} == pytest.approx(law["coefficients"], rel=1e-4)
    assert "read val loss as loss" in tab.run("document.getElementById('read').innerText")
    tab.run("document.getElementById('compute').value = '3e21'; document.querySelector('#ask button').click()")
    eventually(lambda: posted(tab) and posted(tab)[-1]["compute"] == "3e21")
    assert posted(tab)[-1]["law"] == law
    answer = server.post("/v1/optimal", json={"law": law, "compute": 3e21}).json()
    loss = f"{answer['loss'][0]:#.4g}"
    low, high = (f"{answer[name][0]:#.4g}" for name in ("loss_low", "loss_high"))
    tab.wait(f"document.getElementById('answer').innerText.includes('loss\\t{loss}\\t{low} to {high}')")
    assert all(address.startswith((str(server.base_url), "blob:", "data:")) for address in tab.requested)
    assert tab.complaints == []


def test_nothing_of_it_is_left_once_the_tab_is_loaded_anew(tab, server) -> None:
    drop(tab, "runs.csv", table())
    tab.wait(SHOWN)
    assert tab.run(
        "[localStorage.length, sessionStorage.length, document.cookie, location.pathname + location.search]"
    ) == [
        0,
        0,
        "",
        "/fit",
    ]
    tab.open(f"{server.base_url}/fit")
    assert tab.run("document.getElementById('law').hidden")


def test_the_report_is_saved_and_never_a_page_of_this_origin(tab, tmp_path) -> None:
    """It is the page of the fit; opened from where the tab holds it, it is bytes, not a document with the key's cookie."""
    drop(tab, "runs.csv", table())
    tab.wait(SHOWN)
    assert saved(tab, tmp_path, "runs.html").lstrip().lower().startswith("<!doctype html>")
    kinds = tab.run(
        "Promise.all([...document.querySelectorAll('#files a')].map((a) => fetch(a.href).then((r) => r.headers.get('content-type'))))"
        ".catch((refused) => String(refused))"
    )
    assert "html" not in str(kinds)
    assert tab.run("document.querySelector('iframe:not([sandbox])') === null")


def test_a_file_is_chosen_by_keyboard_too(tab, tmp_path) -> None:
    (tmp_path / "runs.csv").write_text(table())
    root = tab.call("DOM.getDocument", depth=0)["root"]["nodeId"]
    field = tab.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    tab.call("DOM.setFileInputFiles", nodeId=field, files=[str(tmp_path / "runs.csv")])
    tab.wait(SHOWN)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("runs.csv", "colour,taste\nred,sweet\n", "as=loss=COLUMN"),
        ("runs.csv", "", "a header and rows"),
        ("runs.json", "{", "JSON"),
        ("runs.csv", "params,tokens,loss\n1e6,1e8,4\n2e6,1e8,3.9\n", "5"),
        ("runs.csv", "params,tokens,loss\n" + "1e6,1e8,4\n" * 110_000, "1000000 bytes"),
    ],
    ids=["columns", "empty", "not-json", "few", "large"],
)
def test_a_bad_table_is_refused_in_a_sentence(tab, name, text, words) -> None:
    """And one dropped after it is fitted."""
    drop(tab, name, text)
    told = tab.wait(f"!{SAID}.startsWith('Fitting') && {SAID}")
    assert words in told
    assert tab.run("document.getElementById('law').hidden")
    drop(tab, "runs.csv", table())
    tab.wait(SHOWN)


def test_columns_are_named_where_their_names_do_not_say(tab) -> None:
    """The same file is then read again."""
    drop(tab, "runs.csv", table(size="width"))
    assert "no law to fit" in tab.wait(f"!{SAID}.startsWith('Fitting') && {SAID}")
    tab.run("document.getElementById('as').focus()")
    tab.type("params=width")
    tab.press("Tab", 9)
    tab.wait(SHOWN)
    assert "read width as params" in tab.run("document.getElementById('read').innerText")


def test_what_a_table_says_of_itself_is_text(tab) -> None:
    drop(tab, f"{HOSTILE}.csv", table(size=f'"{HOSTILE.replace(chr(34), chr(34) * 2)} (params)"'))
    tab.wait(f"!{SAID}.startsWith('Fitting')")
    assert tab.run("document.querySelector('#main img')") is None
    assert tab.run("document.title") == "Fit your runs · Fitted Laws"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dropped", [False, True], ids=["empty", "fitted"])
def test_axe_finds_nothing_and_nothing_hangs_over(tab, axe, dropped, width, dark) -> None:
    tab.look(width, dark=dark)
    if dropped:
        drop(tab, "runs.csv", table())
        tab.wait(SHOWN)
    tab.run(axe)
    found = tab.run(
        "axe.run().then(({ violations }) => violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))"
    )
    assert found == []
    assert tab.run("document.documentElement.scrollWidth") <= width
