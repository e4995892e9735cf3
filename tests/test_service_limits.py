"""Every limit from both sides: what is just inside is answered, what is just outside gets its problem."""

import asyncio
import contextlib
import hashlib
import os
import threading
import time

import pytest
from serving import problem, serving
from stores import counted, eventually, metrics, served, valkey

from service import settings
from service.helpers import Helpers
from service.keys import CHECK_SECONDS, Keys
from service.limits import Turnstile
from service.messages import Request
from service.problems import Refused
from service.rates import Rates
from service.settings import BadSetting, Rate, Settings

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"
COLUMN = {"domain": "language", "compute": [1e20, 1e21, 1e22]}


def test_rows():
    with served(max_rows=3) as client:
        assert client.post("/v1/optimal", json=COLUMN).status_code == 200
        found = problem(client.post("/v1/optimal", json=COLUMN | {"compute": [1e20] * 4}), 413)
        assert "at most 3" in found["detail"]


def test_bytes():
    body = b'{"domain": "language", "compute": 1e21}'
    with served(max_body_bytes=len(body)) as client:
        json = {"content-type": "application/json"}
        assert client.post("/v1/optimal", content=body, headers=json).status_code == 200
        problem(client.post("/v1/optimal", content=body + b" ", headers=json), 413)


def test_points():
    path = "/v1/frontier?domain=language&compute_min=1e20&compute_max=1e24&points="
    with served(max_points=5) as client:
        assert len(client.get(f"{path}5").json()["rows"]) == 5
        for found in (client.get(f"{path}6"), client.post("/v1/frontier", json={"domain": "language", "compute_min": 1e20, "compute_max": 1e24})):
            assert problem(found, 400)["errors"][0]["expected"] == "at most 5 points (MAX_POINTS)"


def test_draws():
    assert settings.read({"DRAWS": "100000"}).draws == 100_000
    with pytest.raises(BadSetting, match="DRAWS"):
        settings.read({"DRAWS": "100001"})


def test_concurrency():
    turnstile = Turnstile(2, metrics())
    with turnstile.passed(), turnstile.passed(), pytest.raises(Refused) as refused, turnstile.passed():
        pass
    assert refused.value.status == 503
    assert ("Retry-After", "1") in refused.value.headers
    with turnstile.passed(), turnstile.passed():
        pass


def test_concurrency_is_refused_over_http():
    """One body in hand, which does not end; small questions are answered all the same."""
    with serving(MAX_CONCURRENT="1") as (client, _):
        release = threading.Event()

        def slowly():
            yield b" "
            release.wait(20)
            yield b"{}"

        json = {"content-type": "application/json"}
        held = threading.Thread(target=lambda: client.post("/v1/optimal", content=slowly(), headers=json))
        held.start()
        eventually(lambda: counted(client, "http_requests_in_flight") == 2)
        refused = client.post("/v1/optimal", json=COLUMN)
        assert (problem(refused, 503)["status"], refused.headers["retry-after"]) == (503, "1")
        assert client.get(OPTIMAL).status_code == 200
        release.set()
        held.join()
        assert client.post("/v1/optimal", json=COLUMN).status_code == 200
        assert counted(client, "refused_total", limit="concurrency") > 0


@pytest.mark.parametrize("helpers", ["0", "1"])
def test_time(helpers):
    """A question that takes too long gets 503, and the next is answered."""
    slow = {"domain": "language", "compute": [1e21] * 1000}
    with serving(MAX_SECONDS="0.05", HELPERS=helpers) as (client, _):
        refused = client.post("/v1/optimal", json=slow)
        assert "MAX_SECONDS" in problem(refused, 503)["detail"]
        assert refused.headers["retry-after"] == "5"
        assert client.get(OPTIMAL).status_code == 200
        assert counted(client, "refused_total", limit="time") == 1
    with serving(MAX_SECONDS="60", HELPERS=helpers) as (client, _):
        assert client.post("/v1/optimal", json=COLUMN | {"compute": [1e21] * 100}).status_code == 200


def test_a_helper_that_died_is_replaced():
    helpers = Helpers(1, 30)
    ask = Request(method="GET", path="/v1/optimal", query=b"domain=language&compute=1e21")
    try:
        first = asyncio.run(helpers.run(None, ask))
        os.kill(helpers._idle[0]._process.pid, 9)  # noqa: SLF001 - it offers no other way
        assert asyncio.run(helpers.run(None, ask)) == first
    finally:
        helpers.close()


