"""Which code answers: a digest of its sources and of what it computes with."""

from __future__ import annotations

import hashlib
import platform
from importlib import metadata, resources

PACKAGES = ("fitted_laws", "service")
COMPUTES_WITH = ("numpy", "scipy", "msgspec")


def code_digest() -> str:
    """Changes with any source file, with Python, and with the libraries whose numbers are answered."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in COMPUTES_WITH:
        digest.update(metadata.version(name).encode())
    for package in PACKAGES:
        folder = resources.files(package)
        with resources.as_file(folder) as path:
            for file in sorted(path.rglob("*.py")):
                digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
