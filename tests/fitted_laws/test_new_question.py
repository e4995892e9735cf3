"""A question is one class in one file: with a loss, a pin and counts of its own it can be asked in every way there is."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from serving import environment, serving

from fitted_laws import ask

ROOT = Path(__file__).parents[2]
MODULE = '''
"""`doubled` and `doubling`: a model trained on twice as many tokens."""

from typing import Any, ClassVar

from fitted_laws.asking.question import Question
from fitted_laws.answers.showing import LawCurve, WorkbookSheet
from fitted_laws.quantities.units import Params, Points, Tokens
from fitted_laws.solving.column import column
from fitted_laws.solving.optimum import geometric, surface_of
from fitted_laws.solving.solution import Solution


class Doubled(Question, frozen=True, kw_only=True):
    """What loss does a model reach on twice as many tokens?"""

    name: ClassVar[str] = "doubled"
    headline: ClassVar[str] = "expected_loss"
    answers: ClassVar[tuple[str, ...]] = ("expected_loss", "params", "tokens", "compute")
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "1B", "tokens": "20B"}
    losses: ClassVar[tuple[str, ...]] = ("expected_loss",)
    rank: ClassVar[int] = 1
    pins_floor: ClassVar[bool] = True
    forecasts: ClassVar[bool] = True
    size_fields: ClassVar[tuple[str, ...]] = ("params",)
    law_curves: ClassVar[tuple[LawCurve, ...]] = (
        LawCurve(across="tokens", low=1e6, high=1e15, up=("expected_loss",), place=0),
    )
    sheet: ClassVar[WorkbookSheet | None] = WorkbookSheet(
        title="twice the tokens", doc="Twice as many tokens.", inputs={"params": 1e9, "tokens": 2e10}, answers=answers
    )

    params: Params
    tokens: Tokens

    def solve(self, law):
        best = surface_of(law, self.irreducible_loss)
        params, tokens = column(self.params), column(self.tokens)
        fields = {
            "expected_loss": best.surface.value(params, 2 * tokens),
            "params": params,
            "tokens": 2 * tokens,
            "compute": 12 * params * tokens,
        }
        return Solution(fields=fields, sources=best.sources)


class Doubling(Question, frozen=True, kw_only=True):
    """How does the loss on twice as many tokens fall?"""

    name: ClassVar[str] = "doubling"
    headline: ClassVar[str] = "expected_loss"
    answers: ClassVar[tuple[str, ...]] = Doubled.answers
    curve: ClassVar[bool] = True
    axes: ClassVar[tuple[str, str] | None] = ("tokens", "expected_loss")
    example: ClassVar[dict[str, Any]] = {"domain": "language", "params": "1B", "tokens": "20B"}

    params: Params
    tokens: Tokens
    points: Points = 5

    def in_columns(self, law):
        tokens = geometric(self.tokens, 10 * self.tokens, self.points)
        return Doubled(domain=self.domain, **{**self.options, "params": self.params, "tokens": tokens})
'''
INPUTS = {"domain": "language", "params": "1B", "tokens": "20B"}
SAME = {"domain": "language", "params": 1e9, "tokens": 4e10}
"""What the question `loss` is asked for the same number."""
QUERY = "domain=language&params=1B&tokens=20B"
OWN = "sweep-2026-language"
"""A law with its runs, so that a pin refits it, and with a forecast."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """The packages with one file more."""
    folder = tmp_path_factory.mktemp("tree")
    for package in ("fitted_laws", "service"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "fitted_laws" / "questions" / "runs" / "doubled.py").write_text(MODULE.lstrip())
    return folder


@pytest.fixture(scope="module")
def client(tree) -> Iterator[httpx.Client]:
    with serving(tree=tree, CALCULATORS="0") as (client, _):
        yield client


def got(client, address) -> httpx.Response:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return response


def test_it_is_asked_by_get_in_every_format(client) -> None:
    """JSON, CSV and text give the number of the question `loss`; a curve is drawn."""
    loss = ask("loss", **SAME).loss
    assert got(client, f"/v1/doubled?{QUERY}").json()["expected_loss"] == loss
    assert got(client, f"/v1/doubled.csv?{QUERY}").text.splitlines()[1].startswith(f"{loss},")
    assert got(client, f"/v1/doubled.txt?{QUERY}").text == str(loss)
    assert got(client, f"/v1/doubling.json?{QUERY}").json()["rows"][0]["expected_loss"] == loss
    assert got(client, f"/v1/doubling.svg?{QUERY}").content.startswith(b"<?xml")


def test_it_is_asked_by_post_and_in_a_list(client) -> None:
    """As columns, as CSV, among others."""
    loss = ask("loss", **SAME).loss
    columns = client.post("/v1/doubled", json={**INPUTS, "tokens": ["20B", 1e10]}).json()
    assert columns["expected_loss"] == [loss, ask("loss", **{**SAME, "tokens": 2e10}).loss]
    table = client.post(
        "/v1/doubled", content="domain,params,tokens\nlanguage,1B,20B\n", headers={"Content-Type": "text/csv"}
    )
    assert table.text.splitlines()[1].startswith(f"{loss},")
    several = client.post("/v1/answers", json=[{"question": "doubled", **INPUTS}]).json()
    assert several[0]["expected_loss"] == loss


def test_its_options_work(client) -> None:
    """An irreducible loss is pinned, parameters are counted otherwise, a forecast answers, losses of several laws are marked."""
    pinned = got(client, f"/v1/doubled?{QUERY}&law={OWN}&irreducible_loss=1.0").json()
    assert pinned["expected_loss"] == ask("loss", **SAME, law=OWN, irreducible_loss=1.0).loss
    counted = got(client, f"/v1/doubled?{QUERY}&counts=non-embedding").json()
    assert counted["expected_loss"] == ask("loss", **SAME, counts="non-embedding").loss
    assert counted["params"] == 1e9
    new_run = got(client, f"/v1/doubled?{QUERY}&law={OWN}&interval=run").json()
    assert new_run["expected_loss_high"] == ask("loss", **SAME, law=OWN, interval="run").loss_high
    rows = got(client, f"/v1/doubled?{QUERY}&law=all").json()["rows"]
    assert {row["comparable"] for row in rows} == {False}
    assert all(row["loss_on"] for row in rows)
    refused = client.get("/v1/crossover?domain=language&interval=run").json()["detail"]
    assert "it is for doubled, loss, optimal" in refused


def test_it_is_asked_at_the_command_line_and_in_python(tree) -> None:
    """Both give what the service gives."""
    loss = ask("loss", **SAME).loss
    words = ["doubled", "--domain", "language", "--params", "1B", "--tokens", "20B", "--format", "txt"]
    script = f"from fitted_laws import ask; print(ask('doubled', **{INPUTS!r}).expected_loss)"
    for command in (["-m", "fitted_laws", *words], ["-c", script]):
        done = subprocess.run(
            [sys.executable, *command], cwd=tree, env=environment(), capture_output=True, text=True, check=True
        )
        assert float(done.stdout) == loss
    listed = subprocess.run(
        [sys.executable, "-m", "fitted_laws", "questions"],
        cwd=tree,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "What loss does a model reach on twice as many tokens?" in listed.stdout


def test_it_is_listed_and_described(client) -> None:
    """In the list of questions, in the OpenAPI document, on the pages; a law is pictured by its curve."""
    described = {entry["question"]: entry for entry in got(client, "/v1/questions").json()}
    assert list(described)[:2] == ["doubled", "loss"]
    assert described["doubled"]["doc"] == "What loss does a model reach on twice as many tokens?"
    paths = got(client, "/openapi.json").json()["paths"]
    assert {"/v1/doubled", "/v1/doubled.csv", "/v1/doubled.txt", "/v1/doubling.svg"} <= set(paths)
    assert json.dumps(paths["/v1/doubled"]).count("params")
    for page in ("/", "/docs"):
        assert 'docs#doubled"' in got(client, page).text or 'id="doubled"' in got(client, page).text
    law = got(client, "/v1/laws/besiroglu-2024.html").text
    assert "/v1/doubled?" in law
    assert "Expected loss (nats/token) against tokens" in law


def test_it_is_a_sheet_of_the_workbook(tree) -> None:
    """Its sheet asks it, and the lists offer the laws that can answer; without draws it is built in a fraction of the time."""
    with serving(tree=tree, CALCULATORS="0", DRAWS="0") as (client, _):
        content = zipfile.ZipFile(io.BytesIO(got(client, "/workbook.xlsx").content))
    titles = re.findall(r'<sheet name="([^"]+)"', content.read("xl/workbook.xml").decode())
    assert "twice the tokens" in titles
    number = titles.index("twice the tokens") + 1
    assert "/v1/doubled" in content.read(f"xl/worksheets/sheet{number}.xml").decode()
    assert "doubled language" in content.read("xl/sharedStrings.xml").decode()
