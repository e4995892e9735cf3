"""What there is, as JSON, as OpenAPI and on the pages, is what the registries hold."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import msgspec
import pytest

from fitted_laws.asking.inputs import inputs_of
from fitted_laws.laws.lawfile import parse
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.questions import OPTIONS
from fitted_laws.questions.registry import QUESTIONS
from service.protocol.problems import KINDS


def test_questions(client) -> None:
    listed = {entry["question"]: entry for entry in client.get("/v1/questions").json()}
    assert list(listed) == list(QUESTIONS)
    for name, entry in listed.items():
        assert entry["doc"].endswith("?")
        assert entry["example"]["domain"]
        assert all(isinstance(value, str | int | float) for value in entry["example"].values())
        assert {i["name"] for i in entry["inputs"]} == set(inputs_of(QUESTIONS[name]))
        assert [answer["name"] for answer in entry["answers"]] == list(QUESTIONS[name].answers)
        numeric = [i for i in entry["inputs"] if i["type"] in ("number", "integer")]
        assert all(i["low"] < i["high"] for i in numeric)
        assert all(i["unit"] for i in numeric if not i["option"])


def test_units_of_answers(client) -> None:
    optimal = next(entry for entry in client.get("/v1/questions").json() if entry["question"] == "optimal")
    units = {answer["name"]: answer["unit"] for answer in optimal["answers"]}
    assert (units["params_min"], units["loss"], units["compute"]) == ("count", "nats/token", "FLOP")


def test_domains_and_laws(client, laws) -> None:
    domains = client.get("/v1/domains").json()
    assert [domain["id"] for domain in domains] == [domain.id for domain in laws.domains]
    language = next(domain for domain in domains if domain["id"] == "language")
    assert language["laws"] == [law.id for law in laws.of("language")]
    assert {law["id"] for law in client.get("/v1/laws").json()} == {law.id for law in laws}


def test_a_law_is_given_as_a_law_file(client, laws) -> None:
    """What /v1/laws/<id> answers can be saved, and is read as the same relations."""
    for id in {law.id for law in laws}:
        raw = client.get(f"/v1/laws/{id}").content
        held = [relation for law in laws.named(id) for relation in law.relations.values()]
        again = parse(raw, "served.json")
        assert [msgspec.to_builtins(relation) for relation in again] == [
            msgspec.to_builtins(relation) for relation in held
        ]
        tree = json.loads(raw)
        assert tree["id"] == id
        assert len(held) > 1 or {"domain", "form", "coefficients"} <= set(tree)


def test_accelerators(client) -> None:
    assert [row["id"] for row in client.get("/v1/accelerators").json()] == list(ACCELERATORS)


def test_domains_known_from_small_models_say_so(client) -> None:
    """Where every law of a loss is of our own small sweeps; a published law of transfer alone changes nothing."""
    small = {d["id"]: d["scale"] for d in client.get("/v1/domains").json() if d["small_models"]}
    assert {"code", "markov", "captions", "video-vq-8x8x8"} <= small.keys()
    assert not {"language", "math", "image-8x8", "image-diffusion"} & small.keys()
    assert small["code"].endswith("models of 3.46 k to 98.3 k parameters")


def test_a_page_for_agents_names_every_question_and_works(client, laws) -> None:
    """Each of its links is answered; it is short enough to be read whole."""
    text = client.get("/llms.txt").text
    linked = re.findall(r"\]\((/[^)]*)\)", text)
    assert [path for path in linked if client.get(path).status_code != 200] == []
    assert [name for name in QUESTIONS if f"[{name}](/v1/{name}?" not in text] == []
    assert all(f"| {domain.id} |" in text for domain in laws.domains)
    assert len(text) < 12_000


class Links(HTMLParser):
    """Addresses that a page leads to, and those that it loads."""

    def __init__(self) -> None:
        super().__init__()
        self.targets, self.loaded, self.ids, self.inline = [], [], set(), []

    def handle_starttag(self, tag, attributes) -> None:
        given = dict(attributes)
        self.ids.add(given.get("id"))
        if tag == "a":
            self.targets.append(given["href"])
        if tag in ("link", "script", "img"):
            self.loaded.append(given.get("href") or given.get("src"))
        if "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)


def links(client, path) -> Links:
    found = Links()
    found.feed(client.get(path).text)
    return found


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_load_nothing_from_elsewhere(client, path) -> None:
    page = links(client, path)
    assert page.loaded
    assert not page.inline
    for address in page.loaded:
        assert address == "data:," or client.get(address).status_code == 200
    assert "http://" not in client.get("/page/style.css").text + client.get("/page/planner.js").text


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_links_of_pages_work(client, path) -> None:
    page = links(client, path)
    for target in page.targets:
        if target.startswith("#"):
            assert target[1:] in page.ids
        else:
            unheld = any(target.startswith(f"/v1/{name}") for name in QUESTIONS)  # its law may not be shipped yet
            assert client.get(target).status_code in ((200, 404, 422) if unheld else (200,)), target


def test_docs_tell_every_question_input_and_problem(client) -> None:
    page, text = links(client, "/docs"), client.get("/docs").text
    for name, question in QUESTIONS.items():
        assert name in page.ids
        assert any(target.startswith(f"/v1/{name}?domain=") for target in page.targets)
        for entry in inputs_of(question).values():
            assert f"<code>{entry.name}</code>" in text
    assert set(OPTIONS) <= {word for word in text.replace("<", ">").split(">") if word in OPTIONS}
    assert {kind.slug for kind in KINDS.values()} <= page.ids


def test_the_first_page_asks(client) -> None:
    text = client.get("/").text
    assert '<form id="form" action="/" method="get">' in text
    assert "curl &#x27;http://127.0.0.1:8000/v1/optimal?domain=language&amp;compute=1e21&#x27;" in text


@pytest.mark.parametrize("path", ["/v1/laws", "/v1/domains", "/v1/accelerators", "/v1/questions"])
def test_a_list_is_a_page_in_a_browser(client, path) -> None:
    """JSON stays what programs get; both say that they depend on what is accepted."""
    page = client.get(path, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    data = client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert data.headers["content-type"] == "application/json"
    assert page.headers["vary"] == data.headers["vary"] == "Accept"
    assert page.headers["etag"] != data.headers["etag"]
    first = data.json()[0]
    assert str(first.get("id") or first["question"]) in page.text


@pytest.mark.parametrize("name", ["laws", "domains", "accelerators", "questions"])
def test_a_list_is_a_table_too(client, name) -> None:
    """For the menu of a sheet: a row each, in order, every field a column; lists stand joined."""
    table = list(csv.DictReader(io.StringIO(client.get(f"/v1/{name}.csv").text)))
    records = client.get(f"/v1/{name}").json()
    first = "question" if name == "questions" else "id"
    assert [row[first] for row in table] == [record[first] for record in records]
    assert set(table[0]) == set(records[0])


def test_what_a_law_covers_stands_joined(client) -> None:
    table = {row["id"]: row for row in csv.DictReader(io.StringIO(client.get("/v1/laws.csv").text))}
    listed = {law["id"]: law for law in client.get("/v1/laws").json()}
    assert table["kaplan-2020"]["relations"].split(" | ") == listed["kaplan-2020"]["relations"]
    asked = {row["question"]: row for row in csv.DictReader(io.StringIO(client.get("/v1/questions.csv").text))}
    assert client.get(f"/v1/optimal?{asked['optimal']['example']}").status_code == 200
    assert asked["optimal"]["inputs"].startswith("domain | compute")
