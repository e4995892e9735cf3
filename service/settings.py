"""Settings: each field is one environment variable, its name in capitals. The environment is read here alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Url = Annotated[str, Meta(pattern=r"^(https?://[^\s/]+[^\s]*)?$")]


METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class BadSetting(ValueError):
    """A variable does not say what its setting needs; it stops the start."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator can set; defaults serve this machine alone."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535, description="port to listen on")] = 8000
    workers: Annotated[int, Meta(ge=1, le=256, description="processes that answer")] = 1
    public_url: Annotated[Url, Meta(description="where users reach the service, if not at the address it listens on")] = ""
    laws: Annotated[str, Meta(description=f"law files, or folders of them, to add; separated by {os.pathsep} or a comma")] = ""
    draws: Annotated[int, Meta(ge=0, le=100_000, description="draws behind an interval; 0: no intervals")] = 4000
    cache_bytes: Annotated[Count, Meta(description="bytes of answers that each process holds")] = 64_000_000
    cors_origins: Annotated[str, Meta(description="other origins whose pages may read answers, separated by commas; or *")] = ""
    max_body_bytes: Annotated[Count, Meta(description="largest body of a POST, in bytes")] = 8_000_000
    max_rows: Annotated[Count, Meta(description="most rows that one POST may ask for")] = 100_000
    max_items: Annotated[Count, Meta(description="most questions in one POST of a list, of CSV or of NDJSON")] = 10_000

    @property
    def law_files(self) -> list[Path]:
        """The files and folders that `laws` names."""
        return [Path(name.strip()) for name in re.split(f"[,{re.escape(os.pathsep)}]", self.laws) if name.strip()]

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
    given = {variable: environ[variable] for variable in fields if environ.get(variable)}
    values = {}
    for variable, text in given.items():
        try:
            values[fields[variable].name] = msgspec.convert(text, fields[variable].type, strict=False)
        except msgspec.ValidationError as error:
            expected = str(error).removeprefix("Expected ").partition(", got ")[0]
            raise BadSetting(f"{variable}: expected {expected}, got {text!r}") from None
    return Settings(**values)


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
