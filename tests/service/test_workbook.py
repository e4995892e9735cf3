"""The workbook: calculated anew from its inputs it says what is stored in it; its names, lists, addresses and bytes are what they should be."""

import io
import itertools
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Never

import pytest
from spreadsheet import MAIN, Book, Calculator, Unavailable, read
from stores import served

from fitted_laws import Laws
from fitted_laws.catalogue import load, published
from fitted_laws.quantities.hardware import ACCELERATORS
from service.workbook import workbook
from service.workbook.planners import CellValues

PATH = "/workbook.xlsx"
BASE = "http://testserver.local"
QUESTIONS = ["size + tokens → loss", "budget → model", "target → budget", "train + serve", "fleet", "frontier"]
HIDDEN = {"reading", "links", "lists", "ends", "ends by size"}


@pytest.fixture(scope="module")
def content(client) -> bytes:
    response = client.get(PATH)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return response.content


@pytest.fixture(scope="module")
def book(content) -> Book:
    return read(content)


def one_law(draws=100) -> Laws:
    """A catalogue of which the workbook is built in a fraction of the time; it has a surface, and intervals where it has draws."""
    (path,) = (path for path in published() if path.stem == "besiroglu-2024")
    return load([path], draws, shipped=False)


@pytest.fixture
def fetch(client) -> Callable[[str], str]:
    """WEBSERVICE: the service, in this process."""

    def fetched(address) -> str:
        assert address.startswith(f"{BASE}/v1/")
        response = client.get(address.removeprefix(BASE))
        if response.status_code != 200:
            raise Unavailable
        return response.text

    return fetched


def place_of(book, sheet, label) -> str:
    """The place beside a label."""
    (place,) = (place for place, cell in book.sheets[sheet].items() if cell.value == label and place.startswith("B"))
    return f"C{place[1:]}"


def test_the_sheets(book) -> None:
    """What is asked and looked up by formulas alone is hidden; no text of a query is in sight."""
    assert [name for name in book.sheets if name not in HIDDEN] == [
        "start",
        "scenarios",
        *QUESTIONS,
        "tables",
        "units, laws, citations",
        "coefficients",
    ]
    assert book.hidden == HIDDEN
    shown = (cell.value for name in QUESTIONS for cell in book.sheets[name].values())
    assert not any("domain=" in value for value in shown if isinstance(value, str))


def test_calculated_anew_it_says_what_is_stored(book, fetch) -> None:
    """Every formula, from the inputs alone, in a spreadsheet that writes decimal commas."""
    calculator = Calculator(book, fetch)
    for sheet, place, cell in book.formulas():
        found = calculator.shown(sheet, place)
        expected = pytest.approx(cell.value, rel=1e-12) if isinstance(cell.value, float) else cell.value
        assert found == expected, (sheet, place, cell.formula)


def test_there_are_numbers_in_it(book) -> None:
    """What is stored reads well before any link is allowed: hardly a cell is #N/A, and those say why."""
    stored = [cell.value for _, _, cell in book.formulas()]
    assert len(stored) > 400
    assert sum(isinstance(value, float) for value in stored) > 350
    missing = [(sheet, place) for sheet, place, cell in book.formulas() if cell.value is None]
    assert all(
        sheet == "frontier" and place.startswith("S") for sheet, place in missing
    )  # the chart's line ends with the fitted range
    for sheet in QUESTIONS:
        assert book.sheets[sheet][place_of(book, sheet, "Status")].value == "answered"


def test_every_sheet_opens_inside_the_fit(book) -> None:
    """Its reach stands in a cell right above its first number; of the frontier in each row."""
    for sheet in QUESTIONS:
        cells = book.sheets[sheet]
        reaches = {cell.value for cell in cells.values() if cell.formula and 'field=reach"' in cell.formula}
        assert "inside" in reaches
        if sheet == "frontier":
            assert reaches == {"inside"}
        else:
            assert cells[place_of(book, sheet, "Reach")].value == "inside"


