"""The workbook in LibreOffice Calc, asking a server over HTTP: in an English and a German locale, and with the server down."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import serving
from spreadsheet import Calculator, Unavailable, read, spoiled

from fitted_laws import ask
from service.workbook.calculation import ALONE
from service.workbook.planners import LIFETIME, PLANNERS

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        SOFFICE is None, reason="LibreOffice is not installed: apt-get install libreoffice-calc python3-uno"
    ),
]

PYTHON = "/usr/bin/python3"
"""The Python for which python3-uno is installed."""
WRONG = 424242.0
LOCALES = {"en-US": ".", "de-DE": ","}
RUN, BUDGET, TARGET, SERVE = "size + tokens → loss", "budget → model", "target → budget", "train + serve"
FLEET, FRONTIER, SCENARIOS, TABLES = "fleet", "frontier", "scenarios", "tables"
EDITS = [
    [RUN, "C8", "2,5B"],
    [BUDGET, "C8", 1e21],  # arrives as 1E 021
    [BUDGET, "C7", 0.8],
    [TARGET, "C8", 2.125],
    [SERVE, "C10", "2,5T"],
    [FLEET, "C11", 2.25],
    [FRONTIER, "C5", "image-32x32"],
    [FRONTIER, "C8", 1e19],
]
PROBES = [
    ["start", "K1", '=VALUE("12.345")'],
    ["start", "K2", '=1E21&""'],
    ["start", "K3", '=WEBSERVICE(base&"/v1/optimal.txt?domain=language&field=compute&compute=1E+021")'],
]
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="SecureURL" oor:op="fuse"><value><it>{trusted}</it></value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{locale}</value></prop></item>
</oor:items>
"""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    with serving() as (client, process):
        yield client, process


@pytest.fixture(scope="module")
def content(server) -> bytes:
    """The workbook, each stored value wrong."""
    client, _ = server
    response = client.get("/workbook.xlsx")
    assert response.status_code == 200
    return spoiled(response.content)


