"""What a service of this tree replies over HTTP: questions by every law and format, odd ones too, and all that is no question."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeAlias
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[2]
Write: TypeAlias = Callable[[str, str | bytes], None]
"""Writes a file of that name."""
START_SECONDS = 120.0
SETTINGS = {
    "HOST": "127.0.0.1",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "DRAWS": "300",
    "CALCULATORS": "0",
    "LOG_SAMPLE": "0",
}
"""Few draws: the command lines answer with all of them."""
OWN = ("date", "x-request-id")
"""Headers that each reply has of its own."""
ODD: tuple[Mapping[str, Any], ...] = (
    {"level": "0.5"},
    {"level": "1.5"},
    {"interval": "run"},
    {"irreducible_loss": "1.5"},
    {"counts": "non-embedding"},
    {"counts": "total", "irreducible_loss": "1.2"},
    {"compute_kind": "minimal"},
    {"compute_kind": "fixed-batch"},
    {"part": "image"},
    {"same_loss": "true"},
    {"field": "warnings"},
    {"field": "nothing"},
    {"row": "-1"},
    {"row": "99999"},
    {"law": "nowhere-1999"},
    {"law": "kaplan-2020"},
    {"law": "sweep-2026-language"},
    {"law": "sweep-2026-language", "interval": "run"},
    {"domain": "captions", "law": "sweep-2026-captions", "interval": "run"},
    {"domain": "martian"},
    {"domain": "text-to-image", "part": "text"},
    {"compute": "1E+30", "params": "1e15", "tokens": "1e18"},
    {"compute": "1", "params": "2", "tokens": "3"},
    {"loss": "0.5", "observed_loss": "900", "kl": "1e-9"},
    {"paramz": "70B"},
    {"errors": "text", "params": "-1", "compute": "nan", "loss": "inf"},
    {"epochs": "40", "unique_tokens": "5e-324"},
    {"compute_min": "1e26", "compute_max": "1e20"},
    {"points": "100000"},
)
"""Put in place of, or beside, the inputs of every question's example."""
RAW = (
    "/v1/loss?domain=language&params=70B&params=7B&tokens=1T",
    "/v1/loss?domain=language&params=%zz&tokens=1T",
    "/v1/loss?domain=language&params=%ff&tokens=1T",
    "/v1/loss?domain=language&params=1E+9&tokens=1,5e12",
    "/v1/loss?domain=language",
    "/v1/optimal?domain=language&compute=3000+H100-days%4040%25",
    "/v1/optimal?domain=language&compute=3+PF-days&",
    "/v1/optimal.xls?domain=language&compute=1e21",
    "/v1/optimum?domain=language&compute=1e21",
    "/v1/laws/hofmann-2022",
    "/nothing/here",
    "/v1/loss?domain=language&params=70B&tokens=1T&field=" + 9000 * "x",
)
BODIES: tuple[tuple[str, str, bytes], ...] = (
    ("/v1/loss", "application/json", b'{"domain":"language","params":[7e9,"70B",1e300],"tokens":"1T"}'),
    ("/v1/loss", "application/json", b'{"domain":"language","params":[7e9,8e9],"tokens":[1e12,2e12,3e12]}'),
    ("/v1/loss", "application/json", b'{"domain":"language","params":[7e9,8e9],"tokens":1e12,"law":"all"}'),
    (
        "/v1/loss",
        "application/json",
        b'{"domain":"language","params":[7e9,8e9],"tokens":1e12,"counts":"non-embedding","law":"kaplan-2020"}',
    ),
    ("/v1/target", "application/json", b'{"domain":"language","loss":[2.5,1.0,0.1]}'),
    ("/v1/frontier", "application/json", b'{"domain":"language","compute_min":[1e20],"compute_max":1e22}'),
    ("/v1/loss", "application/json", b'{"domain":"language","params":'),
    ("/v1/loss", "application/json", b"[]"),
    ("/v1/loss", "text/plain", b"{}"),
    ("/v1/loss", "text/csv", b"domain,params,tokens\nlanguage,70B,1.4T\nlanguage,,1T\nmartian,1,2\n"),
    (
        "/v1/answers",
        "application/json",
        b'[{"question":"loss"},{"question":"losss"},{},{"question":"optimal","domain":"language","compute":"1e21"}]',
    ),
    ("/v1/optimum", "application/json", b"{}"),
)


