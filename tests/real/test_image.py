"""The image, built from the Dockerfile without Docker, and run as it is to run: read-only, as its own user.

Its base is a Debian of the same suite with that suite's Python: what the image adds, and whether it runs, is the same on it.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import httpx
import pytest
from deployment import ROOT, tool
from serving import environment, free_port, wait_for
from stores import counted, valkey
from tables import table
from waiting import PATIENCE, eventually

pytestmark = pytest.mark.slow

BASE = re.search(r"^FROM (\S+-slim-(\w+)) AS run$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
BYTES = 330_000_000
"""That the image may add to its base."""
CERTIFICATES, PIP = Path("/etc/ssl/certs"), Path("/etc/pip.conf")
"""How this machine reaches an index of packages: a builder has its own."""
READ_ONLY = """
set -eu
mount --bind "$1" "$1"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$1/tmp"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
if touch "$1/written" 2>&-; then exit 9; fi
root=$1
shift
exec chroot --userspec=10001:10001 "$root" "$@"
"""


class Image:
    """The built image: its root as a folder, and its configuration."""

    def __init__(self, root: Path, config: dict, base: Path) -> None:
        self.root = root
        self.config = config
        self.base = base

    def inside(self, **settings) -> dict[str, str]:
        """The environment in it."""
        return dict(pair.split("=", 1) for pair in self.config["Env"]) | settings

    @property
    def command(self) -> list[str]:
        """How it is started, read-only."""
        return ["unshare", "--mount", "bash", "-c", READ_ONLY, "image", str(self.root), *self.config["Cmd"]]

    def refusing(self, **settings) -> str:
        """What it says where it does not start."""
        ran = subprocess.run(
            self.command,
            env=self.inside(**settings),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert ran.returncode == 2, ran.stderr
        return ran.stderr

    @contextmanager
    def running(self, **settings) -> Iterator[httpx.Client]:
        """A client of the service as the image starts it."""
        port = free_port()
        inside = self.inside(HOST="127.0.0.1", PORT=str(port), **settings)
        process = subprocess.Popen(self.command, env=inside, cwd="/", stdout=subprocess.DEVNULL)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False) as client:
                wait_for(client, process)
                assert "Uid:\t10001" in Path(f"/proc/{process.pid}/status").read_text()
                yield client
        finally:
            process.terminate()
            code = process.wait(PATIENCE)
        assert code == 0


def done(*command, seconds=600) -> str:
    """What a command prints."""
    ran = subprocess.run(
        [tool(command[0]), *map(str, command[1:])],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=environment(),
    )
    assert ran.returncode == 0, (ran.stdout + ran.stderr)[-4000:]
    return ran.stdout


def size(folder) -> int:
    """Bytes of the files below a folder, none counted twice, as a layer holds them."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - ten thousand files
            found[status.st_dev, status.st_ino] = status.st_size
    return sum(found.values())


