"""Settings: each field is one environment variable, its name in capitals. The environment is read here alone."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from fitted_laws.quantities.extras import path_for_children

Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]
Url = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+[^\s]*)?$")]


UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
RATE = re.compile(rf"([1-9][0-9]{{0,8}})/({'|'.join(UNITS)})")
SECRETS = ("API_KEYS", "REDIS_URL", "REDIS_SECRET")
SEPARATOR = f"[,{re.escape(os.pathsep)}]"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Rate(msgspec.Struct, frozen=True):
    """So many requests in a window of seconds."""

    requests: int
    seconds: int


class BadSetting(ValueError):
    """A variable does not say what its setting needs; it stops the start."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can set; defaults serve this machine alone."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="port to listen on")] = 8000
    health_port: Annotated[
        int,
        Meta(ge=0, le=65535, description="port of a listener for /health and /metrics alone, without keys; 0: none"),
    ] = 0
    workers: Annotated[int, Meta(ge=1, le=256, description="processes that answer")] = 1
    public_url: Annotated[
        Url, Meta(description="where users reach the service, if not at the address it listens on")
    ] = ""
    laws: Annotated[
        str, Meta(description=f"law files, or folders of them, to add; separated by {os.pathsep} or a comma")
    ] = ""
    draws: Annotated[int, Meta(ge=0, le=100_000, description="draws behind an interval; 0: no intervals")] = 4000
    cache_bytes: Annotated[Count, Meta(description="bytes of answers that each process holds")] = 64_000_000
    cache_ttl: Annotated[Count, Meta(description="seconds that Redis holds an answer")] = 86_400
    redis_url: Annotated[
        str,
        Meta(
            pattern=r"^((rediss?|unix)://\S+)?$", description="Redis or Valkey to share dear answers and rate limits by"
        ),
    ] = ""
    redis_secret: Annotated[
        str, Meta(description="a secret of all replicas, by which nobody else can put answers into Redis")
    ] = ""
    redis_namespace: Annotated[
        str, Meta(pattern=r"^[\w.-]{1,60}$", description="how the names of keys in Redis begin")
    ] = "fitted-laws"
    calculators: Annotated[
        int, Meta(ge=0, le=64, description="processes, of each that answers, for what is dear; 0: threads")
    ] = 2
    api_keys: Annotated[
        str, Meta(description="keys that open the service, separated by commas; sha256:… is a key's digest")
    ] = ""
    api_keys_file: Annotated[str, Meta(description="a file of such keys, a line each; read anew when it changes")] = ""
    require_keys: Annotated[
        bool, Meta(description="whether the start fails where no key is set, as where a secret was not mounted")
    ] = False
    rate_limit: Annotated[
        str, Meta(pattern=f"^({RATE.pattern})?$", description="requests of a key or address, such as 100/minute")
    ] = ""
    trusted_proxies: Annotated[
        int, Meta(ge=0, le=10, description="proxies in front, whose X-Forwarded-For tells the address")
    ] = 0
    hsts_seconds: Annotated[
        int,
        Meta(
            ge=0,
            le=63_072_000,
            description="how long browsers stay with TLS once they came by it, as PUBLIC_URL or a trusted proxy says; 0: not said",
        ),
    ] = 31_536_000
    cors_origins: Annotated[
        str, Meta(description="other origins whose pages may read answers, separated by commas; or *")
    ] = ""
    log_sample: Annotated[
        float, Meta(ge=0, le=1, description="the share of requests that are logged; failures always are")
    ] = 0.01
    traces: Annotated[
        Url,
        Meta(
            description="a collector of traces, such as http://collector:4318, by OTLP over HTTP; needs the extra traces"
        ),
    ] = ""
    traces_sample: Annotated[
        float, Meta(ge=0, le=1, description="the share of requests that are traced; a caller's own decision holds")
    ] = 1.0
    uploads: Annotated[
        bool, Meta(description="whether tables are fitted here, by POST /v1/fit and the page /fit; needs the trainer")
    ] = False
    max_concurrent: Annotated[Count, Meta(description="most dear questions and bodies in hand at once, a process")] = 64
    max_seconds: Annotated[Seconds, Meta(description="longest that a dear question may take")] = 60.0
    max_points: Annotated[Count, Meta(description="most points of one curve")] = 1000
    max_body_bytes: Annotated[Count, Meta(description="largest body of a POST, in bytes")] = 8_000_000
    max_body_seconds: Annotated[
        Seconds, Meta(description="longest that a body may take to come, and a second for each 64 kB of it")
    ] = 10.0
    max_rows: Annotated[Count, Meta(description="most rows that one POST may ask for")] = 100_000
    max_items: Annotated[Count, Meta(description="most questions in one POST of a list, of CSV or of NDJSON")] = 10_000

    @property
    def law_files(self) -> list[Path]:
        """The files and folders that `laws` names."""
        return [Path(name.strip()) for name in re.split(SEPARATOR, self.laws) if name.strip()]

    @property
    def rate(self) -> Rate | None:
        """What `rate_limit` says, if anything."""
        match = RATE.fullmatch(self.rate_limit)
        return Rate(int(match[1]), UNITS[match[2]]) if match else None

    @property
    def keys_file(self) -> Path | None:
        """The file that `api_keys_file` names."""
        return Path(self.api_keys_file) if self.api_keys_file else None

    @property
    def keyed(self) -> bool:
        """Whether a key is asked for: a file that is set and empty opens nothing."""
        return bool(self.api_keys.replace(",", "").strip()) or self.keys_file is not None

    @property
    def origins(self) -> list[str]:
        """The origins that `cors_origins` names."""
        return [origin.strip().rstrip("/") for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def base(self) -> str:
        """The address that documents show: `public_url`, or where the service listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url.rstrip("/") or f"http://{host}:{self.port}"


def read(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings that `environ` holds; an empty variable is one not set.

    Raises:
        BadSetting: a variable is malformed or out of range.
    """
    fields = {field.name.upper(): field for field in msgspec.structs.fields(Settings)}
    texts = {variable: environ[variable] for variable in fields if environ.get(variable)}
    values = {}
    for variable, text in texts.items():
        try:
            values[fields[variable].name] = msgspec.convert(text, fields[variable].type, strict=False)
        except msgspec.ValidationError as error:
            expected = str(error).removeprefix("Expected ").partition(", got ")[0]
            got = "something else" if variable in SECRETS else repr(text)
            raise BadSetting(f"{variable}: expected {expected}, got {got}") from None
    return Settings(**values)


def numeric(host: str, port: int = 0) -> str:
    """The numeric address of `host`.

    Raises:
        OSError: there is none.
    """
    return str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])


