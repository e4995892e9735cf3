"""The same question as curl, cell formula, command line and Python, as they run when pasted."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from html import escape
from urllib.parse import quote, urlencode

from fitted_laws.asking.inputs import inputs_of
from fitted_laws.questions.registry import QUESTIONS

LITERAL = 255
"""Excel's limit for a text inside a formula."""
KEY_HEADER = '-H "Authorization: Bearer $FITTED_LAWS_KEY" '
KEY_CELL = '&"&key="&ENCODEURL(key)'


def html(question: str, inputs: Mapping[str, str], base: str, *, keyed: bool) -> str:
    """All four, each to copy; `keyed` where the service asks for a key, which is never written."""
    reads, formula = cell(question, inputs, base, keyed=keyed)
    held = f"A2 holds {reads.replace('_', ' ')}: {inputs.get(reads, '')}.{' A cell named key holds your key.' if keyed else ''}"
    parts = (
        ("curl", "curl", curl(question, inputs, base, keyed=keyed), ""),
        ("cell", "Cell formula", formula, held),
        ("shell", "Command line", shell(question, inputs), ""),
        ("python", "Python", python(question, inputs), ""),
    )
    shown = "".join(
        f'<div><div class="title"><h3 id="{id}-title">{title}</h3>'
        f'<button type="button" class="scripted" hidden data-copies-from="{id}" aria-label="Copy {title}">Copy</button></div>'
        f'<pre id="{id}" tabindex="0" aria-labelledby="{id}-title">{escape(text)}</pre>'
        f"{hinted(hint)}</div>"
        for id, title, text, hint in parts
    )
    note = (
        '<p class="hint">Your key is not written here: curl takes it from <code>FITTED_LAWS_KEY</code>, the formula from a cell '
        "named <code>key</code>. The command and Python need none: they ask no server.</p>"
    )
    return f'{note if keyed else ""}<div class="same">{shown}</div>'


def hinted(text: str) -> str:
    return f'<p class="hint" id="cell-hint">{escape(text)}</p>' if text else ""


def curl(question: str, inputs: Mapping[str, str], base: str, *, keyed: bool) -> str:
    return f"curl {KEY_HEADER if keyed else ''}{shlex.quote(f'{base}/v1/{question}?{urlencode(inputs)}')}"


def cell(question: str, inputs: Mapping[str, str], base: str, *, keyed: bool) -> tuple[str, str]:
    """The input that A2 holds, and the formula: it gives the headline in an English and a German locale."""
    known = inputs_of(QUESTIONS[question])
    numbers = [name for name in inputs if name in known and known[name].numeric and not known[name].option]
    reads = numbers[0] if numbers else next(iter(inputs), "domain")
    rest = {name: value for name, value in inputs.items() if name != reads}
    address = f"{base}/v1/{question}.txt?{urlencode(rest)}{'&' if rest else ''}{quote(reads)}="
    literal = "&".join(f'"{address[i : i + LITERAL]}"' for i in range(0, len(address), LITERAL))
    key = KEY_CELL if keyed else ""
    return reads, f'=IFERROR(NUMBERVALUE(WEBSERVICE({literal}&ENCODEURL(SUBSTITUTE(A2&"",",",".")){key}),".",","),NA())'


def shell(question: str, inputs: Mapping[str, str]) -> str:
    options = (f"--{name.replace('_', '-')} {shlex.quote(value)}" for name, value in inputs.items())
    return " ".join(["fitted-laws", question, *options])


def python(question: str, inputs: Mapping[str, str]) -> str:
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in inputs.items())
    return f'from fitted_laws import ask\nprint(ask("{question}", {given}))'
