"""The planner's page in a real browser: it shows what the service answers, by mouse and by keyboard, and asks nobody else."""

import base64
import contextlib
import hashlib
import io
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from browser import CHROMIUM, Tab
from serving import serving
from spreadsheet import Book, Calculator, Cell, Formula
from waiting import eventually

from fitted_laws.__main__ import main

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]

SETTLED = "document.getElementById('result').getAttribute('aria-busy') === 'false'"
BUDGET = "/?domain=language&compute=5.76e23"
SEVERAL = "/?domain=language&compute=1e22&with=hoffmann-2022,kaplan-2020,llama3-2024"
TARGET = "/?ask=target&domain=math&loss=0.2"
FLEET = "/?ask=plan&domain=language&accelerator=H200&count=2048&deadline_days=60&mfu=0.45&price_per_hour=2.5"
STATES = {"budget": BUDGET, "several": SEVERAL, "target": TARGET, "fleet": FLEET}
SCENARIOS = "/?compute=1e21&b=compute%3D1e22&c=compute%3D1e22%26law%3Dkaplan-2020"
FOUR = FLEET + "".join(
    f"&{letter}={quote(f'accelerator=H200&count={count}&deadline_days=60&mfu=0.4&price_per_hour=2')}"
    for letter, count in zip("bcd", (512, 1024, 4096), strict=True)
)
LOOKS = {
    **STATES,
    "scenarios": SCENARIOS,
    "serving": "/?ask=lifetime",
    "limited": "/?ask=repeat",
    "run": "/?ask=diagnose",
    "size": "/?ask=loss",
    "generated": "/?ask=batch",
    "curve": "/?ask=frontier",
    "refused": "/?domain=language&compute=12,5",
}


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    with serving() as (client, _):
        yield client


@pytest.fixture
def tab(browser) -> Tab:
    browser.look(1280)
    return browser


def show(tab, server, address) -> None:
    tab.open(f"{server.base_url}{address}")
    tab.wait(SETTLED)


def figure(tab, title) -> float:
    """The exact value beneath a headline number."""
    number = f"[...document.querySelectorAll('.stats > div')].find((each) => each.firstChild.textContent === {json.dumps(title)})"
    return float(tab.run(f"{number}.querySelector('data').value"))


def focus(tab, selector) -> None:
    tab.run(f"document.querySelector({json.dumps(selector)}).focus()")


def fill(tab, selector, text) -> None:
    """As a user does: into the field, all of it replaced, and on to the next."""
    focus(tab, selector)
    tab.run(f"document.querySelector({json.dumps(selector)}).select()")
    tab.type(text)
    tab.press("Tab", 9)


def until_shown(tab, title, value) -> None:
    eventually(lambda: figure(tab, title) == value, lambda: f"{title} is {figure(tab, title)}, not {value}")
    tab.wait(SETTLED)


@pytest.mark.parametrize(
    ("state", "question", "figures"),
    [
        ("budget", "optimal", {"Model size": "params", "Training data": "tokens", "Expected loss": "loss"}),
        ("target", "target", {"Training compute": "compute", "Model size": "params", "Training data": "tokens"}),
        ("fleet", "plan", {"Model size": "params", "Expected loss": "loss", "Cost": "cost", "Energy": "energy_kwh"}),
    ],
)
def test_the_page_shows_what_the_service_answers(tab, server, state, question, figures) -> None:
    show(tab, server, STATES[state])
    inputs = {name: value for name, [value] in parse_qs(urlsplit(STATES[state]).query).items() if name != "ask"}
    answer = server.get(f"/v1/{question}", params=inputs).json()
    assert {title: figure(tab, title) for title in figures} == {title: answer[name] for title, name in figures.items()}
    said = tab.run("document.getElementById('found').textContent")
    assert all(text[1:] in said for text in (answer["law"], answer["citation"], *answer["warnings"]))
    law = tab.run("document.querySelector('#found a').getAttribute('href')")
    assert server.get(law).status_code == 200
    assert tab.complaints == []
    assert all(address.startswith((str(server.base_url), "data:")) for address in tab.requested)


