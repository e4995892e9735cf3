"""What the build makes of README for the page of the package: links into this project's files are dead there, and become the files' names, or
links to `address` where `pyproject.toml` names one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

IMAGE = re.compile(r"!\[[^\]]*\]\((?!\w+://)[^)]+\)\n*")
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!\w+://|#)([^)]+)\)")


class Metadata(MetadataHookInterface):
    """The description, and the project's addresses."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        address = str(self.config.get("address", "")).rstrip("/")
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": described(readme, address)}
        if address:
            metadata["urls"] = {
                "Repository": address,
                "Documentation": f"{address}/blob/HEAD/docs/index.md",
                "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
            }


def described(readme: str, address: str) -> str:
    """README without links that need this folder."""
    if address:
        return LINK.sub(rf"[\1]({address}/blob/HEAD/\2)", re.sub(IMAGE, "", readme))
    return LINK.sub(lambda link: link[1] if link[1] == link[2] else f"{link[1]} ({link[2]})", IMAGE.sub("", readme))