def calculated(content, folder, locale, edits=(), probes=()) -> dict[str, Any]:
    """The workbook as Calc shows it when it is opened, and after it has calculated it anew."""
    trusted, profile = folder / "documents", folder / "profile" / "user"
    trusted.mkdir()
    profile.mkdir(parents=True)
    (trusted / "workbook.xlsx").write_bytes(content)
    (profile / "registrymodifications.xcu").write_text(PROFILE.format(trusted=trusted.as_uri(), locale=locale))
    pipe = f"fitted-laws-{folder.name}"
    command = [
        SOFFICE,
        "--headless",
        "--norestore",
        "--nologo",
        f"-env:UserInstallation={profile.parent.as_uri()}",
        f"--accept=pipe,name={pipe};urp",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as office:
        try:
            task = json.dumps({"path": str(trusted / "workbook.xlsx"), "edits": list(edits), "probes": list(probes)})
            script = [PYTHON, str(Path(__file__).parents[1] / "support" / "calc.py"), pipe]
            done = subprocess.run(script, input=task, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
            office.wait(60)
        finally:
            office.kill()
    return json.loads(done.stdout)


def expected(content, client, edits) -> dict[tuple[str, str], float | str | None]:
    """What the service says of each formula, asked here."""

    def fetch(address) -> str:
        response = client.get(address.removeprefix(str(client.base_url).rstrip("/")))
        if response.status_code != 200:
            raise Unavailable
        return response.text

    book = read(content)
    for sheet, place, value in edits:
        book.sheets[sheet][place].value = value
    calculator = Calculator(book, fetch)
    return {(sheet, place): calculator.shown(sheet, place) for sheet, place, _ in book.formulas()}


@pytest.mark.parametrize("locale", LOCALES)
def test_recalculated_it_says_what_the_service_answers(content, server, tmp_path, locale) -> None:
    """After changes of its inputs, with a decimal comma among them; all its cells, more than 200, take less than 5 s."""
    client, _ = server
    got = calculated(content, tmp_path, locale, EDITS, PROBES)
    wanted = expected(content, client, EDITS)
    asked = [(sheet, place) for sheet, place, cell in read(content).formulas() if "WEBSERVICE" in cell.formula]
    assert len(asked) > 200
    for (sheet, place), value in wanted.items():
        found = got["calculated"][sheet][place]
        if isinstance(value, float):
            assert found == pytest.approx(value, rel=1e-9), (sheet, place)
        elif (sheet, place) in asked or value is None:
            assert found == value, (sheet, place)
    assert got["seconds"] < 5, f"{len(asked)} cells took {got['seconds']:.1f} s"
    assert sum(isinstance(value, float) for value in wanted.values()) > 200


@pytest.mark.parametrize("locale", LOCALES)
def test_the_locale_is_the_one_named(content, tmp_path, locale) -> None:
    """The German one is what makes NUMBERVALUE needed: there VALUE reads a point as a separator of thousands, and 1e21 has a long exponent."""
    got = calculated(content, tmp_path, locale, probes=PROBES)["probed"]
    assert got == [12.345 if LOCALES[locale] == "." else 12345.0, "1E+021", "1e+21"]


def test_opened_it_shows_what_is_stored(content, tmp_path) -> None:
    """Calc, too, shows the stored values until it is told to calculate; that they are wrong here proves that the others were asked for."""
    got = calculated(content, tmp_path, "en-US")
    stored = (value for cells in got["stored"].values() for value in cells.values())
    assert set(stored) == {WRONG, "open"}  # a link's text is no number: Calc makes it at once


NOWHERE = "http://127.0.0.1:9"
"""An address at which nothing listens."""
OFFLINE = [
    [RUN, "C6", "gadre-2024-c4"],
    [RUN, "C8", "1,4B"],
    [RUN, "C9", 4e10],
    [BUDGET, "C6", "hoffmann-2022-rounded"],
    [BUDGET, "C8", "2,5e21"],
    [TARGET, "C9", 0.5],
    [TARGET, "C8", ""],
    [SERVE, "C6", "sardana-2024"],
    [SERVE, "C8", 2.2],
    [SERVE, "C10", "3T"],
    [FLEET, "C8", "A100"],
    [FLEET, "C9", 48],
    [FLEET, "C10", 0.35],
    [FLEET, "C12", 10],
    [FLEET, "C13", 0.1],
    [FLEET, "C14", 1.3],
    [FLEET, "C15", "0,2"],
    [FRONTIER, "C6", "krajewski-2024-dense"],
    [FRONTIER, "C8", 2e19],
    [FRONTIER, "C9", 3e21],
    [SCENARIOS, "D7", "hoffmann-2022-rounded"],
    [SCENARIOS, "F13", "3 PF-days"],
    [TABLES, "C6", "muennighoff-2023"],
]
"""Inputs changed where no service is: other laws, numbers as texts, a KL for a loss."""
ENERGY = {"overhead": 0.1, "pue": 1.3, "price_per_kwh": 0.2}
PRICES = {
    name: value for name, value in LIFETIME.given.items() if name.endswith(("accelerator", "mfu", "price_per_hour"))
}
OFFLINE_ASKED = {
    RUN: ("loss", {"law": "gadre-2024-c4", "params": "1.4B", "tokens": 4e10}),
    BUDGET: ("optimal", {"law": "hoffmann-2022-rounded", "compute": "2.5e21"}),
    TARGET: ("target", {"kl": 0.5}),
    SERVE: ("lifetime", {"law": "sardana-2024", "loss": 2.2, "inference_tokens": "3T", **PRICES}),
    FLEET: (
        "plan",
        {"accelerator": "A100", "count": 48, "mfu": 0.35, "price_per_hour": 2.0, "deadline_days": 10, **ENERGY},
    ),
}
"""What the sheets then ask."""


@pytest.mark.parametrize("locale", LOCALES)
def test_server_down_what_is_closed_is_calculated(content, tmp_path, locale) -> None:
    """After its inputs were changed: numbers equal to the service's to 1e-9, ends within 3 % of the interval's width."""
    book = content
    got = calculated(book, tmp_path, locale, [*OFFLINE, ["start", "C5", NOWHERE]])["calculated"]
    counted = [0, 0]
    for sheet, (question, inputs) in OFFLINE_ASKED.items():
        wanted = ask(question, domain="language", **inputs).plain()
        planner = next(each for each in PLANNERS if each.sheet == sheet)
        for field, row in rows_of(book, planner).items():
            assert got[sheet][f"C{row}"] == pytest.approx(wanted[field], rel=1e-9), (sheet, field)
            counted[0] += 1
            for column, end in (("D", "low"), ("E", "high")):
                expected, found = wanted.get(f"{field}_{end}"), got[sheet].get(f"{column}{row}")
                if expected is not None and question != "lifetime":
                    width = wanted[f"{field}_high"] - wanted[f"{field}_low"]
                    assert found == pytest.approx(expected, abs=0.03 * width), (sheet, field, end)
                    counted[1] += 1
        assert any(value == ALONE for value in got[sheet].values())
    assert counted[0] > 40
    assert counted[1] > 40
    frontier_is_right(got[FRONTIER])
    assert got[SCENARIOS]["F25"] == pytest.approx(2.592e20)
    best = ask("optimal", domain="language", law="hoffmann-2022-rounded", compute=got[SCENARIOS]["D25"])
    assert got[SCENARIOS]["D29"] == pytest.approx(best.loss, rel=1e-9)
    size, tokens = read(book).sheets[TABLES]["B11"].value, read(book).sheets[TABLES]["E8"].value
    loss = ask("loss", domain="language", law="muennighoff-2023", params=size, tokens=tokens).loss
    assert got[TABLES]["E11"] == pytest.approx(loss, rel=1e-9)


def frontier_is_right(cells) -> None:
    """Every row of the frontier, calculated without a server."""
    rows = ask("frontier", domain="language", law="krajewski-2024-dense", compute_min=2e19, compute_max=3e21, points=25)
    last = max(int(place[1:]) for place in cells if re.fullmatch(r"B\d+", place))
    for i in range(25):
        row = last - 24 + i
        for column, field in zip("CFIL", ("loss", "reducible_loss", "params", "tokens"), strict=True):
            assert cells[f"{column}{row}"] == pytest.approx(rows.column(field)[i], rel=1e-9)
        for low, high, field in (("D", "E", "loss"), ("J", "K", "params")):
            ends = rows.column(f"{field}_low")[i], rows.column(f"{field}_high")[i]
            for column, end in zip((low, high), ends, strict=True):
                assert cells[f"{column}{row}"] == pytest.approx(end, abs=0.03 * (ends[1] - ends[0]))
        assert cells[f"N{row}"] == rows.column("reach")[i]


def rows_of(book, planner) -> dict[str, int]:
    """The rows of an answer's fields."""
    cells = read(book).sheets[planner.sheet]
    (head,) = (int(place[1:]) for place, cell in cells.items() if cell.value == "Answer" and place[0] == "B")
    return {field: row for row, field in enumerate(planner.answers, head + 2)}


def test_server_down_every_cell_that_asks_is_not_available(tmp_path) -> None:
    """No stale number is left: neither what was stored nor anything calculated from it."""
    with serving() as (client, process):
        here = str(client.base_url).rstrip("/")
        book = spoiled(client.get("/workbook.xlsx").content)
        process.terminate()
        process.wait(30)
    got = calculated(book, tmp_path, "en-US")["calculated"]
    formulas = read(book).formulas()
    assert read(book).sheets["start"]["C5"].value == here
    for sheet, place, cell in formulas:
        found = got[sheet][place]
        assert found != WRONG
        if "WEBSERVICE" in cell.formula:
            assert found is None, (sheet, place, found)


def test_with_the_key_in_its_cell_it_asks_a_service_that_wants_one(tmp_path) -> None:
    """Signs that an address would take for its own among it; without the key every cell that asks is not available."""
    key = "a+b&c=d #1"
    with serving(API_KEYS=key) as (client, _):
        client.headers["x-api-key"] = key
        book = spoiled(client.get("/workbook.xlsx").content)
        sheet, _, place = read(book).names["key"].replace("$", "").replace("'", "").partition("!")
        for folder in ("with", "without"):
            (tmp_path / folder).mkdir()
        opened = calculated(book, tmp_path / "with", "en-US", [[sheet, place, key]])["calculated"]
        locked = calculated(book, tmp_path / "without", "en-US")["calculated"]
        wanted = expected(book, client, [])
    asked = [(sheet, place) for sheet, place, cell in read(book).formulas() if "WEBSERVICE" in cell.formula]
    assert len(asked) > 200
    for sheet, place in asked:
        value = wanted[sheet, place]
        assert opened[sheet][place] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)
        assert locked[sheet][place] is None
