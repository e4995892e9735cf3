"""Domains whose samples come from files: what training may see, what is held out, and the digest of both.

Their entropy is unknown.
"""

from __future__ import annotations

import getpass
import io
import os
import tempfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import Array, Domain, Entropy, Seed, Tokens, identity
from trainer.domains.material.files import UnreadableData
from trainer.files import folder_at, write_whole

FEWEST_ROWS = 64
"""Test rows below which a loss says nothing."""
Rows = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int64]
"""(rows, length): tokens as small as they are kept."""


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to train on and rows held out, with the digest of the data behind both and a sentence on what and whose they
    are.
    """

    train: Rows
    test: Rows
    unique_tokens: int
    """Of training."""
    digest: str
    about: str
    licence: str
    split: str


class Collected(Domain, frozen=True, kw_only=True):
    """Rows of files are drawn with replacement.

    `digest`, where it is given, refuses other data than those a run was planned on.
    """

    source: str
    """The name of a source that is known, or a folder."""
    digest: str = ""

    def collect(self) -> Material:
        """Rows to train on and to test with, read from the files.

        Raises:
            UnreadableData: files are missing, unreadable or too few.
        """
        raise NotImplementedError

    def of_folder(self, folder: str) -> Collected:
        """The same domain on a user's own files."""
        return msgspec.structs.replace(self, source=folder)

    @property
    def known(self) -> bool:
        return False

    @property
    def material(self) -> Material:
        """Raises UnreadableData where files are missing, unreadable or too few, or are not those of the digest."""
        if self.digest and self.expensive and self.place.exists():
            return read_material(self)
        material = _material(msgspec.structs.replace(self, digest=""))
        if self.digest and material.digest != self.digest:
            raise UnreadableData(
                f"{self.source}: expected the data whose digest is {self.digest}, got {material.digest}: the files have changed"
            )
        return material

    def pinned(self) -> Self:
        """The same domain with the digest of its data, as it is planned and recorded.

        Rows that are expensive to make are kept for other processes, and for the next time that these files are asked for.
        """
        plain = msgspec.structs.replace(self, digest="")
        known = msgspec.structs.replace(self, digest=plain.digest_of_files())
        if known.digest and known.place.exists():
            return known
        pinned = msgspec.structs.replace(self, digest=_material(plain).digest)
        if self.expensive:
            write_material(_material(plain), pinned.place)
        return pinned

    def digest_of_files(self) -> str:
        """The digest that the data have, where it is told without making rows that are expensive; else nothing."""
        return ""

    @property
    def expensive(self) -> bool:
        """Whether rows take long to make from files, and little to keep."""
        return False

    @property
    def place(self) -> Path:
        """Where the rows of a pinned domain are kept: under its definition and digest, so that other data stand
        elsewhere.
        """
        folder = Path(tempfile.gettempdir()) / f"fitted-laws-{getpass.getuser()}"
        if folder.exists() and folder.stat().st_uid != os.getuid():
            raise UnreadableData(
                f"{folder}: expected a folder of your own, got one of another user: remove it, or set TMPDIR"
            )
        return folder / f"{identity(self)}.npz"

    def samples(self, seed: Seed, n: int) -> Tokens:
        return self.material.train[self.offsets(seed, n)].astype(np.int64)

    def offsets(self, seed: Seed, n: int) -> NDArray[np.int64]:
        """Which rows of training `samples` takes."""
        return np.random.default_rng(seed).integers(0, len(self.material.train), n)

    def testing(self, n: int) -> Tokens:
        """Evenly spaced over what is held out: all of it, where it is less than n."""
        rows = self.material.test
        return rows[np.unique(np.linspace(0, len(rows) - 1, n).astype(np.int64))].astype(np.int64)

    def conditionals(self, tokens: Tokens) -> Array:
        raise NotImplementedError(f"the distribution of {self.source} is not known")

    @cached_property
    def entropy(self) -> Entropy:
        raise NotImplementedError(f"the entropy of {self.source} is not known")

    def described(self) -> str:
        """A sentence on the data for the law file: what, whose, how much, how split, and their digest."""
        material = self.material
        size = f"{material.unique_tokens:,d} tokens to train on"
        return f"{material.about}; licence: {material.licence}; {size}; {material.split}; SHA-256 {material.digest}"


def write_material(material: Material, path: Path) -> None:
    """Writes the rows, and as JSON what is said of them, where `read_material` reads them."""
    folder_at(path.parent, mode=0o700)
    facts = msgspec.structs.asdict(material)
    arrays = {name: facts.pop(name) for name in ("train", "test")}
    raw = io.BytesIO()
    np.savez(raw, **arrays, facts=np.frombuffer(msgspec.json.encode(facts), np.uint8))
    write_whole(raw.getvalue(), path)


@lru_cache(maxsize=4)
def read_material(domain: Collected) -> Material:
    with np.load(domain.place) as archive:
        facts = msgspec.json.decode(archive["facts"].tobytes(), type=dict[str, Any])
        return Material(train=archive["train"], test=archive["test"], **facts)


@lru_cache(maxsize=4)
def _material(domain: Collected) -> Material:
    material = domain.collect()
    if len(material.test) < FEWEST_ROWS:
        raise UnreadableData(
            f"{domain.source}: expected at least {FEWEST_ROWS} samples of {domain.length} tokens to hold out, got {len(material.test)}"
        )
    return material