def test_beyond_the_fit_the_doubt_comes_first_and_numbers_are_grey(tab, server) -> None:
    """Inside, neither; a domain of small models says so and opens inside."""
    grey = "getComputedStyle(document.querySelector('.stats .big')).color === getComputedStyle(document.querySelector('.stats dt')).color"
    show(tab, server, "/?domain=code&compute=1e21&law=sweep-2026-code")
    answer = server.get("/v1/optimal?domain=code&compute=1e21&law=sweep-2026-code").json()
    [distance] = [text for text in answer["warnings"] if "decades beyond the fit" in text]
    said = tab.run("document.getElementById('found').innerText")
    assert said.lower().startswith(distance.lower())
    assert said.count("decades beyond the fit, in") == 1
    assert tab.run(grey)
    show(tab, server, "/?domain=code")
    compute = tab.run("document.getElementById('compute').value")
    assert server.get(f"/v1/optimal?domain=code&compute={compute}").json()["reach"] == "inside"
    assert "3.46 k to 98.3 k parameters" in tab.run("document.getElementById('domain-hint').innerText")
    assert not tab.run(grey)
    assert tab.complaints == []


def test_a_slider_changes_the_number_to_what_the_service_says(tab, server) -> None:
    show(tab, server, BUDGET)
    focus(tab, "input[data-of=compute]")
    for _ in range(7):
        tab.press("ArrowRight", 39)
    compute = tab.run("document.getElementById('compute').value")
    assert float(compute) == pytest.approx(5.76e23 * 10**0.07, rel=0.02)
    answer = server.get(f"/v1/optimal?domain=language&compute={compute}").json()
    until_shown(tab, "Model size", answer["params"])
    assert figure(tab, "Training data") == answer["tokens"]
    assert "FLOP" in tab.run("document.querySelector('input[data-of=compute]').getAttribute('aria-valuetext')")
    assert tab.complaints == []


def test_numbers_are_written_as_people_write_them(tab, server) -> None:
    show(tab, server, "/")
    fill(tab, "#compute", "3000 H100-days@40%")
    answer = server.get("/v1/optimal", params={"domain": "language", "compute": "3000 H100-days@40%"}).json()
    until_shown(tab, "Model size", answer["params"])
    assert "29.8\u00a0B" in tab.run("document.querySelector('.stats').innerText")
    slider = float(tab.run("document.querySelector('input[data-of=compute]').value"))
    assert 10**slider == pytest.approx(answer["compute"], rel=0.02)


def test_an_address_holds_the_whole_state(tab, server) -> None:
    """What is set is in the address; opened anew it is set again; back undoes it."""
    show(tab, server, BUDGET)
    before = figure(tab, "Model size")
    fill(tab, "#compute", "1e22")
    until_shown(tab, "Model size", server.get("/v1/optimal?domain=language&compute=1e22").json()["params"])
    tab.run("document.querySelector('[data-law=kaplan-2020]').click()")
    tab.wait("document.querySelectorAll('#laws tbody tr:not(.family)').length === 2 && " + SETTLED)
    address = tab.run("location.pathname + location.search")
    assert address == "/?domain=language&compute=1e22&with=kaplan-2020"
    show(tab, server, address)
    assert tab.run("document.querySelector('[data-law=kaplan-2020]').checked")
    show(tab, server, BUDGET)
    fill(tab, "#compute", "1e22")
    until_shown(tab, "Model size", server.get("/v1/optimal?domain=language&compute=1e22").json()["params"])
    tab.run("history.back()")
    until_shown(tab, "Model size", before)
    assert tab.run("document.getElementById('compute').value") == "5.76e23"


def test_several_laws_are_compared(tab, server) -> None:
    show(tab, server, SEVERAL)
    names = {"besiroglu-2024", "hoffmann-2022", "kaplan-2020", "llama3-2024"}
    row = "[row.querySelector('a').innerText, row.cells[2].querySelector('data').value]"
    shown = tab.run(f"[...document.querySelectorAll('#laws tbody tr:not(.family)')].map((row) => {row})")
    assert {law for law, _ in shown} == names
    for law, size in shown:
        assert float(size) == server.get(f"/v1/optimal?domain=language&compute=1e22&law={law}").json()["params"]
    assert "Not drawn, since their losses are of other data" in tab.run("document.getElementById('plots').innerText")
    assert tab.complaints == []


