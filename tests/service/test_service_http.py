"""What HTTP asks of every address: methods, HEAD, OPTIONS, tags, lengths."""

import pytest
from serving import unnumbered

from fitted_laws import __version__
from fitted_laws.answers.formats import FORMATS
from service.protocol.conditional import CACHE_CONTROL

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
KEPT = [
    "/",
    "/docs",
    "/llms.txt",
    "/openapi.json",
    "/page/planner.js",
    "/page/style.css",
    "/v1/questions",
    "/v1/domains",
    "/v1/laws",
    "/v1/laws/besiroglu-2024",
    "/v1/accelerators",
    OPTIMAL,
    *(f"/v1/optimal.{suffix}?domain=language&compute=1e21" for suffix in FORMATS),
]


@pytest.mark.parametrize("path", [*KEPT, "/health/live", "/health/ready"])
def test_head_is_get_without_the_body(client, path) -> None:
    got, head = client.get(path), client.head(path)
    assert got.status_code == head.status_code == 200
    assert unnumbered(head) == unnumbered(got)
    assert int(head.headers["content-length"]) == len(got.content)
    assert head.content == b""


def test_head_of_a_problem_is_its_headers(client) -> None:
    got, head = client.get("/v1/optimal?domain=language"), client.head("/v1/optimal?domain=language")
    assert (head.status_code, head.content) == (400, b"")
    assert unnumbered(head) == unnumbered(got)


@pytest.mark.parametrize("path", [*KEPT, "/health/live", "/v1/answers"])
def test_options_names_the_methods(client, path) -> None:
    response = client.options(path)
    assert (response.status_code, response.content) == (204, b"")
    assert "OPTIONS" in response.headers["allow"]
    assert ("GET" in response.headers["allow"]) == (path != "/v1/answers")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/v1/optimal", "/v1/optimal.csv", "/v1/answers", "/v1/laws", "/", "/health/live"])
def test_other_methods_are_405_with_allow(client, path, method) -> None:
    response = client.request(method, path)
    assert response.status_code == response.json()["status"] == 405
    assert response.headers["allow"] == client.options(path).headers["allow"]


@pytest.mark.parametrize("path", KEPT)
def test_a_tag_held_already_gives_304(client, path) -> None:
    got = client.get(path)
    tag = got.headers["etag"]
    assert got.headers["cache-control"] == CACHE_CONTROL
    assert CACHE_CONTROL.startswith("public, ")
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        response = client.get(path, headers={"if-none-match": held})
        assert (response.status_code, response.content) == (304, b"")
        assert (response.headers["etag"], response.headers["cache-control"]) == (tag, CACHE_CONTROL)
    for other in ('"other"', tag.strip('"'), ""):
        assert client.get(path, headers={"if-none-match": other}).status_code == 200


def test_a_star_does_not_hide_a_problem(client) -> None:
    assert client.get("/v1/optimal?domain=language", headers={"if-none-match": "*"}).status_code == 400
    assert client.get("/v1/target?domain=language&loss=1", headers={"if-none-match": "*"}).status_code == 422


def test_the_tag_follows_from_the_question_alone(client) -> None:
    def tag(path) -> str:
        return client.get(path).headers["etag"]

    same = [
        "compute=1E%2B21",
        "compute=1E+21",
        "compute=1E 021",
        "compute=1ZFLOP",
        "compute=1e21&level=0.9",
        "compute=1e21&key=secret",
    ]
    assert {tag(f"/v1/optimal?domain=language&{query}") for query in same} == {
        tag("/v1/optimal.json?compute=1e21&domain=language")
    }
    others = ["compute=1e22", "compute=1e21&level=0.5", "compute=1e21&law=all"]
    tags = {
        tag(f"/v1/optimal{suffix}?domain=language&{query}")
        for query in ["compute=1e21", *others]
        for suffix in ("", ".csv", ".txt")
    }
    assert len(tags) == 12


def test_media_types(client) -> None:
    def media_type(path) -> str:
        return client.get(path).headers["content-type"]

    assert media_type(OPTIMAL) == "application/json"
    for suffix, form in FORMATS.items():
        assert media_type(OPTIMAL.replace("optimal", f"optimal.{suffix}")) == form.media_type
    assert media_type("/") == media_type("/docs") == "text/html; charset=utf-8"


def test_a_key_is_accepted_and_not_echoed(client) -> None:
    response = client.get(f"{OPTIMAL}&key=secret")
    assert response.status_code == 200
    assert "secret" not in response.text
    assert "key" not in response.json()


def test_health(client, laws) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    ready = client.get("/health/ready").json()
    assert (ready["status"], ready["catalogue"], ready["version"]) == ("ready", laws.digest, __version__)
    assert ready["checked"] > 0
    assert client.get("/health/ready").headers["cache-control"] == "no-store"
