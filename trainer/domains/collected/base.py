"""Domains whose samples come from files: what training may see, what is held out, and the digest of both. Their entropy is unknown."""

from __future__ import annotations

import getpass
import hashlib
import os
import tempfile
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from trainer.domains.base import Array, Domain, Entropy, Seed, Tokens
from trainer.domains.material.files import Unreadable
from trainer.files import folder_at, whole

FEWEST_ROWS = 64
"""Test rows below which a loss says nothing."""
Rows = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.int64]
"""(rows, length): tokens as small as they are kept."""


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to train on and rows held out, with the digest of the data behind both and a sentence on what and whose they are."""

    train: Rows
    test: Rows
    unique_tokens: int
    """Of training."""
    digest: str
    about: str
    licence: str
    split: str


class Collected(Domain, frozen=True, kw_only=True):
    """Rows of files are drawn with replacement; `digest`, where it is given, refuses other data than those a run was planned on."""

    source: str
    """The name of a source that is known, or a folder."""
    digest: str = ""

    def collect(self) -> Material:
        """Reads the files."""
        raise NotImplementedError

    def of_folder(self, folder: str) -> Collected:
        """The same of a user's own files."""
        return msgspec.structs.replace(self, source=folder)

    @property
    def known(self) -> bool:
        return False

    @property
    def material(self) -> Material:
        """Raises Unreadable where files are missing, unreadable or too few, or are not those of the digest."""
        if self.digest and self.dear and self.place.exists():
            return kept(self)
        found = _material(msgspec.structs.replace(self, digest=""))
        if self.digest and found.digest != self.digest:
            raise Unreadable(
                f"{self.source}: expected the data whose digest is {self.digest}, got {found.digest}: the files have changed"
            )
        return found

    def pinned(self) -> Self:
        """The same domain with the digest of its data, as it is planned and recorded; rows that are dear to make are kept for other processes."""
        plain = msgspec.structs.replace(self, digest="")
        found = msgspec.structs.replace(self, digest=_material(plain).digest)
        if self.dear:
            keep(_material(plain), found.place)
        return found

    @property
    def dear(self) -> bool:
        """Whether rows take long to make from files, and little to keep."""
        return False

    @property
    def place(self) -> Path:
        """Where the rows of a pinned domain are kept: under its definition and digest, so that other data stand elsewhere."""
        name = hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"fitted-laws-{getpass.getuser()}"
        if folder.exists() and folder.stat().st_uid != os.getuid():
            raise Unreadable(
                f"{folder}: expected a folder of your own, got one of another user: remove it, or set TMPDIR"
            )
        return folder / f"{name}.npz"

    def samples(self, seed: Seed, n: int) -> Tokens:
        rows = self.material.train
        return rows[np.random.default_rng(seed).integers(0, len(rows), n)].astype(np.int64)

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
        """What the data are, for the law."""
        found = self.material
        return f"{found.about}; licence: {found.licence}; {found.unique_tokens:,d} tokens to train on; {found.split}; SHA-256 {found.digest}"


def keep(material: Material, path: Path) -> None:
    """Writes the material whole or not at all."""
    folder_at(path.parent, mode=0o700)
    told = msgspec.json.encode(
        {name: value for name, value in msgspec.structs.asdict(material).items() if name not in ("train", "test")}
    )
    with whole(path) as part, part.open("wb") as file:
        np.savez(file, train=material.train, test=material.test, facts=np.frombuffer(told, np.uint8))


@lru_cache(maxsize=4)
def kept(domain: Collected) -> Material:
    with np.load(domain.place) as held:
        facts = msgspec.json.decode(held["facts"].tobytes(), type=dict[str, Any])
        return Material(train=held["train"], test=held["test"], **facts)


@lru_cache(maxsize=4)
def _material(domain: Collected) -> Material:
    found = domain.collect()
    if len(found.test) < FEWEST_ROWS:
        raise Unreadable(
            f"{domain.source}: expected at least {FEWEST_ROWS} samples of {domain.length} tokens to hold out, got {len(found.test)}"
        )
    return found