def test_the_sheet_of_laws_says_what_is_known_of_each_domain(book, client) -> None:
    """A budget inside its fit, and where only small models are known."""
    cells = book.sheets["units, laws, citations"]
    first = next(int(place[1:]) for place, cell in cells.items() if cell.value == "a budget inside the fit, FLOP")
    listed = client.get("/v1/domains").json()
    for row, domain in enumerate(listed, first + 1):
        assert cells[f"B{row}"].value == domain["id"]
        assert cells[f"C{row}"].value == (domain["example_compute"] or "–")
        assert cells[f"K{row}"].value == (domain["scale"] or "published laws")


def test_every_number_asks_by_the_documented_formula(book) -> None:
    """WEBSERVICE inside NUMBERVALUE with a point, inside IFERROR: no locale, no stale number."""
    live = [cell.formula for _, _, cell in book.formulas() if "WEBSERVICE" in cell.formula]
    numbers = [f for f in live if "NUMBERVALUE" in f]
    assert len(numbers) > 200
    for formula in (f.replace('IF(key="","","&key="&_xlfn.ENCODEURL(key))', "KEY") for f in numbers):
        assert re.fullmatch(
            r'IFERROR\(_xlfn\.NUMBERVALUE\(_xlfn\.WEBSERVICE\(base&"/v1/\w+\.txt\?"&.+"&field=\w+"&KEY\),"\.",","\),NA\(\)\)',
            formula,
        )
    assert all(formula.startswith(("IFERROR(", "IF(ISNA(")) for formula in live)


@pytest.mark.parametrize("function", ["WEBSERVICE", "ENCODEURL", "NUMBERVALUE"])
def test_younger_functions_carry_their_prefix(book, function) -> None:
    """Without it Excel shows #NAME? until the cell is edited."""
    formulas = [cell.formula for _, _, cell in book.formulas()]
    assert any(function in formula for formula in formulas)
    assert not any(re.search(rf"(?<!_xlfn\.){function}\(", formula) for formula in formulas)


def test_formulas_are_short_enough(book) -> None:
    """Excel's limits: 255 characters a literal, 8192 a formula, 2048 an address."""
    for _, _, cell in book.formulas():
        assert len(cell.formula) < 8192
        assert all(len(literal) <= 255 for literal in re.findall(r'"((?:[^"]|"")*)"', cell.formula))


def test_names(book) -> None:
    base = book.names["base"]
    sheet, place = base.replace("$", "").split("!")
    assert book.sheets[sheet][place].value == BASE
    assert {"domains", "accelerators", "laws", "compute_low", "compute_high"} <= set(book.names)


def test_lists_come_from_the_catalogue(book, laws) -> None:
    calculator = Calculator(book, None)
    assert calculator.column("", book.names["domains"]) == [domain.id for domain in laws.domains]
    assert calculator.column("", book.names["accelerators"]) == list(ACCELERATORS)
    for sheet in QUESTIONS:
        rules = {
            place: rule.findtext(f"{MAIN}formula1")
            for place, rule in book.rules[sheet].items()
            if rule.get("type") == "list"
        }
        assert rules[place_of(book, sheet, "Domain")] == "domains"
        assert "MATCH(" in rules[place_of(book, sheet, "Law")]
    assert "accelerators" in {rule.findtext(f"{MAIN}formula1") for rule in book.rules["fleet"].values()}


def test_the_list_of_laws_follows_the_domain(book, laws, client) -> None:
    """For each question and domain: `default`, then laws that can answer it, the default first, each family together."""
    rows = book.sheets["lists"]
    titles = {
        cell.value: re.sub(r"\d", "", place)
        for place, cell in rows.items()
        if place.endswith("1") and place[:-1].isalpha()
    }
    laws_by_id = {law.id: law for law in laws}
    for domain in laws.domains:
        column = titles[f"optimal {domain.id}"]
        listed = [rows[f"{column}{row}"].value for row in range(2, 99) if f"{column}{row}" in rows]
        asked = {"domain": domain.id, "compute": "1e21"}
        able = [
            law.id
            for law in laws.of(domain.id)
            if client.get("/v1/optimal", params={**asked, "law": law.id}).status_code == 200
        ]
        assert listed[:2] == ["default", *able[:1]]
        assert sorted(listed[1:]) == sorted(able)
        families = [laws_by_id[id].family.id for id in listed[1:]]
        assert len(list(itertools.groupby(families))) == len(set(families))


