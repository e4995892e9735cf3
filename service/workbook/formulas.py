"""The workbook's formulas as text, and the text that a cell's value becomes in one; where they stand is in `sheets`.

A formula asks the server by WEBSERVICE and reads its number with a point, whatever the locale writes.
Functions younger than the file format carry the prefix under which it stores them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from fitted_laws.answers.answer import Scalar

BASE = "base"
"""The name of the cell that holds the server's address."""
KEY = "key"
"""The name of the cell for an API key: empty where the service asks for none."""
DEFAULT = "default"
"""What the cell of a law says where the catalogue's default is to answer."""
NEVER_BLANK = ("domain", "level")


def number(link: str) -> str:
    """The number at `link`, an expression; #N/A where there is none."""
    return f'=IFERROR(_xlfn.NUMBERVALUE(_xlfn.WEBSERVICE({link}),".",","),NA())'


def text(link: str) -> str:
    """The text at `link`; #N/A where there is none."""
    return f"=IFERROR(_xlfn.WEBSERVICE({link}),NA())"


def remark(link: str, law: str) -> str:
    """The text at `link`, its parts a line each; empty where the answer has none, #N/A where `law` says that there is no answer."""
    return f'=IF(ISNA({law}),NA(),IFERROR(SUBSTITUTE(_xlfn.WEBSERVICE({link})," | ",CHAR(10)),""))'


def status(link: str, law: str) -> str:
    """Whether the question was answered, else why not."""
    return f'=IF(ISNA({law}),IFERROR(_xlfn.WEBSERVICE({link}),NA()),"answered")'


def link(question: str, query: str, field: str | None = None) -> str:
    """The expression of an address to ask at: `query` is one as well, `field` the name of the field asked for."""
    tail = f'&"&field={field}"' if field else ""
    return f'{shared(question, query, ".txt")}{tail}&IF({KEY}="","","&key="&_xlfn.ENCODEURL({KEY}))'


def shared(question: str, query: str, suffix: str = "") -> str:
    """The expression of an address to hand on: without the key."""
    return f'{BASE}&"/v1/{question}{suffix}?"&{query}'


def escaped(cell: str) -> str:
    """The value of `cell` as a part of an address; a decimal comma becomes a point."""
    return f'_xlfn.ENCODEURL(SUBSTITUTE({cell}&"",",","."))'


def query(cells: Mapping[str, str]) -> str:
    """The expression of a query that gives each input the value of its cell, and leaves out those whose cell is empty."""
    parts: list[str] = []
    for name, cell in cells.items():
        lead = "" if not parts else "&"
        if name in NEVER_BLANK:
            parts.append(f'"{lead}{name}="&{escaped(cell)}')
        elif name == "law":
            parts.append(f'IF(OR({cell}="",{cell}="{DEFAULT}"),"","{lead}law="&{escaped(cell)})')
        else:
            parts.append(f'IF({cell}="","","{lead}{name}="&{escaped(cell)})')
    return "&".join(parts)


def sent(inputs: Mapping[str, Scalar]) -> dict[str, str]:
    """What `query` asks where its cells hold `inputs`."""
    return {
        name: written(value)
        for name, value in inputs.items()
        if value is not None and (name, value) != ("law", DEFAULT)
    }


def query_text(inputs: Mapping[str, Scalar]) -> str:
    """The text that `query` gives where its cells hold `inputs`."""
    return "&".join(f"{name}={quote(value, safe='-._~')}" for name, value in sent(inputs).items())


def written(value: Scalar) -> str:
    """`value` as `A2&""` writes it in Excel: fifteen digits."""
    return f"{value:.15G}" if isinstance(value, float | int) else str(value)