def test_helpers_answer_as_threads_do():
    paths = [
        OPTIMAL,
        f"{OPTIMAL}&law=all",
        "/v1/frontier.svg?domain=language&compute_min=1e20&compute_max=1e24&points=3",
        "/v1/crossover?domain=math",
    ]
    with serving(HELPERS="1") as (one, _), served() as other:
        for path in paths:
            assert one.get(path).content == other.get(path).content
        wide = COLUMN | {"compute": [1e20 + i for i in range(100)]}
        assert one.post("/v1/optimal", json=wide).content == other.post("/v1/optimal", json=wide).content
        bad = COLUMN | {"compute": [1e20] * 100 + [-1]}
        assert problem(one.post("/v1/optimal", json=bad), 400) == problem(other.post("/v1/optimal", json=bad), 400)


def hashed(key):
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


WAYS = {
    "bearer": lambda key: {"headers": {"authorization": f"Bearer {key}"}},
    "header": lambda key: {"headers": {"x-api-key": key}},
    "query": lambda key: {"params": {"domain": "language", "compute": "1e21", "key": key}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_key_opens(way):
    with served(api_keys=f"first,{hashed('second')}") as client:
        for key, status in (("first", 200), ("second", 200), (hashed("second"), 401), ("third", 401), ("", 401)):
            for _ in range(2):
                found = client.get(OPTIMAL, **WAYS[way](key))
                assert found.status_code == status
        assert found.headers["www-authenticate"].startswith("Bearer")
        problem(found, 401)
        assert counted_with(client, "first", "refused_total", limit="key") == 6


def counted_with(client, key, *name, **labels):
    client.headers["x-api-key"] = key
    return counted(client, *name, **labels)


def test_what_a_key_opened_is_not_kept_by_shared_caches():
    with served(api_keys="first") as client:
        for _ in range(2):
            found = client.get(OPTIMAL, headers={"x-api-key": "first"})
            assert found.headers["cache-control"] == "private, max-age=300"


def test_documents_and_health_are_open():
    with served(api_keys="first") as client:
        for path, status in (("/", 200), ("/docs", 200), ("/openapi.json", 200), ("/health/ready", 200), ("/metrics", 401), ("/v1/laws", 401)):
            assert client.get(path).status_code == status


def test_a_key_in_the_query_changes_neither_tag_nor_answer(client):
    one, other = client.get(OPTIMAL), client.get(f"{OPTIMAL}&key=abc")
    assert (one.content, one.headers["etag"]) == (other.content, other.headers["etag"])


def test_keys_rotate_without_a_restart(tmp_path):
    file = tmp_path / "keys"
    file.write_text(f"# ours\nold\n\n{hashed('other')}\n")
    with served(api_keys_file=str(file)) as client:

        def opens(key):
            return client.get(OPTIMAL, headers={"x-api-key": key}).status_code == 200

        assert opens("old")
        assert opens("other")
        assert not opens("# ours")
        (tmp_path / "new").write_text("new\n")
        (tmp_path / "new").replace(file)
        eventually(lambda: opens("new"), 10 * CHECK_SECONDS)
        assert not opens("old")
        file.unlink()
        time.sleep(1.1 * CHECK_SECONDS)
        assert opens("new")


@pytest.mark.parametrize("given", [{"API_KEYS": "sha256:abc"}, {"API_KEYS_FILE": "/nowhere/keys"}])
def test_a_bad_key_stops_the_start(given):
    with pytest.raises(BadSetting, match="API_KEYS"):
        settings.read(given)


def test_a_secret_is_in_no_message():
    for given in ({"API_KEYS": "sha256:s3cret"}, {"REDIS_URL": "http://:s3cret@here"}):
        with pytest.raises(BadSetting) as bad:
            settings.read(given)
        assert "s3cret" not in str(bad.value)


def test_an_empty_file_of_keys_opens_nothing(tmp_path):
    (tmp_path / "keys").write_text("")
    keys = Keys("", tmp_path / "keys")
    assert keys.needed
    with pytest.raises(Refused):
        keys.owner({b"x-api-key": b"any"}, b"")


def test_a_rate():
    with served(rate_limit="3/hour") as client:
        found = [client.get(OPTIMAL) for _ in range(3)]
        assert [response.status_code for response in found] == [200] * 3
        assert [response.headers["ratelimit"].split(";")[1] for response in found] == ["r=2", "r=1", "r=0"]
        assert found[0].headers["ratelimit-policy"] == '"default";q=3;w=3600'
        refused = client.get(OPTIMAL)
        problem(refused, 429)
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert client.get("/health/live").status_code == 200
        assert counted(client, "refused_total", limit="rate") == 1


def test_a_rate_is_of_a_key_or_an_address():
    with served(rate_limit="1/hour", api_keys="first,second", trusted_proxies=1) as client:
        statuses = [client.get(OPTIMAL, headers={"x-api-key": key}).status_code for key in ("first", "second", "first")]
        assert statuses == [200, 200, 429]
    with served(rate_limit="1/hour", trusted_proxies=1) as client:
        seen = ["1.1.1.1", "2.2.2.2", "9.9.9.9, 1.1.1.1"]
        assert [client.get(OPTIMAL, headers={"x-forwarded-for": each}).status_code for each in seen] == [200, 200, 429]
    with served(rate_limit="1/hour") as client:
        assert [client.get(OPTIMAL, headers={"x-forwarded-for": each}).status_code for each in seen] == [200, 429, 429]


def test_a_window_ends():
    now = 0.0
    rates = Rates(Rate(1, 60), None, metrics(), lambda: now)
    rates.passed("one")
    now = 59.0
    with pytest.raises(Refused) as refused:
        rates.passed("one")
    assert ("Retry-After", "1") in refused.value.headers
    now = 60.0
    rates.passed("one")


def test_replicas_share_a_rate():
    with valkey() as store, served(store.url, rate_limit="5/day") as one, served(store.url, rate_limit="5/day") as other:
        assert [one.get(OPTIMAL).status_code for _ in range(5)] == [200] * 5
        assert other.get(OPTIMAL).status_code == 200
        eventually(lambda: other.get(OPTIMAL).status_code == 429, 5)


def test_without_redis_a_rate_refuses_nobody_else():
    with valkey() as store, served(store.url, rate_limit="5/day") as client:
        store.kill()
        assert [client.get(OPTIMAL).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("text", ["100", "0/minute", "many/minute", "5/fortnight", "-1/second"])
def test_a_malformed_rate_stops_the_start(text):
    with pytest.raises(BadSetting, match="RATE_LIMIT"):
        settings.read({"RATE_LIMIT": text})


def test_headers_that_protect(client):
    for path in ("/", "/docs", OPTIMAL, "/v1/none", "/health/live"):
        for _ in range(2):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe-inline" not in headers["content-security-policy"]
            assert "access-control-allow-origin" not in headers


def test_other_origins_only_where_they_are_named():
    asked = {"origin": "https://ours.example", "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    with served(cors_origins="https://ours.example, https://too.example/") as client:
        for _ in range(2):
            found = client.get(OPTIMAL, headers={"origin": "https://too.example"})
            assert found.headers["access-control-allow-origin"] == "https://too.example"
            assert found.headers["vary"] == "origin"
        preflight = client.options("/v1/optimal", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-headers"] == "content-type"
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert "access-control-allow-origin" not in client.get(OPTIMAL, headers={"origin": "https://theirs.example"}).headers
    with served(cors_origins="*") as client:
        assert client.get(OPTIMAL, headers={"origin": "https://any.example"}).headers["access-control-allow-origin"] == "*"


def test_the_request_id_is_carried(client):
    assert client.get(OPTIMAL, headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    ids = {client.get(OPTIMAL).headers["x-request-id"] for _ in range(10)}
    assert len(ids) == 10
    with contextlib.suppress(ValueError):
        assert client.get(OPTIMAL, headers={"x-request-id": "x" * 200}).headers["x-request-id"] != "x" * 200


def test_every_limit_is_a_setting():
    limits = {"max_rows", "max_items", "max_body_bytes", "max_points", "draws", "max_concurrent", "max_seconds", "rate_limit", "cache_bytes"}
    assert limits <= set(Settings.__struct_fields__)