def test_the_data_of_a_plot_are_had(tab, server) -> None:
    show(tab, server, BUDGET)
    addresses = tab.run("[...document.querySelectorAll('.takes a')].map((each) => each.getAttribute('href'))")
    assert len(addresses) == 4
    assert all(server.get(address).text.startswith("params") for address in addresses)


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        ("/?domain=language&compute=12,5", "compute", "write a decimal point"),
        ("/?ask=target&domain=language&loss=1.2", "loss", "more than 1.8172"),
        ("/?ask=plan&domain=language&accelerator=H100&count=8&deadline_days=1&mfu=40", "mfu", "1"),
        ("/?domain=poetry&compute=1e21", "domain", "a known domain"),
    ],
)
def test_an_error_stands_beside_its_input(tab, server, address, field, words) -> None:
    show(tab, server, address)
    assert words in tab.run(f"document.getElementById('{field}-error').textContent")
    assert tab.run("[...document.querySelectorAll('[aria-invalid]')].map((each) => each.id)") == [field]
    assert tab.run("document.querySelector('.refused') !== null")
    fill(tab, "#compute", "1e21") if field == "compute" else tab.run("document.querySelector('.ways a').click()")
    tab.wait("!document.querySelector('.refused') && !document.querySelector('[aria-invalid]') && " + SETTLED)


def test_it_works_by_keyboard_alone(tab, server) -> None:
    """Tab reaches every control in the order of reading; enter follows, space opens and checks, arrows read a plot."""
    show(tab, server, "/")
    tab.run("document.activeElement.blur()")
    seen = []
    for _ in range(60):
        tab.press("Tab", 9)
        seen.append(
            tab.run(
                "document.activeElement.id || document.activeElement.dataset.of || document.activeElement.innerText"
            )
        )
        if seen[-1].startswith("Compare with other laws"):
            break
    assert [name for name in seen if name in ("domain", "compute", "law")] == ["domain", "compute", "compute", "law"]
    tab.press(" ", 32, text=" ")
    assert tab.run("document.getElementById('others').open")
    focus(tab, "[data-law=kaplan-2020]")
    tab.press(" ", 32, text=" ")
    tab.wait("document.querySelectorAll('#laws tbody tr:not(.family)').length === 2 && " + SETTLED)
    focus(tab, ".ways a:nth-of-type(2)")
    tab.press("Enter", 13, text="\r")
    tab.wait("document.querySelector('.lead')?.textContent.startsWith('A loss of') && " + SETTLED)
    assert "ask=target" in tab.run("location.search")
    focus(tab, "#loss-plot .plot")
    tab.press("ArrowRight", 39)
    first = tab.wait("document.querySelector('.tip:not([hidden])')?.innerText")
    tab.press("ArrowRight", 39)
    tab.wait(f"document.querySelector('.tip').innerText !== {json.dumps(first)}")


def test_it_is_said_to_those_who_listen(tab, server) -> None:
    show(tab, server, BUDGET)
    said = tab.wait("document.querySelector('#said').textContent")
    assert "72.2\u00a0B parameters" in said
    names = tab.run("[...document.querySelectorAll('.plot svg')].map((each) => each.getAttribute('aria-label'))")
    assert len(names) == 4
    assert all("besiroglu-2024" in name for name in names)


