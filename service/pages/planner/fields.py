"""One input of a form: its label, its text or menu, a slider, a hint, and what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from html import escape
from typing import TypeAlias

from fitted_laws import Laws
from fitted_laws.asking.inputs import Input
from fitted_laws.quantities.hardware import ACCELERATORS
from fitted_laws.quantities.problems import Fault
from service.pages.planner import starts
from service.pages.planner.cases import Case
from service.pages.planner.sentences import written
from service.pages.planner.ways import HINTS, Way, label

Faults: TypeAlias = Mapping[str, Fault]
"""What is wrong, by input."""
LINEAR = {"mfu": (0.05, 0.8, 0.01), "probability": (0.5, 0.99, 0.01)}
LOSSES = frozenset({"loss", "observed_loss", "kl"})
LOGARITHMIC = frozenset(
    {
        "compute",
        "params",
        "tokens",
        "unique_tokens",
        "inference_tokens",
        "epochs",
        "count",
        "deadline_days",
        "price_per_hour",
    }
)


def field(way: Way, entry: Input, given: Mapping[str, str], faults: Faults, main: Case | None, laws: Laws) -> str:
    """One input with its label, hint, slider and error."""
    name, value = entry.name, given.get(entry.name, "")
    if name in ("accelerator", "inference_accelerator"):
        choices = [*([] if entry.required else [("", "none")]), *((id, id) for id in ACCELERATORS)]
        return select(name, label(way, entry), choices, value, faults)
    if entry.choices:
        choices = [*([] if entry.required else [("", "not said")]), *((each, each) for each in entry.choices)]
        return select(name, label(way, entry), choices, value or str(entry.default or ""), faults)
    optional = "" if entry.required or name in way.fitted else ' <span class="soft">(optional)</span>'
    moved = slider(way, entry, value, main, laws)
    return text(name, f"{escape(label(way, entry))}{optional}", value, faults, HINTS.get(name, ""), moved)


def text(name: str, title: str, value: str, faults: Faults, hint: str = "", beneath: str = "") -> str:
    """A text to fill in; `title` is HTML, `beneath` stands between it and its hint."""
    described = f"{name}-hint {name}-error" if hint else f"{name}-error"
    hinted = f'<p class="hint" id="{name}-hint">{escape(hint)}</p>' if hint else ""
    return (
        f'<div class="field"><label for="{name}">{title}</label><input id="{name}" name="{name}" value="{escape(value)}" '
        f'autocomplete="off" spellcheck="false" aria-describedby="{described}"{invalid(name, faults)}>'
        f"{beneath}{hinted}{error(name, faults)}</div>"
    )


def slider(way: Way, entry: Input, value: str, main: Case | None, laws: Laws) -> str:
    """A slider beside a number that is given, about what was read."""
    name = entry.name
    read = main.found.get(name) if main and main.rows else None
    if not value or not isinstance(read, int | float) or read <= 0 or name not in LOGARITHMIC | LOSSES | LINEAR.keys():
        return ""
    known = starts.place(laws, main.inputs.get("domain", "")) if main else {}
    if name in LINEAR:
        low, high, step = LINEAR[name]
        kind, at = "linear", float(read)
    elif name in LOSSES:
        centre = known.get("observed_loss" if name != "kl" else "kl", float(read))
        low, high = min(0.75 * centre, 0.98 * read), max(1.6 * centre, 1.02 * read)
        kind, at, step = "linear", float(read), round((high - low) / 400, 5)
    else:
        centre = math.log10(known.get(name, read))
        low = max(min(centre - 4, math.log10(read) - 0.5), math.log10(entry.meta.ge or 1e-3))
        high = min(max(centre + 6, math.log10(read) + 0.5), math.log10(entry.meta.le or 1e60))
        kind, at, step = "log", math.log10(read), 0.01
    spoken = f"{written(name, float(read))} {entry.quantity.unit if entry.quantity else ''}".strip()
    return (
        f'<input class="scripted" hidden type="range" data-of="{name}" data-scale="{kind}" min="{low:.4g}" max="{high:.4g}" step="{step}" '
        f'value="{at:.4f}" aria-label="{escape(label(way, entry))}, slider" aria-valuetext="{escape(spoken)}">'
    )


def select(
    name: str,
    title: str,
    choices: Iterable[tuple[str, str | list[tuple[str, str]]]],
    chosen: str,
    faults: Faults,
    hint: str = "",
) -> str:
    """A menu; a choice whose text is a list is a group of choices."""
    marked = False

    def option(value: str, text: str) -> str:
        nonlocal marked
        selected = value == chosen and not marked
        marked = marked or selected
        return f'<option value="{escape(value)}"{" selected" if selected else ""}>{escape(text)}</option>'

    parts = []
    for key, content in choices:
        if isinstance(content, str):
            parts.append(option(key, content))
            continue
        inner = "".join(option(value, text) for value, text in content)
        parts.append(f'<optgroup label="{escape(key)}">{inner}</optgroup>' if key else inner)
    described = f'aria-describedby="{name}-error{f" {name}-hint" if hint else ""}"'
    hinted = f'<p class="hint" id="{name}-hint">{escape(hint)}</p>' if hint else ""
    return (
        f'<div class="field"><label for="{name}">{escape(title)}</label>'
        f'<select id="{name}" name="{name}" {described}{invalid(name, faults)}>{"".join(parts)}</select>{hinted}{error(name, faults)}</div>'
    )


def invalid(name: str, faults: Faults) -> str:
    return ' aria-invalid="true"' if name in faults else ""


def error(name: str, faults: Faults) -> str:
    """What is wrong with an input, beside it."""
    fault = faults.get(name)
    text = f"Expected {fault.expected}; got {fault.got}." if fault else ""
    return f'<p class="error" id="{name}-error">{escape(text)}</p>'