SINGLE = ("domain", "law", "unit", "to", "accelerator")
"""Inputs that are no columns."""


class Service:
    """A service of this tree, in a process of its own; one connection to it."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
        environment = {**kept, **SETTINGS, "PORT": str(self._port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "service"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=START_SECONDS)

    def __enter__(self) -> Self:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return self
            time.sleep(0.05)
        self.__exit__()
        raise OSError(f"the service did not start; exit code {self._process.returncode}")

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(60)

    def reply(self, method: str, address: str, body: bytes = b"", **headers: str) -> tuple[str, bytes]:
        """What was asked with status and headers of the reply, and its body."""
        self._connection.request(
            method, address, body or None, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        response = self._connection.getresponse()
        content = response.read()
        kept = sorted(f"{name.lower()}: {value}" for name, value in response.getheaders() if name.lower() not in OWN)
        asked = [
            f"> {method} {address}",
            *(f"> {name}: {value}" for name, value in headers.items()),
            *([f"> {body!r}"] if body else []),
        ]
        return "\n".join([*asked, str(response.status), *kept, ""]), content

    def get(self, address: str, **headers: str) -> bytes:
        """One exchange as it is written to a file."""
        head, content = self.reply("GET", address, b"", **headers)
        return head.encode() + b"\n" + content + b"\n\n"

    def post(self, address: str, media_type: str, body: bytes) -> bytes:
        head, content = self.reply("POST", address, body, Content_Type=media_type)
        return head.encode() + b"\n" + content + b"\n\n"

    def json(self, address: str) -> Any:
        return json.loads(self.reply("GET", address)[1])


def asked(name: str, suffix: str, inputs: Mapping[str, Any]) -> str:
    return f"/v1/{name}.{suffix}?{urlencode(inputs)}"


def write_questions(write: Write, service: Service) -> None:
    """Every question's example in every format; by all laws at once, by each by name; with odd inputs; over POST; each paper's own examples."""
    domains = {domain["id"]: domain["laws"] for domain in service.json("/v1/domains")}
    questions = service.json("/v1/questions")
    for question in questions:
        name, example = question["question"], question["example"]
        names = {entry["name"] for entry in question["inputs"]}
        variants = [{**example, **odd} for odd in ODD if names & set(odd) or "paramz" in odd]
        for suffix in ("json", "csv", "txt", *(["svg"] if question["curve"] else [])):
            get = functools.partial(asked_in, service, name, suffix)
            write(f"questions/{name}/example.{suffix}", get([example, {**example, "law": "all"}]))
            write(f"questions/{name}/odd.{suffix}", get(variants))
            every = [
                {**example, "domain": domain, "law": law} for domain, laws in domains.items() for law in (*laws, "all")
            ]
            write(f"questions/{name}/laws.{suffix}", get(every if suffix != "svg" else every[::3]))
        write(
            f"questions/{name}/odd-all.json",
            asked_in(service, name, "json", [{**v, "law": "all"} for v in variants if "law" not in v]),
        )
        write(f"questions/{name}/posted.txt", b"".join(service.post(*body) for body in bodies(name, example)))
    listed = json.dumps([{"question": q["question"], **q["example"]} for q in questions]).encode()
    exchanged = [service.post("/v1/answers", "application/json", listed), *itertools.starmap(service.post, BODIES)]
    write("odd/posted.txt", b"".join(exchanged))
    write("odd/got.txt", b"".join(map(service.get, RAW)))
    papers = (service.json(f"/v1/laws/{law}.json") for law in sorted(set(itertools.chain(*domains.values()))))
    write(
        "odd/papers.txt",
        b"".join(service.get(asked(name, "json", inputs)) for law in papers for name, inputs in examples_of(law)),
    )


def asked_in(service: Service, name: str, suffix: str, variants: Iterable[Mapping[str, Any]]) -> bytes:
    return b"".join(service.get(asked(name, suffix, inputs)) for inputs in variants)


def bodies(name: str, example: Mapping[str, Any]) -> Iterator[tuple[str, str, bytes]]:
    """The example of a question as columns, as CSV and as NDJSON: three rows, of which one is odd."""
    columns = {n: varied(value) if n not in SINGLE else value for n, value in example.items()}
    yield f"/v1/{name}", "application/json", json.dumps(columns).encode()
    yield f"/v1/{name}", "application/json", json.dumps({**example, "irreducible_loss": 1.3}).encode()
    yield f"/v1/{name}", "text/csv", table(example).encode()
    lines = [example, {**example, "domain": "martian"}, {**example, "level": 0.5}]
    yield f"/v1/{name}", "application/x-ndjson", b"\n".join(json.dumps(line).encode() for line in lines)


def varied(value: float | str) -> list[float | str]:
    """Three values of an input."""
    return [value, f"1{value}", f"2{value}"] if isinstance(value, str) else [value, value * 2, value / 2]


def table(example: Mapping[str, Any]) -> str:
    """The example as CSV: as it is, without its last input, with another domain."""
    rows = [list(example.values()), [*list(example.values())[:-1], ""], ["math", *list(example.values())[1:]]]
    return "\n".join(",".join(map(str, row)) for row in [list(example), *rows]) + "\n"


def examples_of(law: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The numbers of a law's paper as questions."""
    for relation in law.get("relations", [law]):
        held = {**law, **relation}
        for example in held.get("examples", []):
            yield example["question"], {"domain": held["domain"], "law": held["id"], **example["inputs"]}