def test_stale_requests_are_cancelled(tab, server) -> None:
    """Only the last of many changes is shown, and those before it are given up."""
    show(tab, server, BUDGET)
    tab.call(
        "Network.emulateNetworkConditions", offline=False, latency=1000, downloadThroughput=-1, uploadThroughput=-1
    )
    try:
        for compute in ("1.1e21", "1.2e21", "1.3e21"):
            fill(tab, "#compute", compute)
            tab.wait(f"location.search.includes('{compute}')")  # it asks
        tab.wait("document.getElementById('result').getAttribute('aria-busy') === 'true'")
        until_shown(tab, "Model size", server.get("/v1/optimal?domain=language&compute=1.3e21").json()["params"])
    finally:
        tab.call(
            "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )
    assert any(event["method"] == "Network.loadingFailed" and event["params"].get("canceled") for event in tab.events)


@pytest.mark.parametrize("state", STATES)
def test_the_copied_commands_give_the_shown_number(tab, server, state) -> None:
    show(tab, server, STATES[state])
    curl, cell, shell, python = (
        tab.run(f"document.getElementById('{name}').textContent") for name in ("curl", "cell", "shell", "python")
    )
    answer = server.get(shlex.split(curl)[1]).json()
    shown = float(tab.run("document.querySelector('.lead data[value]').value"))
    assert shown in answer.values()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert main([*shlex.split(shell)[1:], "--format", "json"]) == 0
    assert json.loads(out.getvalue())["params"] == answer["params"]
    with contextlib.redirect_stdout(out):
        exec(python, {})  # noqa: S102 - it is the page's own text
    assert repr(answer["params"]) in out.getvalue()
    literal, _, rest = cell.removeprefix('=IFERROR(NUMBERVALUE(WEBSERVICE("').partition('"&')
    assert rest == 'ENCODEURL(SUBSTITUTE(A2&"",",","."))),".",","),NA())'
    value = tab.run("document.getElementById('cell-hint').textContent").rpartition(": ")[2].removesuffix(".")
    assert float(server.get(literal + value).text) in answer.values()


def test_exact_numbers_are_copied(tab, server) -> None:
    tab.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    show(tab, server, BUDGET)
    tab.run("document.querySelector('.exact').click()")
    exact = tab.run("document.querySelector('.exact data').value")
    tab.wait("document.getElementById('said').textContent.startsWith('Copied')")
    assert tab.run("navigator.clipboard.readText()") == exact
    assert float(exact) == server.get("/v1/optimal.txt?domain=language&compute=5.76e23").json()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 800, 390])
@pytest.mark.parametrize("state", LOOKS)
def test_axe_finds_nothing_and_nothing_hangs_over(tab, server, axe, state, width, dark) -> None:
    tab.look(width, dark=dark)
    show(tab, server, LOOKS[state])
    tab.run("for (const each of document.querySelectorAll('details')) each.open = true")
    tab.wait("getComputedStyle(document.getElementById('result')).opacity === '1'")
    tab.run(axe)
    found = tab.run(
        "axe.run().then(({ violations }) => violations.map((each) => [each.id, each.nodes.map((node) => node.html)]))"
    )
    assert found == []
    assert tab.run("document.documentElement.scrollWidth") <= width


PAINTED = """(() => {
  const line = document.querySelector("#loss-plot .line");
  return [getComputedStyle(line).stroke, getComputedStyle(document.querySelector("#loss-plot .fit")).fill];
})()"""


def test_plots_take_the_colours_of_the_scheme_and_of_paper(tab, server) -> None:
    show(tab, server, BUDGET)
    drawn = {"light": tab.run(PAINTED)}
    for name, media in (("dark", ""), ("paper", "print")):
        tab.look(1280, dark=True, media=media)
        drawn[name] = tab.run(PAINTED)
    assert drawn["light"] != drawn["dark"]
    assert drawn["paper"] == drawn["light"]


@pytest.mark.parametrize("kind", ["mouseMoved", "touch"])
def test_a_tip_stands_at_pointer_and_finger(tab, server, kind) -> None:
    """It tells x, y with its interval, size and tokens, of the nearest place."""
    show(tab, server, BUDGET)
    tab.run("document.querySelector('#loss-plot').scrollIntoView({ block: 'center' })")
    dot = "document.querySelector('#loss-plot .dot').getBoundingClientRect()"
    place = tab.run(f"(({{ x, y, width, height }}) => ({{ x: x + width / 2, y: y + height / 2 }}))({dot})")
    if kind == "touch":
        tab.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[place])
        tab.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    else:
        tab.call("Input.dispatchMouseEvent", type=kind, **place)
    said = tab.wait("document.querySelector('.tip:not([hidden])')?.innerText")
    assert "5.76 × 10²³ FLOP" in said
    assert "1.974 loss (1.955 to 1.998)" in said
    assert "72.2 B parameters, 1.33 T tokens" in said


