"""A path that is not exactly a resource's is nobody's, however near it comes; a key is asked for by the resource, not by how its path is written."""

import asyncio
import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from litestar import Litestar
from serving import serving
from stores import metrics
from waiting import PATIENCE

from fitted_laws import Laws
from fitted_laws.catalogue import shipped
from service.app import create_app, resources
from service.protocol.messages import Resource
from service.settings import Settings
from service.telemetry.health import Readiness

KEY = "a key of ours"
BARE, KEYED = {}, {"x-api-key": KEY}


def held() -> list[Resource]:
    return list(resources(shipped(), Settings(), metrics(), None, Readiness(shipped())))


PATHS = [resource.path for resource in held()]


def disguises(path: str) -> Iterator[str]:
    """`path` as proxies, routers and file systems would have it mean `path`."""
    name = path.rpartition("/")[2]
    yield from (
        f"/{path}",
        f"/%2F{path[1:]}",
        f"/.{path}",
        f"/x/..{path}",
        f"/%2e{path}",
        f"{path};x",
        f"{path}%20",
        f"{path}%00",
        f"{path}%3Fx=1",
    )
    if name:
        escaped = path.replace("v1", "%76%31") if "v1" in path else f"{path[: -len(name)]}%{ord(name[0]):02x}{name[1:]}"
        yield from (
            f"{path}/",
            f"{path}/.",
            f"{path}%2F",
            f"{path}//",
            path.upper(),
            escaped,
            path.replace("/", "//"),
            path.replace("/", "\\"),
        )


CLOSED = [disguise for path in PATHS for disguise in disguises(path) if disguise not in PATHS]
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
SOME = CLOSED[::9]
"""What is asked with a key too, and over a socket: each costs milliseconds. Nine is prime to their number a resource: every way comes."""


async def asked(app, method: str, target: str, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and body of a reply, with the scope that the server makes of a target."""
    raw_headers = [(name.encode(), value.encode()) for name, value in {"host": "here", **headers}.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "root_path": "",
        "state": {},
    }
    scope |= {"path": unquote(target), "raw_path": target.encode(), "query_string": b"", "headers": raw_headers}
    scope |= {"client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000)}
    sent: list = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def statuses(app, method: str, headers: dict[str, str], targets: list[str]) -> dict[str, int]:
    async def ask() -> dict[str, int]:
        return {target: (await asked(app, method, target, headers))[0] for target in targets}

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def keyed(laws: Laws) -> Litestar:
    return create_app(laws, Settings(api_keys=KEY))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("headers", "targets"), [(BARE, CLOSED), (KEYED, SOME)], ids=["without a key", "with one"])
def test_no_disguise_is_answered(keyed, headers: dict[str, str], targets: list[str], method: str) -> None:
    if headers is KEYED:  # each method its quarter
        targets = targets[METHODS.index(method) :: len(METHODS)]
    found = statuses(keyed, method, headers, targets)
    assert {target: status for target, status in found.items() if status != 404} == {}


def test_documents_and_health_are_all_that_is_open(keyed) -> None:
    """Without a key every resource is 401 but these; no resource is open because nobody thought of it."""
    found = statuses(keyed, "GET", BARE, PATHS)
    opened = {path for path, status in found.items() if status != 401}
    assert {path for path in opened if not path.startswith("/page/")} == {
        "/",
        "/docs",
        "/llms.txt",
        "/openapi.json",
        "/health/live",
        "/health/ready",
    }
    assert set(statuses(keyed, "GET", KEYED, ["/v1/laws", "/metrics", "/v1/optimal"]).values()) == {
        200,
        400,
    }  # the last lacks its inputs


def test_no_disguise_is_answered_over_a_socket() -> None:
    """As above, from the bytes of a request line on."""
    with serving(API_KEYS=KEY, CALCULATORS="0") as (client, _):
        connection = http.client.HTTPConnection("127.0.0.1", client.base_url.port, timeout=PATIENCE)
        wrong = {}
        for headers, targets in ((BARE, CLOSED), (KEYED, SOME)):
            for target in ("/v1/laws", *targets):
                connection.putrequest("GET", target, skip_accept_encoding=True)
                for name, value in headers.items():
                    connection.putheader(name, value)
                connection.endheaders()
                reply = connection.getresponse()
                reply.read()
                if reply.status not in (400, 404):  # 400: what is no request line at all
                    wrong[target, bool(headers)] = reply.status
        connection.close()
    assert wrong == {("/v1/laws", False): 401, ("/v1/laws", True): 200}


def test_the_nearest_address_is_named_to_who_has_a_key(keyed) -> None:
    for headers, near in ((BARE, False), (KEYED, True)):
        status, body = asyncio.run(asked(keyed, "GET", "//v1/optimal", headers))
        assert status == 404
        assert (b"/v1/optimal" in body.replace(b"//v1/optimal", b"")) == near
