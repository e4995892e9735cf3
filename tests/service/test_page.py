"""The planner's page as it is sent: small, whole, from here alone, and a plain form where there are no scripts."""

import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import service
from fitted_laws.asking.inputs import inputs_of
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions.registry import QUESTIONS
from service.pages.assets import PLOTTER, static

PAGE = Path(service.__file__).parent / "pages" / "static"
EDGE = "video-vq-8x8x8"
"""A domain whose law finds the optimum of no budget inside all of its own fitted ranges."""
OURS = [PAGE / name for name in static() if not name.startswith("vendor/")]
PLOTTER_FILES = {
    "LICENSE": "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd",
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}
"""The files of the npm package uplot that are here, as their SHA-256."""


class Form(HTMLParser):
    """A page's controls that are sent without scripts, its buttons, choices and scripts."""

    def __init__(self, text) -> None:
        super().__init__()
        self.action, self.controls, self.buttons, self.domains, self.laws, self.scripts = None, {}, 0, [], {}, []
        self.begins = {}
        self._disabled, self._select, self._template = 0, None, None
        self.feed(text)

    def handle_starttag(self, tag, attributes) -> None:
        given = dict(attributes)
        if tag == "form":
            self.action = given["action"]
        elif tag == "script":
            self.scripts.append(given)
        elif tag == "fieldset":
            self._disabled = self._disabled or int("disabled" in given)
        elif tag == "button":
            self.buttons += 1
        elif tag == "template":
            self._template = self.laws.setdefault(given["id"].removeprefix("laws-"), [])
            self.begins[given["id"].removeprefix("laws-")] = given
        elif tag == "select":
            self._select = None if self._disabled or "disabled" in given else given.get("name")
        elif tag == "option":
            self._option(given)
        elif tag == "input" and "name" in given and not self._disabled:
            self.controls[given["name"]] = given["value"]

    def _option(self, given) -> None:
        if self._template is not None:
            self._template.append(given["value"])
        elif self._select == "domain":
            self.domains.append(given["value"])
        if self._select and "selected" in given:
            self.controls[self._select] = given["value"]

    def handle_endtag(self, tag) -> None:
        if tag == "fieldset":
            self._disabled = 0
        elif tag == "template":
            self._template = None
        elif tag == "select":
            self._select = None


@pytest.fixture(scope="module")
def form(client) -> Form:
    return Form(client.get("/").text)


def test_the_page_is_small(client) -> None:
    sizes = {name: len(client.get(f"/page/{name}").content) for name in static()}
    assert len(client.get("/").content) + sum(sizes.values()) < 200 * 1024, sizes


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere(path) -> None:
    """No address of another host, imports from beside, and nothing that a strict policy forbids or that reads answers as HTML."""
    text = path.read_text()
    assert "//" not in re.sub(r"(?m)(^|\s)// .*$", "", text)
    assert not re.search(
        r"@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|setAttribute\(.style",
        text,
    )
    imported = re.findall(r'(?m)^import .* from "([^"]+)"', text)
    assert all((PAGE / name).is_file() and name.startswith("./") for name in imported)


def test_every_file_is_loaded(client) -> None:
    """From the page, or by a module that is."""
    text = client.get("/").text + "".join(path.read_text() for path in OURS)
    assert [path.name for path in OURS if f'/{path.name}"' not in text] == []


def test_the_policy_allows_what_the_page_loads(client, form) -> None:
    assert all(set(script) - {"defer", "type"} == {"src"} for script in form.scripts)
    policy = client.get("/").headers.get("content-security-policy", "script-src 'self'")
    assert "unsafe" not in policy


def test_the_plotter_is_its_release(client) -> None:
    folder = PAGE / PLOTTER
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} == PLOTTER_FILES
    version = PLOTTER.rpartition("-")[2]
    assert client.get(f"/page/{PLOTTER}/uPlot.iife.min.js").text.startswith(
        f"/*! https://github.com/leeoniya/uPlot (v{version}) */"
    )
    assert "MIT License" in client.get(f"/page/{PLOTTER}/LICENSE").text


def test_without_scripts_it_is_a_form(client, form) -> None:
    """What is enabled in the page as sent is one question, and it is answered."""
    assert form.controls == QUESTIONS["optimal"].example
    assert client.get(form.action, params=form.controls).status_code == 200
    assert form.buttons == 1
    assert "/v1/frontier.svg?" in client.get("/").text


def test_every_domain_offered_answers_by_every_law_offered(client, form) -> None:
    assert form.domains == list(form.laws)
    assert all(form.laws.values())
    for domain, laws in form.laws.items():
        rows = client.get(f"/v1/optimal?domain={domain}&compute=1e21&law=all").json()["rows"]
        assert [row["law"] for row in rows] == laws


def test_each_domain_opens_inside_the_fit(client, form) -> None:
    """At the budget that the list of domains names; the page says where only small models are known."""
    listed = {domain["id"]: domain for domain in client.get("/v1/domains").json()}
    for domain, begin in form.begins.items():
        answer = client.get("/v1/optimal", params={"domain": domain, "compute": begin["data-compute"]}).json()
        assert answer["reach"] == "inside" or (domain == EDGE and answer["extrapolation"] < 0.05), domain
        assert float(begin["data-compute"]) == listed[domain]["example_compute"]
        assert ("data-small" in begin) == listed[domain]["small_models"]


def test_a_target_and_a_fleet_open_inside_the_fit(client) -> None:
    page = client.get("/").text
    given = dict(re.findall(r'id="(loss|count|deadline_days|mfu)" name="\w+" value="([^"]+)"', page))
    fleet = {name: given[name] for name in ("count", "deadline_days", "mfu")} | {"accelerator": "H100"}
    for question, inputs in (("target", {"loss": given["loss"]}), ("plan", fleet)):
        assert client.get(f"/v1/{question}", params={"domain": "language", **inputs}).json()["reach"] == "inside"


def test_accelerators_are_those_of_the_table(client) -> None:
    text = client.get("/").text
    assert all(f">{name}</option>" in text for name in ACCELERATORS)


def test_ways_of_asking_are_questions() -> None:
    """Each input and each field that the page names is one of the question."""
    ways = re.findall(r'question: "(\w+)", reads: "(\w+)", shows: \[([^]]+)\]', (PAGE / "asks.js").read_text())
    assert [name for name, _, _ in ways] == ["optimal", "target", "plan"]
    for name, reads, shows in ways:
        question = QUESTIONS[name]
        assert reads in inputs_of(question)
        assert re.findall(r"\w+", shows)[0] == question.headline
        assert set(re.findall(r"\w+", shows)) <= {*question.answers, *inputs_of(question)}