class Builder:
    """What builds images, with the base that the Dockerfile names."""

    def __init__(self, folder) -> None:
        self.buildah = ["buildah", "--root", folder / "store", "--runroot", folder / "run", "--storage-driver", "vfs"]
        named, suite = BASE.groups()
        python = [
            "--include=python3,python3-venv,ca-certificates",
            '--customize-hook=ln -s python3 "$1/usr/bin/python"',
        ]
        made = subprocess.run(
            ["mmdebstrap", "--variant=minbase", *python, suite, folder / "base.tar"],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if made.returncode:
            pytest.skip(f"no base to build on: {made.stderr[-300:]}")
        self.base = done(*self.buildah, "from", "scratch").strip()
        done(*self.buildah, "add", self.base, folder / "base.tar", "/")
        done(*self.buildah, "commit", self.base, f"docker.io/library/{named}")

    def image(self, name, *options) -> Image:
        """The image of a build."""
        index = [f"--volume={path}:{path}:ro" for path in (CERTIFICATES, PIP) if path.exists()]
        how = ["--isolation", "chroot", "--network", "host", "--pull-never", "--format", "docker", *index]
        done(*self.buildah, "bud", *how, f"--ignorefile={ROOT / '.dockerignore'}", *options, "-t", name, ROOT)
        container = done(*self.buildah, "from", "--pull-never", name).strip()
        roots = [Path(done(*self.buildah, "mount", each).strip()) for each in (container, self.base)]
        inspected = json.loads(done(*self.buildah, "inspect", "--type", "image", name))
        return Image(roots[0], inspected["Docker"]["config"], roots[1])


@pytest.fixture(scope="module")
def builder(tmp_path_factory) -> Iterator[Builder]:
    tool("buildah")
    tool("mmdebstrap")
    if os.geteuid() or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no root, or no mounts of one's own here")
    folder = tmp_path_factory.mktemp("image")
    try:
        made = Builder(folder)
        yield made
        done(*made.buildah, "umount", "--all")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def image(builder) -> Image:
    return builder.image("fitted-laws")


@pytest.fixture(scope="module")
def with_fits(builder) -> Image:
    return builder.image("fitted-laws:with-fits", "--target", "with-fits")


def test_it_runs_read_only_as_its_user(image) -> None:
    """With several workers, a cache that replicas share, and everything that a user asks for."""
    assert image.config["User"] == "10001"
    assert image.config["Healthcheck"]["Test"][0] == "CMD"
    with valkey() as store, image.running(WORKERS="2", REDIS_URL=store.url) as client:
        for path in (
            "/",
            "/docs",
            "/workbook.xlsx",
            "/health/ready",
            "/v1/laws/kaplan-2020.html",
            "/v1/optimal?domain=language&compute=1e21",
            "/v1/frontier.svg?domain=language&compute_min=1e19&compute_max=1e22",
        ):
            assert client.get(path).status_code == 200, path
        eventually(lambda: counted(client, "redis_command_duration_seconds_count", operation="set") >= 1)
        assert counted(client, "redis_up") == 1


def test_it_is_small(image) -> None:
    assert size(image.root) - size(image.base) <= BYTES
    packages = next((image.root / "app/lib").glob("python3.*/site-packages"))
    assert not list(packages.glob("numpy/**/tests"))
    assert not list(packages.glob("scipy/**/tests"))


def test_it_compiles_nothing_at_the_start(image) -> None:
    """On a read-only root nothing that is compiled then could be kept: each start would compile it anew."""
    packages = next((image.root / "app/lib").glob("python3.*/site-packages"))
    for package in ("fitted_laws", "service", "numpy", "scipy", "msgspec", "granian", "litestar"):
        for source in (packages / package).rglob("*.py"):
            assert list((source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc")), source


def test_it_says_what_it_consists_of(image) -> None:
    """As CycloneDX, every package that is installed, by name and version."""
    bill = json.loads((image.root / "app/sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    listed = {(each["name"].lower().replace("_", "-"), each["version"]) for each in bill["components"]}
    packages = next((image.root / "app/lib").glob("python3.*/site-packages"))
    installed = {(d.name.lower().replace("_", "-"), d.version) for d in metadata.distributions(path=[str(packages)])}
    assert {name for name, _ in installed} >= {"numpy", "scipy", "fitted-laws"}
    assert installed <= listed


def test_the_image_with_fits_fits_read_only_as_its_user(with_fits) -> None:
    """A table comes back as a law, which answers; nothing is left in /tmp, and there is no torch."""
    assert with_fits.config["User"] == "10001"
    assert "UPLOADS=1" in with_fits.config["Env"]
    with with_fits.running() as client:
        assert client.get("/fit").status_code == 200
        reply = client.post("/v1/fit?id=mine", content=table(), headers={"Content-Type": "text/csv"})
        assert reply.status_code == 200, reply.text
        law = reply.json()["law"]
        assert law["coefficients"]["E"] == pytest.approx(1.7, rel=0.1)
        answer = client.post("/v1/optimal", json={"law": law, "compute": 1e21})
        assert answer.status_code == 200, answer.text
        assert answer.json()["params"][0] > 0
        assert client.post("/v1/fit", content="a,b\n1,2\n", headers={"Content-Type": "text/csv"}).status_code == 400
    packages = next((with_fits.root / "app/lib").glob("python3.*/site-packages"))
    assert {"trainer", "numba", "matplotlib"} <= {path.name for path in packages.iterdir()}
    assert not list(packages.glob("torch*"))
    listed = json.loads((with_fits.root / "app/sbom.cdx.json").read_text())["components"]
    assert "numba" in {each["name"] for each in listed}


def test_the_image_without_fits_refuses_to_take_tables(image) -> None:
    """With what would work, in place of failing at the first table."""
    assert image.refusing(UPLOADS="1").startswith("UPLOADS=1 needs the trainer")


def test_the_image_sends_traces(image) -> None:
    """The setting is taken: what it needs is there, and a collector that is away stops nothing."""
    with image.running(TRACES=f"http://127.0.0.1:{free_port()}") as client:
        assert client.get("/v1/optimal?domain=language&compute=1e21").status_code == 200