def write_pages(write: Write, service: Service) -> None:
    """All that is no question: pages, scripts, listings, laws as page and as JSON, the OpenAPI document, the workbook's parts, health."""
    laws = [law["id"] for law in service.json("/v1/laws")]
    places = [
        "/",
        "/docs",
        "/openapi.json",
        "/v1/questions",
        "/v1/domains",
        "/v1/laws",
        "/v1/accelerators",
        "/v1/laws.html",
    ]
    places += [
        "/health/live",
        "/health/ready",
        *(f"/v1/laws/{law}.{kind}" for law in laws for kind in ("json", "html")),
    ]
    shown = service.reply("GET", "/")[1].decode()
    loaded = set(re.findall(r'(?:href|src)="(/page/[^"]+)"', shown))
    scripts = [place for place in loaded if place.endswith(".js")]
    while scripts:  # a script loads others
        text = service.reply("GET", scripts.pop())[1].decode()
        further = {f"/page/{name}" for name in re.findall(r'from "\./([\w.]+)"', text)} - loaded
        loaded |= further
        scripts += further
    for place in (*places, *sorted(loaded)):
        write(f"pages/{quote(place.strip('/') or 'index', safe='')}", service.get(place))
    write("pages/negotiated", b"".join(service.get(f"/v1/laws/{law}", Accept="text/html") for law in laws[:3]))
    tag = dict(line.split(": ", 1) for line in service.reply("GET", "/docs")[0].splitlines()[2:])["etag"]
    write("pages/unchanged", service.get("/docs", If_None_Match=tag))
    other = [
        service.reply(method, place)[0]
        for method in ("HEAD", "OPTIONS", "DELETE")
        for place in ("/docs", "/v1/loss", "/v1/answers")
    ]
    write("pages/methods", "\n".join(other))
    head, content = service.reply("GET", "/workbook.xlsx")
    write("workbook/head", re.sub("(?m)^content-length: .*$", "", head))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            write(f"workbook/{name}", parts.read(name).replace(b"><", b">\n<"))