def put(**texts: str | None) -> None:
    """Sets variables as a command line gives them, for this process and those it starts; one that is None stays as it was."""
    os.environ.update({variable: text for variable, text in texts.items() if text is not None})


def listed(files: Sequence[str] | None) -> str | None:
    """Names of files as `LAWS` has them.

    Raises:
        BadSetting: one would be read as two.
    """
    if bad := next((name for name in files or () if re.search(SEPARATOR, name)), None):
        raise BadSetting(
            f"--laws: expected names without a comma or {os.pathsep}, which stand between files, got {bad!r}"
        )
    return os.pathsep.join(files) if files else None


def share_packages() -> None:
    """Has processes started from here, with -P, find the packages where this one found them."""
    os.environ.update(path_for_children(os.environ, os.pathsep))


def of_a_child(folder: Path) -> dict[str, str]:
    """The environment of a child that works in `folder`: where packages and programs are, and nothing that is ours to keep."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    caches = dict.fromkeys(("HOME", "TMPDIR", "MPLCONFIGDIR", "NUMBA_CACHE_DIR"), str(folder))
    return {**kept, **caches, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def share_metrics(folder: str) -> None:
    """Has prometheus-client, which reads this variable when it is imported, add up the processes started from here in `folder`."""
    os.environ[METRICS_FOLDER] = folder


def metrics_folder() -> Path | None:
    """Where processes add up their metrics, if they are several."""
    return Path(os.environ[METRICS_FOLDER]) if METRICS_FOLDER in os.environ else None


def table() -> str:
    """Variable, default and meaning of every setting, a line each."""
    fields = msgspec.structs.fields(Settings)
    hints = {field.name: _description(field.type) for field in fields}
    wide = max(len(field.name) for field in fields)
    return "\n".join(f"  {f.name.upper():<{wide}}  {str(f.default) or '–':<12}  {hints[f.name]}" for f in fields)


def _description(hint: object) -> str:
    metas = [meta for meta in getattr(hint, "__metadata__", ()) if meta.description]
    return metas[-1].description or "" if metas else ""
