"""How a request came: its host, once; by TLS, of which browsers are told to stay with it."""

import socket
from collections.abc import Iterator

import pytest
from serving import free_port, serving
from stores import served
from waiting import PATIENCE

from fitted_laws import load

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
HSTS = "strict-transport-security"
TLS = {"x-forwarded-proto": "https"}
YEAR = "max-age=31536000"


def said(port: int, request: bytes) -> bytes:
    """What is answered to the bytes of a request, until the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


@pytest.fixture(scope="module")
def doors() -> Iterator[list[int]]:
    """The ports of a server: of all, and of those who watch."""
    with serving(HEALTH_PORT=(watched := str(free_port())), CALCULATORS="0") as (client, _):
        yield [client.base_url.port, int(watched)]


@pytest.mark.parametrize("path", [OPTIMAL, "/", "/nowhere", "/health/live"])
def test_a_host_is_named_once(path, doors) -> None:
    for port in doors if path.startswith("/health") else doors[:1]:
        for hosts in (b"", b"Host: a.example\r\nHost: b.example\r\n", b"Host: a\r\nhost: a\r\n"):
            head = b"GET %s HTTP/1.1\r\n%sAccept: */*\r\n\r\n" % (path.encode(), hosts)
            answered = said(port, head)
            assert answered.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
            assert b"Host" in answered
        good = b"GET %s HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n" % path.encode()
        assert b" 404 " in said(port, good)[:20] or b" 200 " in said(port, good)[:20]
        assert b" 400 " not in said(port, b"GET %s HTTP/1.0\r\n\r\n" % path.encode())[:20]


def test_who_came_by_tls_is_told_to_stay() -> None:
    """Through a proxy that is trusted, whatever is answered: answers, also from memory and those held, and refusals."""
    with served(trusted_proxies=1) as client:
        for path in (OPTIMAL, OPTIMAL, "/", "/nowhere", "/v1/optimal?domain=language"):
            assert client.get(path, headers=TLS).headers[HSTS] == YEAR
            assert HSTS not in client.get(path).headers
            assert HSTS not in client.get(path, headers={"x-forwarded-proto": "http"}).headers
        etag = client.get(OPTIMAL).headers["etag"]
        again = client.get(OPTIMAL, headers={"if-none-match": etag, **TLS})
        assert (again.status_code, again.headers[HSTS]) == (304, YEAR)


def test_nobody_is_believed_who_is_not_trusted() -> None:
    """A client that says itself that it came by TLS, without a proxy or before it."""
    with served() as client:
        assert HSTS not in client.get(OPTIMAL, headers=TLS).headers
    with served(trusted_proxies=1) as client:
        assert HSTS not in client.get(OPTIMAL, headers={"x-forwarded-proto": "https, http"}).headers
    with served(trusted_proxies=2) as client:
        assert client.get(OPTIMAL, headers={"x-forwarded-proto": "https, http"}).headers[HSTS] == YEAR


def test_a_public_address_by_tls_says_it_too() -> None:
    with served(public_url="https://laws.example.com", hsts_seconds=60) as client:
        assert client.get(OPTIMAL).headers[HSTS] == "max-age=60"
    with served(public_url="https://laws.example.com", hsts_seconds=0) as client:
        assert HSTS not in client.get(OPTIMAL).headers
    with served(public_url="http://laws.example.com") as client:
        assert HSTS not in client.get(OPTIMAL).headers


def test_a_workbook_that_came_by_tls_asks_by_tls() -> None:
    with served(laws=load(draws=0, check=False), trusted_proxies=1) as client:
        plain, secure = (client.get("/workbook.xlsx", headers=headers) for headers in ({}, TLS))
        assert plain.headers["etag"] != secure.headers["etag"]
