"""A service that takes tables: a law comes back, answers with its question, and leaves nothing behind; a child that takes too much is ended."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from serving import serving
from tables import table
from waiting import PATIENCE, eventually

from fitted_laws import ask, load
from service.api.fit import Turn
from service.app import create_app
from service.compute.child import Bounds, run
from service.protocol.problems import Refused
from service.settings import Settings, of_a_child

CSV = {"Content-Type": "text/csv"}
KEY = "a-key-that-nobody-guesses"


@pytest.fixture(scope="module")
def taking() -> Iterator[Any]:
    """A service that takes tables and asks for a key."""
    with serving(UPLOADS="1", API_KEYS=KEY, CALCULATORS="1") as (client, _):
        client.headers["X-API-Key"] = KEY
        yield client


@pytest.fixture(scope="module")
def fitted(taking) -> dict[str, Any]:
    reply = taking.post("/v1/fit?id=mine", content=table(), headers=CSV)
    assert reply.status_code == 200, reply.text
    assert reply.headers["cache-control"] == "no-store"
    return reply.json()


def test_a_table_becomes_the_law_that_the_command_makes(fitted, tmp_path) -> None:
    """With its page, and with which column was read as what."""
    (tmp_path / "runs.csv").write_text(table())
    words = ["fit", "runs.csv", "-o", "law.json", "--id", "mine"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(
        [sys.executable, "-P", "-m", "trainer", *words], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    assert fitted["law"] == json.loads((tmp_path / "law.json").read_text())
    assert fitted["read_as"] == [
        "read model_size as params",
        "read D (B tokens) as tokens × 1e+09",
        "read val loss as loss",
    ]
    assert fitted["report"].lstrip().lower().startswith("<!doctype html>")


def test_the_law_answers_with_its_question_alone(taking, fitted, tmp_path) -> None:
    """The same numbers as from a file, no domain needed, as columns; not the catalogue's laws."""
    (tmp_path / "law.json").write_text(json.dumps(fitted["law"]))
    expected = ask("optimal", load([tmp_path / "law.json"], shipped=False), domain="runs", compute=[1e20, 1e21])
    got = taking.post("/v1/optimal", json={"law": fitted["law"], "compute": [1e20, "1e21"]})
    assert got.status_code == 200, got.text
    assert got.headers["cache-control"] == "no-store"
    for name in ("params", "params_low", "loss_high"):
        assert got.json()[name] == expected.column(name)
    assert got.json()["law"] == "mine"
    assert taking.post("/v1/shape", json={"law": fitted["law"], "params": 1e9}).status_code == 422


def test_a_strangers_law_is_no_label(taking, fitted) -> None:
    assert taking.post("/v1/optimal", json={"law": fitted["law"], "compute": 1e21}).status_code == 200
    scraped = taking.get("/metrics").text
    assert 'law="mine"' not in scraped
    assert 'domain="mine"' not in scraped


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": "nope"}, "form: expected one of"),
        ({"coefficients": {}}, "law"),
        ({"draws": {"shape": [10**9, 5], "data": "AAAA"}}, "law"),
        ({"citation": "x" * 300_000}, "at most 250000 bytes"),
        ({"id": None}, "law"),
        ({"domain": ["a"]}, "law"),
        ({"ranges": {"params": [1, "<script>"]}}, "law"),
    ],
)
def test_what_is_no_law_is_refused(taking, fitted, change, said) -> None:
    reply = taking.post("/v1/optimal", json={"law": {**fitted["law"], **change}, "compute": 1e21})
    assert reply.status_code == 400, reply.text
    assert said in reply.json()["detail"]


@pytest.mark.parametrize(
    ("body", "headers", "address", "status", "said"),
    [
        ("a,b\n1,2\n", CSV, "/v1/fit", 400, "expected a column loss"),
        ("params,tokens,loss\n1e6,1e8,3\n2e6,1e8,2.9\n", CSV, "/v1/fit", 422, "at least 5 usable rows"),
        (table(), CSV, "/v1/fit?form=/etc", 400, "invalid choice"),
        (table(), CSV, "/v1/fit?output=/tmp/x", 400, "an unknown option"),
        ("x" * 1_000_001, CSV, "/v1/fit", 413, "larger than 1000000 bytes"),
        (table(), {"Content-Type": "text/html"}, "/v1/fit", 415, "text/csv"),
        (table(), {**CSV, "Content-Encoding": "gzip"}, "/v1/fit", 415, "Content-Encoding"),
    ],
)
def test_what_is_no_table_is_refused(taking, body, headers, address, status, said) -> None:
    reply = taking.post(address, content=body, headers=headers)
    assert reply.status_code == status, reply.text
    assert said in reply.json()["detail"]


