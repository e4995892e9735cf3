"""No text, however long, costs more than its length: every pattern, every input, by GET and by POST; and nothing reads a query in two ways."""

import functools
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from serving import problem
from stores import counted, served

from fitted_laws.asking.inputs import inputs_of
from fitted_laws.asking.reading import MAX_FAULTS
from fitted_laws.laws.draws import rounding
from fitted_laws.quantities.spelling import MAX_TEXT
from fitted_laws.questions.registry import QUESTIONS

SHORT, DOUBLINGS = 500, 5
PIECES = ("0", "1.", "1,", " ", ".", "e1", "+", "a", "a.", "-", "1 ", '"', "%")
"""What long texts are made of, each with an end that fits nothing."""


def seconds(act: Callable[[], object], tries: int = 3) -> float:
    """The least processor time of several tries: what others do on the machine adds to none of it."""
    found = []
    for _ in range(tries):
        began = time.thread_time()
        act()
        found.append(time.thread_time() - began)
    return min(found)


def is_linear(act: Callable[[str], object], piece: str) -> bool:
    """Whether `act` on texts of `piece` takes time in proportion to their length: over five doublings 32 times, by the square 1,024."""
    short, long = (f"{piece * (length // len(piece))}x!" for length in (SHORT, SHORT << DOUBLINGS))
    return seconds(lambda: act(long)) <= 200 * max(seconds(lambda: act(short)), 1e-5)


def patterns(schema: Any) -> Iterator[str]:
    """Every pattern in a schema, however deep."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from patterns(part)


def test_patterns_that_clients_are_given_are_linear(client) -> None:
    found = set(patterns(client.get("/openapi.json").json()))
    assert len(found) >= 3
    assert [
        (pattern, piece) for pattern in found for piece in PIECES if not is_linear(re.compile(pattern).search, piece)
    ] == []


def test_the_check_finds_a_pattern_that_is_not() -> None:
    assert not is_linear(re.compile(r"^[0-9]+\.?[0-9]*$").search, "0")


def test_a_printed_number_of_a_law_file_is_read_in_linear_time() -> None:
    def read(text: str) -> None:
        with pytest.raises(ValueError, match="printed number"):
            rounding(text)

    assert is_linear(read, "0")


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_long_text_is_refused_in_linear_time(client, name: str) -> None:
    """In each input: by GET up to what a query may hold, by POST alone and as a column."""
    question = QUESTIONS[name]
    for entry in inputs_of(question).values():
        given = dict(question.example)

        def ask(text: str, given: dict[str, Any] = given, entry: str = entry.name) -> None:
            for value in (text, [text]):
                assert client.post(
                    f"/v1/{name}", content=json.dumps(given | {entry: value}), headers=JSON
                ).status_code in (400, 404, 422)

        def query(text: str, given: dict[str, Any] = given, entry: str = entry.name) -> None:
            asked = "&".join(f"{key}={quote(str(value))}" for key, value in (given | {entry: text[:7500]}).items())
            assert client.get(f"/v1/{name}?{asked}").status_code in (200 if entry == "key" else 400, 400, 404, 422)

        if entry.name == "key":
            continue
        for act in (ask, query):
            refuse = functools.partial(act, "0" * 64_000 + "x")
            assert seconds(refuse, 1) < 0.5 or seconds(refuse) < 0.5  # by the square: 10 s


JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("value", ["1" + "0" * MAX_TEXT, " " * MAX_TEXT + "1e21"])
def test_a_text_longer_than_any_number_is_refused_with_the_length(client, value: str) -> None:
    found = problem(client.get("/v1/optimal", params={"domain": "language", "compute": value}), 400)
    assert f"at most {MAX_TEXT} characters" in found["errors"][0]["expected"]


@pytest.mark.parametrize(
    "body",
    [
        ("application/json", "{" + ",".join(['"compute":1'] * 60_000) + "}"),
        ("application/json", "{" + ",".join(f'"c{i}":1' for i in range(60_000)) + "}"),
        ("text/csv", ",".join(["compute"] * 60_000) + "\n"),
        ("text/csv", ",".join(f"c{i}" for i in range(60_000)) + "\n" + ",".join(["1"] * 60_000)),
    ],
    ids=["one name again and again", "names that are none", "one column again and again", "columns that are none"],
)
def test_many_names_are_refused_in_linear_time(client, body: tuple[str, str]) -> None:
    """By the square of their number these took minutes; what is wrong is named, but not sixty thousand times."""
    kind, content = body
    began = time.process_time()
    found = client.post("/v1/optimal", content=content, headers={"content-type": kind})
    assert time.process_time() - began < 5
    assert found.status_code in (200, 400)  # a list of CSV rows is 200, with an error in each
    assert len(found.content) < 1000 * MAX_FAULTS


@pytest.mark.parametrize("escaped", ["law=%61ll", "%6Caw=all", "l%61w=al%6C"])
def test_all_laws_are_dear_however_they_are_spelt(escaped: str) -> None:
    """What costs is decided by the question as it is read."""
    with served() as client:
        for _ in range(2):
            assert len(client.get(f"/v1/optimal?domain=language&compute=1e21&{escaped}").json()["rows"]) > 5
        assert counted(client, "cache_lookups_total", level="flight", result="miss") == 1


def test_errors_as_text_however_they_are_spelt(client) -> None:
    for spelt in ("errors=text", "%65rrors=t%65xt"):
        found = client.get(f"/v1/optimal.txt?domain=language&compute=no&{spelt}")
        assert (found.status_code, found.text[:5]) == (200, "#ERR:")


def test_a_key_is_one_key_however_it_is_spelt() -> None:
    """It opens, it is no part of what is remembered, and what a fresh question refuses is not answered from memory."""
    asked = "/v1/optimal?domain=language&compute=1e21"
    with served(api_keys="first") as client:
        for spelt, status in (
            ("key=first", 200),
            ("k%65y=first", 200),
            ("key=firs%74", 200),
            ("k%65y=second", 401),
            ("key=first&key=first", 401),
        ):
            assert client.get(f"{asked}&{spelt}").status_code == status, spelt
    with served() as client:
        assert client.get(asked).status_code == 200
        for spelt, status in (
            ("key=a", 200),
            ("k%65y=a", 200),
            ("key=a&key=b", 400),
            ("key=a&k%65y=b", 400),
            ("key=%ZZ", 400),
            ("key=%ff", 400),
        ):
            assert client.get(f"{asked}&{spelt}").status_code == status, spelt