def test_a_plot_is_taken_as_svg_and_png(tab, server) -> None:
    """Both are pictures by themselves, of the colours of now."""
    show(tab, server, BUDGET)
    tab.run(
        "window.saved = []; HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href]); }; 0"
    )
    for kind in ("svg", "png"):
        tab.run(f"document.querySelector('#loss-plot [data-takes={kind}]').click()")
    tab.wait("saved.length === 2")
    saved = dict(tab.run("saved"))
    assert saved["loss.png"].startswith("data:image/png;base64,")
    picture = unquote(saved["loss.svg"])
    assert "<style" in picture
    assert "xmlns=" in picture
    assert tab.complaints == []


@pytest.mark.parametrize("address", [BUDGET, FLEET, SCENARIOS, FOUR])
def test_it_prints_on_one_page(tab, server, address) -> None:
    show(tab, server, address)
    paper = base64.b64decode(tab.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", paper)) == 1


def test_the_address_follows_while_typing(tab, server) -> None:
    show(tab, server, BUDGET)
    focus(tab, "#compute")
    tab.run("document.querySelector('#compute').select()")
    tab.type("3e22")
    tab.wait("location.search.includes('compute=3e22')")


def test_two_requests_stand_before_the_first_paint(tab, server) -> None:
    """The document and its style sheet; all in all it is small."""
    tab.open(f"{server.base_url}{BUDGET}")
    tab.wait(SETTLED)
    blocking = tab.run(
        "performance.getEntriesByType('resource').filter((each) => each.renderBlockingStatus === 'blocking').map((each) => each.name)"
    )
    assert [address.rpartition("/")[2] for address in blocking] == ["style.css"]
    sizes = tab.run(
        "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((each) => each.decodedBodySize)"
    )
    assert sum(sizes) <= 250 * 1024


def test_scenarios_are_added_edited_and_removed(tab, server) -> None:
    """Without losing the others; the link holds them all."""
    show(tab, server, "/?compute=1e21")
    tab.run("document.querySelector('.scenarios .add').click()")
    tab.wait("document.querySelectorAll('.scenarios .tab').length === 2 && " + SETTLED)
    fill(tab, "#compute", "1e22")
    until_shown(tab, "Model size", server.get("/v1/optimal?domain=language&compute=1e22").json()["params"])
    cells = "[...document.querySelectorAll('#scenarios tbody tr')].map((row) => row.innerText)"
    assert any("1e21\t1e22" in row for row in tab.run(cells))
    address = tab.run("location.pathname + location.search")
    show(tab, server, address)
    assert any("1e21\t1e22" in row for row in tab.run(cells))
    tab.run("[...document.querySelectorAll('.scenarios .add')].at(-1).click()")
    tab.wait("document.querySelectorAll('.scenarios .tab').length === 0 && " + SETTLED)
    assert tab.run("document.getElementById('compute').value") == "1e21"


KEY = "open, sesame+&"


@pytest.fixture(scope="module")
def locked() -> Iterator[httpx.Client]:
    with serving(API_KEYS=f"sha256:{hashlib.sha256(KEY.encode()).hexdigest()}") as (client, _):
        yield client


def test_a_service_with_keys_is_asked_with_one(tab, locked) -> None:
    """The key is asked for when it is needed, opens the service, is in no address, and is gone once its field is emptied."""
    show(tab, locked, BUDGET)
    assert "API key" in tab.run("document.getElementById('found').innerText")
    fill(tab, "#key", KEY)
    tab.wait("document.querySelector('.stats') !== null && " + SETTLED)
    answer = locked.get("/v1/optimal?domain=language&compute=5.76e23", headers={"x-api-key": KEY}).json()
    assert figure(tab, "Model size") == answer["params"]
    assert not any(
        "sesame" in text for text in (*tab.requested, tab.run("location.href"), tab.run("document.body.innerText"))
    )
    (cookie,) = tab.call("Network.getCookies")["cookies"]
    assert (cookie["sameSite"], cookie["session"], cookie["path"]) == ("Strict", True, "/")
    show(tab, locked, BUDGET)
    assert figure(tab, "Model size") == answer["params"]
    focus(tab, "#key")
    tab.run("document.getElementById('key').select()")
    tab.press("Delete", 46)
    tab.press("Tab", 9)
    tab.wait("document.querySelector('.refused') !== null && " + SETTLED)
    assert tab.call("Network.getCookies")["cookies"] == []


def test_with_a_key_every_link_opens(tab, locked) -> None:
    """The workbook, the tables and plots, the laws, the questions and what they link to: as a browser follows them."""
    show(tab, locked, BUDGET)
    fill(tab, "#key", KEY)
    tab.wait("document.querySelector('.stats') !== null && " + SETTLED)
    links = tab.run(
        "[...new Set([...document.querySelectorAll('a[href^=\"/\"]')].map((each) => each.getAttribute('href')))]"
    )
    assert {"/workbook.xlsx", "/v1/laws.html", "/v1/laws/besiroglu-2024.html"} <= set(links)
    assert any(".csv?" in link for link in links)
    statuses = tab.run(f"Promise.all({json.dumps(links)}.map((link) => fetch(link).then((reply) => reply.status)))")
    assert dict(zip(links, statuses, strict=True)) == dict.fromkeys(links, 200)
    tab.open(f"{locked.base_url}/v1/laws/besiroglu-2024.html")
    example = tab.run("document.querySelector('td a[href^=\"/v1/\"], th a[href^=\"/v1/\"]').getAttribute('href')")
    tab.open(f"{locked.base_url}{example}")
    assert json.loads(tab.run("document.body.innerText"))["law"] == "besiroglu-2024"


def test_the_copied_commands_say_where_a_key_goes(tab, locked, monkeypatch) -> None:
    """And work once it is there; the key itself is not written."""
    show(tab, locked, BUDGET)
    fill(tab, "#key", KEY)
    tab.wait("document.querySelector('.stats') !== null && " + SETTLED)
    curl, cell = (tab.run(f"document.getElementById('{name}').textContent") for name in ("curl", "cell"))
    assert "sesame" not in tab.run("document.getElementById('result').textContent")
    monkeypatch.setenv("FITTED_LAWS_KEY", KEY)
    done = subprocess.run(["bash", "-c", f"{curl} -s --noproxy '*'"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["params"] == figure(tab, "Model size")
    formula = cell.removeprefix("=")
    book = Book(names={"key": "mine!$A$1"}, sheets={"mine": {"A1": Cell(None, KEY), "A2": Cell(None, 5.76e23)}})
    calculator = Calculator(book, lambda address: locked.get(address).raise_for_status().text)
    assert Formula(formula, "mine", calculator).calculate() == figure(tab, "Model size")


def test_without_scripts_the_form_asks(tab, server) -> None:
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(f"{server.base_url}")
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
        said = tab.call("DOM.getDocument", depth=0)
        button = tab.call("DOM.querySelector", nodeId=said["root"]["nodeId"], selector="#form button")["nodeId"]
        tab.call("DOM.focus", nodeId=button)
        tab.press("Enter", 13, text="\r")
        tab.wait("location.search.includes('compute=1e21')")
        assert figure(tab, "Model size") == server.get("/v1/optimal?domain=language&compute=1e21").json()["params"]
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_page_of_a_law_shows_its_plots_in_colour(server, tab) -> None:
    """The policy lets the plots that stand in the page keep their styles, and the browser has nothing to complain of."""
    tab.open(f"{server.base_url}/v1/laws/besiroglu-2024.html")
    strokes = tab.run(
        "[...new Set([...document.querySelectorAll('figure svg path')].map(p => getComputedStyle(p).stroke))].join(' ')"
    )
    assert "rgb(5, 80, 174)" in strokes
    assert tab.complaints == []
