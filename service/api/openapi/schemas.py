"""What all parts of the document are made of: references, names and JSON Schemas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

Schema: TypeAlias = dict[str, Any]


def ref(name: str, of: str = "schemas") -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/{of}/{name}"}


def class_name(name: str) -> str:
    """The name of a component as languages write types: `information_gain` is `InformationGain`."""
    return "".join(word.capitalize() for word in name.split("_"))


def enumeration(values: Iterable[str], description: str = "") -> Schema:
    """A text that is one of `values`; any text where there are none, since an empty `enum` is no schema."""
    known = list(dict.fromkeys(values))
    said = {"description": description} if description else {}
    return {"type": "string", **said, **({"enum": known} if known else {})}


def array(items: Schema) -> Schema:
    """An array that is not empty."""
    return {"type": "array", "minItems": 1, "items": items}


def jsonable(content: object) -> Any:
    """`content` as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(content))


def json_text(content: object) -> str:
    """`content` as one line of JSON."""
    return msgspec.json.encode(content).decode()