@pytest.mark.parametrize(
    ("label", "value"),
    [("Domain", "math"), ("Law", "hoffmann-2022"), ("Compute", "3 PF-days"), ("Compute", "2,5e23"), ("Level", 0.5)],
)
def test_an_input_changes_every_number(content, fetch, label, value) -> None:
    """Also as text, with a unit or a decimal comma: the sheet then says what the service says of it."""
    changed = read(content)
    sheet = "budget → model"
    changed.sheets[sheet][place_of(changed, sheet, label)].value = value
    calculator = Calculator(changed, fetch)
    shown = {cell.value: place for place, cell in changed.sheets[sheet].items() if place.startswith("B")}
    assert calculator.value(sheet, place_of(changed, sheet, "Status")) == "answered"
    low = calculator.shown(sheet, f"D{shown['Parameters'][1:]}")
    before = changed.sheets[sheet][f"D{shown['Parameters'][1:]}"].value
    assert low != before


def test_a_refusal_says_why(content, fetch) -> None:
    """A target below the floor: no number is left, and the status tells the reason."""
    changed = read(content)
    sheet = "target → budget"
    changed.sheets[sheet][place_of(changed, sheet, "Loss")].value = 1.0
    calculator = Calculator(changed, fetch)
    assert "irreducible loss: nothing reaches it" in calculator.value(sheet, place_of(changed, sheet, "Status"))
    assert calculator.shown(sheet, place_of(changed, sheet, "Compute")) is None
    assert calculator.shown(sheet, place_of(changed, sheet, "Warnings")) is None


def test_out_of_reach_no_number_is_left(book) -> None:
    """Every cell that asks is #N/A, and what is calculated from it too."""

    def fetch(_) -> Never:
        raise Unavailable

    calculator = Calculator(book, fetch)
    asking = [(sheet, place) for sheet, place, cell in book.formulas() if "WEBSERVICE" in cell.formula]
    assert all(calculator.shown(sheet, place) is None for sheet, place in asking)


def test_a_key_goes_into_every_request(content) -> None:
    """And into no address that is there to be handed on."""
    changed, seen = read(content), []
    changed.sheets["start"]["C6"].value = "a+b&c"

    def fetch(address) -> Never:
        seen.append(address)
        raise Unavailable

    calculator = Calculator(changed, fetch)
    shown = [calculator.shown(sheet, place) for sheet, place, _ in changed.formulas()]
    assert len(seen) > 200
    assert all("&key=a%2Bb%26c" in address for address in seen)
    assert not any("key" in text for text in shown if isinstance(text, str))


def test_the_serving_size_saves(book) -> None:
    """Training and serving by the size chosen for both costs less than by the size cheapest to train."""
    cells = book.sheets["train + serve"]
    saved = cells[place_of(book, "train + serve", "Saved above")].value
    assert 0 < saved < 1


def test_the_table_is_one_link(book, client) -> None:
    """The frontier's CSV, which a cell opens, gives the numbers of its cells."""
    formula = book.sheets["frontier"][place_of(book, "frontier", "The table")].formula
    query = re.search(r"links!\$A\$\d+", formula)[0]
    lines = client.get(f"/v1/frontier.csv?{Calculator(book, None).value('links', query[6:])}").text.splitlines()
    assert len(lines) == 26
    loss = lines[0].split(",").index("loss")
    cells = [book.sheets["frontier"][place].value for place in book.sheets["frontier"] if re.fullmatch(r"C\d+", place)]
    assert [float(line.split(",")[loss]) for line in lines[1:]] == pytest.approx(cells[-25:], rel=1e-12)


