"""deploy/ and the Dockerfile, read by the tools that will read them; and what the image would hold, made without an engine of images.

`make test SLOW=1` brings them, promtool and Caddy where there is apt. Nothing here asks a network.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest
from deployment import BUILT_FROM, DEPLOY, MANIFESTS, ROOT, tool
from serving import environment, free_port, serving, wait_for
from waiting import PATIENCE

pytestmark = pytest.mark.slow


def passes(*command, **options) -> str:
    done = subprocess.run(
        [tool(command[0]), *map(str, command[1:])],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_dockerfile() -> None:
    passes("hadolint", "--failure-threshold", "style", ROOT / "Dockerfile")


def test_compose() -> None:
    passes("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests(path) -> None:
    passes("kubernetes-validate", "--strict", path)


def test_rules_hold() -> None:
    passes("promtool", "check", "config", "--syntax-only", DEPLOY / "prometheus/prometheus.yml")
    passes("promtool", "check", "rules", "--lint=all", "--lint-fatal", DEPLOY / "prometheus/rules.yml")
    assert "SUCCESS" in passes("promtool", "test", "rules", DEPLOY / "prometheus/rules_test.yml")


def proxy_of(*ports) -> str:
    """Our Caddyfile for replicas on this machine, which has no name server that lists them."""
    text = (DEPLOY / "Caddyfile").read_text()
    found = text[text.index("\t\tdynamic") : text.index("\t\t# Asks")]
    return text.replace(found, f"\t\tto {' '.join(f'127.0.0.1:{port}' for port in ports)}\n")


def test_proxy_configuration() -> None:
    passes("caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile")


def test_the_proxy_asks_the_other_replica(tmp_path) -> None:
    """One of two replicas stops under requests: none of them fails. What the service tells of itself is not shown outside."""
    port = free_port()
    with serving() as (one, _), serving() as (other, stopped):
        text = proxy_of(one.base_url.port, other.base_url.port).replace(":8080", f"http://127.0.0.1:{port}")
        (tmp_path / "Caddyfile").write_text(text)
        command = [tool("caddy"), "run", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
        caddy = subprocess.Popen(command, env=os.environ | {"HOME": str(tmp_path)}, stderr=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as client:
                wait_for(client, caddy)
                for inside in (
                    "/metrics",
                    "/metrics/",
                    "/metrics/x",
                    "/METRICS",
                    "/%6Detrics",
                    "//metrics",
                    "/./metrics",
                ):
                    assert client.get(client.base_url.copy_with(raw_path=inside.encode())).status_code == 404
                statuses = []
                for number in range(400):
                    statuses.append(client.get(f"/v1/optimal.txt?domain=language&compute=1e2{number % 9}").status_code)
                    if number == 100:
                        stopped.terminate()
        finally:
            caddy.terminate()
            caddy.wait(PATIENCE)
    assert statuses == [200] * 400


def test_what_is_sent_to_the_builder_is_enough(tmp_path) -> None:
    """From what .dockerignore lets through a wheel of the service is built, without the trainer."""
    for name in BUILT_FROM:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tmp_path / name)
    passes("python", "-m", "hatchling", "build", "-t", "wheel", cwd=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in held if ".dist-info" not in name} == {"fitted_laws", "service"}
    assert any(name.endswith(".json") for name in held)
    assert any(name.startswith("service/pages/static/") for name in held)


CONTAINED = """
set -eu
mount -o remount,bind,ro /
mount -t tmpfs -o size=64m,mode=1777 tmpfs /mnt
cd /mnt
if touch /written 2>&-; then exit 9; fi
exec setpriv --reuid 10001 --regid 10001 --clear-groups --no-new-privs \
    --inh-caps -all,+dac_read_search --ambient-caps -all,+dac_read_search --bounding-set -all,+dac_read_search "$@"
"""
"""A read-only root, one writable folder of 64 MB, another user without rights, but that of reading where this Python lies."""


def test_it_runs_on_a_read_only_root() -> None:
    """As in the container: not root, nothing writable but a small folder for what is temporary; two workers, plots and metrics."""
    tool("setpriv")
    if subprocess.run(
        [tool("unshare"), "--mount", "mount", "-o", "remount,bind,ro", "/"], capture_output=True, check=False
    ).returncode:
        pytest.skip("no mounts of one's own here")
    port = free_port()
    inside = {"TMPDIR": "/mnt", "HOME": "/mnt", "MPLCONFIGDIR": "/mnt/matplotlib", "WORKERS": "2", "PORT": str(port)}
    command = ["unshare", "--mount", "bash", "-c", CONTAINED, "contained", sys.executable, "-m", "service"]
    process = subprocess.Popen(command, env=environment(PYTHONPATH=str(ROOT), **inside), stdout=subprocess.DEVNULL)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as client:
            wait_for(client, process)
            for path in (
                "/",
                "/health/ready",
                "/metrics",
                "/v1/frontier.svg?domain=language&compute_min=1e19&compute_max=1e22",
            ):
                assert client.get(path).status_code == 200, path
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "Uid:\t10001" in status
    finally:
        process.terminate()
        code = process.wait(PATIENCE)
    assert code == 0
