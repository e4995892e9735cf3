"""Scenarios side by side with their differences, and laws side by side by family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from fitted_laws import Laws
from fitted_laws.plots.axes import reached
from fitted_laws.quantities.display import number
from service.pages.markup import link
from service.pages.planner import words
from service.pages.planner.cases import Case, Cases, families
from service.pages.planner.sentences import amount, written
from service.pages.planner.ways import Way

SUMS = frozenset({"loss", "reducible_loss", "expected_loss", "excess_loss", "z_score", "marginal_value"})
"""Fields whose difference is a sum; others differ by a factor."""


def scenarios(way: Way, cases: Cases) -> str:
    """Scenarios side by side: what they ask where that differs, what they answer, and by how much that differs from the first."""
    columns = cases.scenarios
    if not columns:
        return ""
    heads = "".join(
        f'<th scope="col"><span class="tab h{each.hue or 0}">{escape(each.name)}</span></th>' for each in columns
    )
    asked = dict.fromkeys(name for each in columns for name in each.inputs)
    rows = [
        row(
            name.replace("_", " "),
            [escape(each.inputs.get(name) or ("preferred" if name == "law" else "not given")) for each in columns],
        )
        for name in asked
        if len({each.inputs.get(name) for each in columns}) > 1
    ]
    rows.append(row("answered by", [_by(each) for each in columns]))
    fields = [name for name in way.shows if any(each.rows and each.found.get(name) is not None for each in columns)]
    rows += [
        row(words.TITLES.get(name, (name.replace("_", " "),))[0], list(_compared(name, columns))) for name in fields
    ]
    rows.append(
        row("reach", [escape(reached(each.found)) if each.rows and "reach" in each.found else "" for each in columns])
    )
    return (
        '<section id="scenarios" aria-labelledby="scenarios-title"><h2 id="scenarios-title">Scenarios side by side</h2>'
        '<div class="wide" role="region" aria-label="Scenarios, as a table" tabindex="0">'
        f'<table class="compared"><thead><tr><td></td>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></section>'
    )


def row(name: str, cells: Sequence[str]) -> str:
    return f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _by(case: Case) -> str:
    return (
        link(f"/v1/laws/{case.law}.html", case.law)
        if case.rows and case.law
        else escape(case.problem.detail if case.problem else "")
    )


def _compared(name: str, columns: Sequence[Case]) -> Iterator[str]:
    """A field of each scenario, with its interval and how it differs from the first."""
    first = columns[0].found.get(name) if columns[0].rows else None
    for each in columns:
        value = each.found.get(name) if each.rows else None
        differs = (
            "" if each is columns[0] or not _same_scale(name, columns[0], each) else difference(name, first, value)
        )
        yield f"{amount(name, value)}{_ends(name, each)}{f'<span class=under>{escape(differs)}</span>' if differs else ''}"


def _same_scale(name: str, first: Case, other: Case) -> bool:
    if not (first.rows and other.rows):
        return False
    return not name.endswith("loss") or first.found.get("loss_on") == other.found.get("loss_on")


def difference(name: str, first: Any, value: Any) -> str:
    """How a value differs from the first scenario's: by a sum or by a factor."""
    if not isinstance(first, int | float) or not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    if first == value:
        return "the same"
    if name in SUMS or first <= 0 or value <= 0:
        return f"{value - first:+.3g}".replace("-", "−")
    return f"× {number(value / first, 3)}"


def _ends(name: str, case: Case) -> str:
    low, high = (case.found.get(f"{name}_{end}") if case.rows else None for end in ("low", "high"))
    if low is None or high is None:
        return ""
    return f'<span class="under">{written(name, low)} to {written(name, high)}</span>'


def rivals(way: Way, cases: Cases, laws: Laws) -> str:
    """Laws side by side, by family: what each says, how far out, and what its loss is measured on."""
    if not cases.laws:
        return ""
    every = {each.law or each.name: each for each in (cases.main, *cases.laws)}
    fields = [
        name for name in way.shows if any(each.rows and each.found.get(name) is not None for each in every.values())
    ][:4]
    heads = ["Law and data", "Reach"]
    heads += [words.TITLES.get(name, (name.replace("_", " "),))[0] for name in fields]
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = ""
    grouped = families(laws, cases.main.inputs["domain"], every)
    unknown = every.keys() - {id for _, members in grouped for id in members}
    for family, members in grouped:
        if len(members) > 1:
            take = f" Take {escape(family.take)}." if family.take else ""
            body += f'<tr class="family"><th scope="rowgroup" colspan="{len(heads)}"><span>{escape(family.title)}.{take}</span></th></tr>'
        body += "".join(_law_row(every[id], fields, len(heads)) for id in members)
    body += "".join(_law_row(every[id], fields, len(heads)) for id in sorted(unknown))
    return (
        '<section id="laws" aria-labelledby="laws-title"><h2 id="laws-title">Laws side by side</h2>'
        '<div class="wide" role="region" aria-label="Laws compared" tabindex="0">'
        f'<table class="compared"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _law_row(case: Case, fields: Sequence[str], width: int) -> str:
    id = case.law or case.name
    swatch = "" if case.hue is None else f'<span class="swatch h{case.hue}"></span> '
    named = f'<th scope="row">{swatch}{link(f"/v1/laws/{id}.html", id)}'
    if not case.rows:
        why = case.problem.detail.split("; laws of")[0] if case.problem else ""
        return f'<tr>{named}</th><td colspan="{width - 1}">{escape(why)}</td></tr>'
    found = case.found
    cells = "".join(f"<td>{amount(name, found.get(name))}{_ends(name, case)}</td>" for name in fields)
    data = escape(str(found.get("loss_on") or "no loss printed"))
    on = f'<span class="on" title="{data}">{data}</span>'
    far = escape(reached(found).replace("the fit", "").replace("decades beyond", "decades out").strip())
    return f'<tr class="{escape(str(found.get("reach")))}">{named}{on}</th><td>{far}</td>{cells}</tr>'
