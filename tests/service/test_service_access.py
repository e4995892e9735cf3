"""Who may ask, how often, and from which pages: keys, rates, other origins, protecting headers."""

import asyncio
import hashlib
from typing import Any
from urllib.parse import quote

import pytest
from serving import problem, run
from stores import counted, metrics, served, valkey
from waiting import eventually

from service import settings
from service.compute.redis_store import RedisStore
from service.gate import api_keys
from service.gate.api_keys import Keys, keys_of
from service.gate.rate_limit import Rates
from service.protocol.problems import Refused
from service.settings import BadSetting, Rate

OPTIMAL = "/v1/optimal?domain=language&compute=1e21"


def hashed(key) -> str:
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


WAYS = {
    "bearer": lambda key: {"headers": {"authorization": f"Bearer {key}"}},
    "header": lambda key: {"headers": {"x-api-key": key}},
    "query": lambda key: {"params": {"domain": "language", "compute": "1e21", "key": key}},
    "cookie": lambda key: {"headers": {"cookie": f"theme=dark; fitted-laws-key={quote(key, safe='')}"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_key_opens(way) -> None:
    with served(api_keys=f"first,{hashed('second')}") as client:
        for key, status in (("first", 200), ("second", 200), (hashed("second"), 401), ("third", 401), ("", 401)):
            for _ in range(2):
                found = client.get(OPTIMAL, **WAYS[way](key))
                assert found.status_code == status
        assert found.headers["www-authenticate"].startswith("Bearer")
        problem(found, 401)
        assert counted_with(client, "first", "refused_total", limit="key") == 6


def counted_with(client, key, *name, **labels) -> float:
    client.headers["x-api-key"] = key
    return counted(client, *name, **labels)


def test_what_a_key_opened_is_not_kept_by_shared_caches() -> None:
    with served(api_keys="first") as client:
        for _ in range(2):
            found = client.get(OPTIMAL, headers={"x-api-key": "first"})
            assert found.headers["cache-control"] == "private, max-age=300"
            assert {"authorization", "x-api-key", "cookie"} <= set(found.headers["vary"].split(", "))


def test_documents_and_health_are_open() -> None:
    with served(api_keys="first") as client:
        for path, status in (
            ("/", 200),
            ("/docs", 200),
            ("/llms.txt", 200),
            ("/openapi.json", 200),
            ("/health/ready", 200),
            ("/metrics", 401),
            ("/v1/laws", 401),
        ):
            assert client.get(path).status_code == status


def test_a_key_in_the_query_changes_neither_tag_nor_answer(client) -> None:
    one, other = client.get(OPTIMAL), client.get(f"{OPTIMAL}&key=abc")
    assert (one.content, one.headers["etag"]) == (other.content, other.headers["etag"])


def test_keys_rotate_without_a_restart(tmp_path, monkeypatch) -> None:
    """The file is looked at with each request here, not once a second."""
    monkeypatch.setattr(api_keys, "CHECK_SECONDS", 0.0)
    file = tmp_path / "keys"
    file.write_text(f"# ours\nold\n\n{hashed('other')}\n")
    with served(api_keys_file=str(file)) as client:

        def opens(key) -> bool:
            return client.get(OPTIMAL, headers={"x-api-key": key}).status_code == 200

        assert opens("old")
        assert opens("other")
        assert not opens("# ours")
        (tmp_path / "new").write_text("new\n")
        (tmp_path / "new").replace(file)
        assert opens("new")
        assert not opens("old")
        file.unlink()
        assert opens("new")


def test_a_bad_line_of_the_file_is_refused_alone(tmp_path, caplog) -> None:
    """With its number; a mark of the encoding, indented comments, blank lines and line ends of Windows are no keys."""
    file = tmp_path / "keys"
    lines = [b"\xef\xbb\xbffirst", b"  # a comment", b"", b"sha256:abc", b"k\xff", b"b\x07ell", b"  last  "]
    file.write_bytes(b"\r\n".join(lines))
    with served(api_keys_file=str(file)) as client:
        for key, status in (("first", 200), ("last", 200), ("# a comment", 401), ("b", 401)):
            assert client.get(OPTIMAL, headers={"x-api-key": key}).status_code == status
        assert counted_with(client, "first", "api_keys") == 2
        assert counted(client, "api_keys_bad_lines") == 3
    said = [record.getMessage() for record in caplog.records if "API_KEYS_FILE" in record.getMessage()]
    assert [line.partition(":")[0] for line in said] == [f"API_KEYS_FILE, line {number}" for number in (4, 5, 6)]
    assert not any("abc" in line or "ell" in line for line in said)


def test_where_keys_are_required_a_start_without_is_refused() -> None:
    """As where a secret was not mounted."""
    stopped = run("--check", REQUIRE_KEYS="1")
    assert (stopped.returncode, stopped.stderr.partition(":")[0]) == (2, "REQUIRE_KEYS")
    assert run("--check", REQUIRE_KEYS="1", API_KEYS="first").returncode == 0
    assert run("--check", REQUIRE_KEYS="0").returncode == 0


@pytest.mark.parametrize("given", [{"API_KEYS": "sha256:abc"}, {"API_KEYS_FILE": "/nowhere/keys"}])
def test_a_bad_key_stops_the_start(given) -> None:
    with pytest.raises(BadSetting, match="API_KEYS"):
        keys_of(settings.read(given))
    stopped = run("--check", **given)
    assert stopped.returncode == 2
    assert "API_KEYS" in stopped.stderr


def test_a_secret_is_in_no_message() -> None:
    for given in ({"API_KEYS": "sha256:s3cret"}, {"REDIS_URL": "http://:s3cret@here"}):
        with pytest.raises(BadSetting) as bad:
            keys_of(settings.read(given))
        assert "s3cret" not in str(bad.value)


def test_an_empty_file_of_keys_opens_nothing(tmp_path) -> None:
    (tmp_path / "keys").write_text("")
    held = Keys("", tmp_path / "keys")
    assert held.needed
    with pytest.raises(Refused):
        held.owner({b"x-api-key": b"any"}, b"")


def test_a_rate() -> None:
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


def test_a_rate_is_of_a_key_or_an_address() -> None:
    with served(rate_limit="1/hour", api_keys="first,second", trusted_proxies=1) as client:
        statuses = [client.get(OPTIMAL, headers={"x-api-key": key}).status_code for key in ("first", "second", "first")]
        assert statuses == [200, 200, 429]
    with served(rate_limit="1/hour", trusted_proxies=1) as client:
        seen = ["1.1.1.1", "2.2.2.2", "9.9.9.9, 1.1.1.1"]
        assert [client.get(OPTIMAL, headers={"x-forwarded-for": each}).status_code for each in seen] == [200, 200, 429]
    with served(rate_limit="1/hour") as client:
        assert [client.get(OPTIMAL, headers={"x-forwarded-for": each}).status_code for each in seen] == [200, 429, 429]


def test_a_window_ends() -> None:
    now = 0.0
    rates = Rates(Rate(1, 60), None, metrics(), lambda: now)
    rates.passed("one")
    now = 59.0
    with pytest.raises(Refused) as refused:
        rates.passed("one")
    assert ("Retry-After", "1") in refused.value.headers
    now = 60.0
    rates.passed("one")


def test_replicas_share_a_rate() -> None:
    with (
        valkey() as store,
        served(store.url, rate_limit="5/day") as one,
        served(store.url, rate_limit="5/day") as other,
    ):
        assert [one.get(OPTIMAL).status_code for _ in range(5)] == [200] * 5
        assert other.get(OPTIMAL).status_code == 200
        eventually(lambda: other.get(OPTIMAL).status_code == 429)


def test_a_store_that_closes_ends_what_shares_a_rate() -> None:
    """No command is left that would open a connection again."""

    async def left() -> set[asyncio.Task[Any]]:
        store = RedisStore("redis://127.0.0.1:1", "test", "code", 60, metrics())
        Rates(Rate(1, 60), store, metrics()).passed("one")
        before = asyncio.all_tasks()
        await store.close()
        assert len(before) == 2
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert asyncio.run(left()) == set()


def test_without_redis_a_rate_refuses_nobody_else() -> None:
    with valkey() as store, served(store.url, rate_limit="5/day") as client:
        store.kill()
        assert [client.get(OPTIMAL).status_code for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("text", ["100", "0/minute", "many/minute", "5/fortnight", "-1/second"])
def test_a_malformed_rate_stops_the_start(text) -> None:
    with pytest.raises(BadSetting, match="RATE_LIMIT"):
        settings.read({"RATE_LIMIT": text})


def test_headers_that_protect(client) -> None:
    for path in ("/", "/docs", OPTIMAL, "/v1/none", "/health/live"):
        for _ in range(2):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert "unsafe-inline" not in headers["content-security-policy"]
            assert "access-control-allow-origin" not in headers


def test_other_origins_only_where_they_are_named() -> None:
    asked = {
        "origin": "https://ours.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    with served(cors_origins="https://ours.example, https://too.example/") as client:
        for _ in range(2):
            found = client.get(OPTIMAL, headers={"origin": "https://too.example"})
            assert found.headers["access-control-allow-origin"] == "https://too.example"
            assert found.headers["vary"] == "origin"
        preflight = client.options("/v1/optimal", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["access-control-allow-headers"] == "content-type"
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert (
            "access-control-allow-origin"
            not in client.get(OPTIMAL, headers={"origin": "https://theirs.example"}).headers
        )
    with served(cors_origins="*") as client:
        assert (
            client.get(OPTIMAL, headers={"origin": "https://any.example"}).headers["access-control-allow-origin"] == "*"
        )


def test_the_request_id_is_carried(client) -> None:
    assert client.get(OPTIMAL, headers={"x-request-id": "mine-1"}).headers["x-request-id"] == "mine-1"
    ids = {client.get(OPTIMAL).headers["x-request-id"] for _ in range(10)}
    assert len(ids) == 10
    assert client.get(OPTIMAL, headers={"x-request-id": "x" * 200}).headers["x-request-id"] != "x" * 200