def test_charts_draw_the_band_and_the_scenarios(content) -> None:
    """Of the scenarios costs and losses; of the frontier against budgets on a logarithmic axis, sizes on one, too."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert [chart.count('<c:logBase val="10"/>') for chart in charts] == [0, 0, 1, 2]
    assert [chart.count("scenarios!$C$5:$F$5") for chart in charts] == [2, 3, 0, 0]
    for chart in charts[1:]:
        assert "low" in chart
        assert "high" in chart


def test_it_is_small(content) -> None:
    assert len(content) < 1_000_000


def test_it_is_the_same_twice() -> None:
    """Same catalogue, same address, same bytes, in services of their own."""
    contents = set()
    for _ in range(2):
        with served(laws=one_law()) as client:
            contents.add(client.get(PATH).content)
    assert len(contents) == 1


def test_it_holds_no_path_and_no_moment(content) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert str(Path(__file__).parents[2]) not in text
    assert not re.search(r"/home/|/tmp/|/root/|file:", text)
    assert "fullCalcOnLoad" not in text


def test_the_address_is_the_one_asked(client, book) -> None:
    """The request's host is in the cell `base`, and part of the tag."""
    assert book.sheets["start"]["C5"].value == BASE
    tags = {client.get(PATH).headers["etag"]}
    for host in ("LAWS.example.org:8443", "10.0.0.7:8000", "[::1]:8000"):
        response = client.get(PATH, headers={"host": host})
        assert read(response.content).sheets["start"]["C5"].value == f"http://{host.lower()}"
        tags.add(response.headers["etag"])
    assert len(tags) == 4


@pytest.mark.parametrize(
    "host", ["bad host", "a/b", "=cmd|'/C calc'!A0", "evil.example@good.example", "a" * 300, "x:999999", ""]
)
def test_a_host_that_is_none_is_refused(client, host) -> None:
    response = client.get(PATH, headers={"host": host})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


def test_without_draws_it_has_numbers_and_no_ends() -> None:
    """As where the service is told DRAWS=0."""
    with served(laws=one_law(draws=0)) as client:
        book = read(client.get(PATH).content)
    sheet = "budget → model"
    place = place_of(book, sheet, "Parameters")
    number, low, high = (book.sheets[sheet][f"{column}{place[1:]}"].value for column in "CDE")
    assert number > 1e9
    assert low is high is None


def test_the_public_address_comes_first() -> None:
    with served(laws=one_law(), public_url="https://laws.example.org/planning/") as client:
        response = client.get(PATH, headers={"host": "other.example.org"})
    assert read(response.content).sheets["start"]["C5"].value == "https://laws.example.org/planning"


def test_head_and_options(client) -> None:
    got, head = client.get(PATH), client.head(PATH)
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == got.headers["etag"]
    assert client.options(PATH).headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_held_copy_is_not_sent_again(client) -> None:
    etag = client.get(PATH).headers["etag"]
    again = client.get(PATH, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(PATH, headers={"if-none-match": etag, "host": "other.example.org"}).status_code == 200


def test_it_is_built_once_whatever_the_hosts_and_their_address_is_all_that_differs(monkeypatch) -> None:
    """Each name by which the service is called costs a packing, no building."""
    built: list[str] = []
    build = workbook.build

    def counted(values, base) -> bytes:
        built.append(base)
        return build(values, base)

    monkeypatch.setattr(workbook, "build", counted)
    laws = one_law()
    with served(laws=laws) as asked:
        books = [asked.get(PATH, headers={"host": f"host{i}.example:80{i}"}).content for i in range(10, 13)]
    assert built == [workbook.SOME_BASE]
    own = build(CellValues(laws), "http://host11.example:8011")
    with zipfile.ZipFile(io.BytesIO(own)) as expected, zipfile.ZipFile(io.BytesIO(books[1])) as found:
        assert sorted(found.namelist()) == sorted(expected.namelist())
        assert found.namelist()[0] == "[Content_Types].xml"
        assert all(found.read(name) == expected.read(name) for name in found.namelist())
    assert len(set(books)) == 3