def test_several_curves_are_sent_one_by_one(taking) -> None:
    lines = table().splitlines()
    several = "\n".join([f"curve,{lines[0]}", *(f"{name},{line}" for name in "ab" for line in lines[1:])])
    reply = taking.post("/v1/fit", content=several, headers=CSV)
    assert reply.status_code == 422, reply.text
    assert "send each by itself" in reply.json()["detail"]


def test_one_table_is_fitted_at_a_time(taking) -> None:
    """Others are told to come again, and the rest of the service answers meanwhile."""

    def status() -> int:
        return taking.post("/v1/fit", content=table(), headers=CSV).status_code

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(status)
        others = set()
        while not first.done() and 503 not in others:
            others.add(status())
        assert taking.get("/v1/optimal?domain=language&compute=1e21").status_code == 200
        assert {first.result(), *others} == {200, 503}


def test_workers_share_one_turn(tmp_path) -> None:
    """Each has a turn of its own making, in the folder that they share; who has failed has given it back."""
    first, second = Turn(tmp_path), Turn(tmp_path)
    with first.taken(), pytest.raises(Refused, match="another table"), second.taken():
        pass
    with pytest.raises(ZeroDivisionError), first.taken():
        raise ZeroDivisionError
    with second.taken():
        pass


def test_a_key_is_asked_for(taking) -> None:
    assert taking.post("/v1/fit", content=table(), headers={**CSV, "X-API-Key": "another"}).status_code == 401


def test_nothing_is_taken_unless_it_is_set(client, fitted) -> None:
    assert client.post("/v1/fit", content=table(), headers=CSV).status_code == 404
    assert client.get("/fit").status_code == 404
    assert "/v1/fit" not in client.get("/openapi.json").json()["paths"]
    assert "/fit" not in client.get("/").text
    reply = client.post("/v1/optimal", json={"law": fitted["law"], "compute": 1e21})
    assert reply.status_code == 400
    assert "UPLOADS=1" in reply.json()["detail"]


def test_the_page_is_there_where_tables_are_taken(laws) -> None:
    with TestClient(create_app(laws, Settings(uploads=True))) as client:
        assert 'href="/fit"' in client.get("/").text
        page = client.get("/fit")
        operation = client.get("/openapi.json").json()["paths"]["/v1/fit"]["post"]
    assert operation["requestBody"]["content"].keys() == {"text/csv", "application/json", "application/x-ndjson"}
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]


BOUNDS = Bounds(memory=300_000_000, processor=1, file=1_000_000, seconds=PATIENCE)


def child(folder: Path, program: str, bounds: Bounds = BOUNDS) -> Any:
    """What comes of a program that a child runs."""
    for each in ("lib", "work"):
        (folder / each).mkdir(exist_ok=True)
    (folder / "lib" / "greedy.py").write_text(program)
    return run(["greedy"], folder / "work", bounds, {"PYTHONPATH": str(folder / "lib")})


@pytest.mark.parametrize(
    ("program", "code"),
    [
        pytest.param("x = bytearray(10**9)", 1, id="memory"),
        pytest.param("while True: pass", -9, id="processor"),
        pytest.param("open('big', 'wb').write(bytes(2_000_000))", 1, id="file"),
        pytest.param("print('a' * 10_000_000)", None, id="output"),
    ],
)
def test_a_child_that_takes_too_much_is_ended(tmp_path, program, code) -> None:
    ran = child(tmp_path, program)
    assert ran.code == code if code is not None else ran.code != 0
    assert len(ran.out) <= BOUNDS.file


def test_what_a_child_has_started_is_ended_with_it(tmp_path) -> None:
    """Also where it sleeps: after so many seconds, whatever it does; more of them where it had not begun by then."""
    program = "import subprocess, sys, time\nprint(subprocess.Popen(['sleep', '600']).pid, flush=True)\ntime.sleep(600)"
    for seconds in (1, 5, 25, PATIENCE):
        ran = child(tmp_path, program, msgspec.structs.replace(BOUNDS, seconds=seconds))
        assert ran.code == -9
        if ran.out:
            break
    state = Path(f"/proc/{int(ran.out)}/stat")
    eventually(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")


def test_a_child_is_told_nothing_that_is_ours(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("API_KEYS", KEY)
    monkeypatch.setenv("REDIS_URL", "redis://:secret@host")
    told = of_a_child(tmp_path)
    assert KEY not in str(told)
    assert "secret" not in str(told)
    assert told["HOME"] == told["TMPDIR"] == str(tmp_path)


def test_a_service_without_the_trainer_does_not_start(tmp_path) -> None:
    """It would take tables and fail each."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\nu.find_spec = lambda name, *more: None if name == 'trainer' else find(name, *more)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-m", "service", "--check"],
        env={**os.environ, "UPLOADS": "1", "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == 'UPLOADS=1 needs the trainer, which is not installed: pip install "fitted-laws[trainer]"\n'
