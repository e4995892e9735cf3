"""The real server: it starts, answers over a socket, and stops when told to."""

import contextlib
import os
import signal
import socket
from pathlib import Path

import httpx
import pytest
from serving import descendants, free_port, run, serving
from stores import counted
from waiting import PATIENCE, eventually

from service import server, settings


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(sign) -> None:
    with serving() as (client, process):
        got = client.get("/v1/optimal.txt?domain=language&compute=1E+21")
        assert float(got.text) > 0
        head = client.head("/v1/optimal.txt?domain=language&compute=1E+21")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert client.get("/health/ready").status_code == 200
        process.send_signal(sign)
        assert process.wait(PATIENCE) == 0


def test_http_as_it_comes_over_a_socket() -> None:
    """Where a host has a name."""
    with serving(HOST="localhost", MAX_BODY_BYTES="1000", CALCULATORS="0") as (client, _):
        assert client.options("/v1/optimal").headers["allow"] == "GET, HEAD, OPTIONS, POST"
        assert client.request("BREW", "/v1/optimal").status_code == 405
        tag = client.get("/v1/optimal?domain=language&compute=1e21").headers["etag"]
        assert client.get("/v1/optimal?domain=language&compute=1e21", headers={"if-none-match": tag}).status_code == 304
        assert client.get("/v1/%ff%00").status_code == 404
        json = {"content-type": "application/json"}
        assert client.post("/v1/optimal", content=b" " * 5_000_000, headers=json).status_code == 413
        assert client.post("/v1/optimal", content=iter([b" " * 999] * 5000), headers=json).status_code == 413
        assert client.get("/health/live").status_code == 200


def test_check() -> None:
    good = run("--check")
    assert (good.returncode, good.stderr) == (0, "")
    assert "hold" in good.stdout


def test_help_tells_the_settings() -> None:
    told = run("--help")
    assert told.returncode == 0
    assert "PUBLIC_URL" in told.stdout
    assert "4000" in told.stdout


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_bad_setting_stops_the_start(arguments) -> None:
    told = run(*arguments, PORT="http")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("PORT: expected")


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_a_malformed_law_file_stops_the_start(arguments, tmp_path) -> None:
    (tmp_path / "bad.json").write_text('{"id": "bad"}')
    told = run(*arguments, LAWS=str(tmp_path))
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("bad.json: ")
    assert len(told.stderr.splitlines()) == 1


@pytest.mark.parametrize(("setting", "named"), [("PORT", "HOST, PORT"), ("HEALTH_PORT", "HEALTH_PORT")])
def test_an_address_in_use_stops_the_start(setting, named) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = run(**{"PORT": str(free_port()), setting: str(taken.getsockname()[1])})
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"{named}: cannot listen on 127.0.0.1")
    assert len(told.stderr.splitlines()) == 1


def test_options_go_before_the_environment(tmp_path) -> None:
    """`--host`, `--port` and `--laws`, each in place of its variable."""
    told = run("--host", "nowhere.invalid", "--port", "81", HOST="127.0.0.1", PORT="82")
    assert told.stderr.startswith("HOST, PORT: cannot listen on nowhere.invalid port 81")
    (tmp_path / "bad.json").write_text('{"id": "bad"}')
    told = run("--check", "--laws", str(tmp_path / "bad.json"), LAWS="nowhere.json")
    assert (told.returncode, told.stderr.partition(":")[0]) == (2, "bad.json")


def test_a_host_that_is_none_stops_the_start() -> None:
    told = run(HOST="nowhere.invalid")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("HOST, PORT: cannot listen on nowhere.invalid")


def workers_of(parent) -> list[int]:
    """The workers among the processes that a server has started; one that has just gone is none."""
    workers = []
    for pid in descendants(parent):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if b"service.calculator" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                workers.append(pid)
    return workers


def test_a_death_is_said_and_counted_and_two_at_once_are_survived(tmp_path) -> None:
    """Two workers within a moment; each has its line on standard error, and others take their places."""
    log = tmp_path / "log"
    with log.open("wb") as stream, serving(stream, WORKERS="2", CALCULATORS="0") as (client, process):
        eventually(lambda: len(workers_of(process.pid)) == 2)
        for pid in workers_of(process.pid):
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: log.read_text().count("another takes its place") == 2)
        eventually(lambda: answers(client) and counted(client, "worker_deaths_total") == 2)


def answers(client) -> bool:
    try:
        return client.get("/health/live").status_code == 200
    except httpx.TransportError:
        return False


def test_a_worker_that_dies_at_once_again_ends_the_service_with_a_word(tmp_path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream, serving(stream, CALCULATORS="0") as (_, process):
        first = workers_of(process.pid)
        os.kill(first[0], signal.SIGKILL)
        second = eventually(lambda: set(workers_of(process.pid)) - set(first))
        os.kill(second.pop(), signal.SIGKILL)
        assert process.wait(PATIENCE) == 1
    assert "died twice within seconds" in log.read_text()


def test_without_its_parent_nothing_stays() -> None:
    """Neither workers nor calculators."""
    with serving(WORKERS="2") as (_, process):
        left = descendants(process.pid)
        assert len(left) >= 3
        process.kill()
        process.wait()
        eventually(lambda: not any(running(pid) for pid in left))


def running(pid) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def test_without_room_for_metrics_workers_tell_their_own_and_that_is_said(capsys, monkeypatch) -> None:
    """As many workers as no disk has room for."""
    monkeypatch.setenv(settings.METRICS_FOLDER, "")  # after the test it is as it was before, whatever is set meanwhile
    monkeypatch.delenv(settings.METRICS_FOLDER)
    with server.metrics_shared(10**9):
        assert settings.metrics_folder() is None
    assert "metrics need" in capsys.readouterr().err
    with server.metrics_shared(1):
        assert settings.metrics_folder().is_dir()
    assert capsys.readouterr().err == ""
