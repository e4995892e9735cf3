"""Settings come from the environment, each checked, with a default that needs none."""

import os
from pathlib import Path

import msgspec
import pytest

from service import settings
from service.settings import BadSetting, Settings

FIELDS = [field.name for field in msgspec.structs.fields(Settings)]


def test_nothing_set_is_the_defaults() -> None:
    assert settings.read({}) == settings.read({"HOST": "", "PORT": ""}) == Settings()


def test_every_kind_is_read() -> None:
    everywhere = "0.0.0.0"  # noqa: S104
    given = {"HOST": everywhere, "PORT": "80", "DRAWS": "0", "PUBLIC_URL": "https://laws.example/", "OTHER": "x"}
    found = settings.read(given)
    assert (found.host, found.port, found.draws, found.base) == (everywhere, 80, 0, "https://laws.example")
    assert settings.read({"HOST": "::1"}).base == "http://[::1]:8000"


@pytest.mark.parametrize("separator", [",", os.pathsep, ", "])
def test_law_files_are_several(separator) -> None:
    assert [str(path) for path in settings.read({"LAWS": separator.join(["a.json", "b"])}).law_files] == ["a.json", "b"]


def test_names_of_law_files_are_kept_apart() -> None:
    """What `--laws` names comes out as `LAWS` reads it; a name that would be read as two is refused."""
    assert settings.listed(None) is None
    assert settings.read({"LAWS": settings.listed(["a.json", "b c"])}).law_files == [Path("a.json"), Path("b c")]
    with pytest.raises(BadSetting, match=r"--laws: expected names without a comma .*, got 'a,b\.json'"):
        settings.listed(["a,b.json"])


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WORKERS", "-1"),
        ("DRAWS", "many"),
        ("PUBLIC_URL", "laws.example"),
        ("MAX_ROWS", "0"),
    ],
)
def test_a_bad_setting_is_named(variable, text) -> None:
    with pytest.raises(BadSetting, match=f"{variable}: expected .*, got '{text}'"):
        settings.read({variable: text})


def test_the_table_tells_all() -> None:
    lines = settings.table().splitlines()
    assert [line.split()[0].lower() for line in lines] == FIELDS
    assert all(len(line.split()) > 3 for line in lines)
