"""What docs/clients.md asks by curl is answered; its clients are run in tests/real."""

import json
import shutil

import pytest
from clients import PAGE, SETTINGS, SHOWN, run
from documents import blocks
from serving import serving

from fitted_laws import ask


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed, not tested")
def test_plain_http(tmp_path) -> None:
    expected = ask("optimal", domain="language", compute="1e21")
    with serving() as (client, _):
        base = str(client.base_url).rstrip("/")
        lines = blocks(PAGE, "sh")[0][1].replace(SHOWN, base).splitlines()
        one, bare, several, columns = (run("bash", "-c", line, folder=tmp_path).stdout for line in lines)
    assert json.loads(one)["params"] == float(bare) == expected.params
    assert [row["law"] for row in json.loads(several)["rows"]] == ["besiroglu-2024", "hoffmann-2022"]
    assert (
        json.loads(columns)["loss"] == ask("loss", domain="language", params=[1e9, 7e9], tokens=2e11)["loss"].tolist()
    )


def test_the_lock_of_nodes_packages_names_no_registry() -> None:
    """Each is held by its digest, and comes from whichever registry npm is set to."""
    held = json.loads((SETTINGS / "package-lock.json").read_text())["packages"]
    packages = [package for name, package in held.items() if name]
    assert len(packages) > 100
    assert [package for package in packages if "resolved" in package or "integrity" not in package] == []
