"""What `python -m trainer reproduce` does: a study's numbers from its committed records, its plot, and the page of all
of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes

from trainer.domains.collected.base import Collected
from trainer.forecast.canvas import svg
from trainer.studies.registry import STUDIES
from trainer.studies.study import Finding
from trainer.studies.sweep_laws import sources_of
from trainer.sweep.records import read_records

SIZE = (6.4, 4.0)
ENDS = ("_low", "_high")
LONG = 1e15
"""From where a number is shown by its power of ten."""


def data_of(name: str) -> str:
    """What the runs of a law were trained on: from the data themselves, whose digest the records name."""
    sources = sources_of(name)
    used = read_records(sources[0])[0].config.domain
    if isinstance(used, Collected):
        return used.described()
    return f"samples of the domain {used.__struct_config__.tag}, whose entropy is known; {', '.join(source.stem for source in sources)}"


def plot(finding: Finding) -> bytes:
    """The study's plot as SVG; the same finding gives the same bytes."""

    def draw(axes: Axes) -> None:
        finding.draw(axes)
        axes.grid(alpha=0.3)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize="small")

    return svg(draw, SIZE, {})


def section(name: str, finding: Finding) -> str:
    """A study as the page of reproductions has it, in Markdown: what it says is the third line."""
    study = STUDIES[name]
    lines = [
        f"## {study.title}",
        "",
        f"{finding.says}.",
        "",
        f"The paper: {study.paper}.",
        "",
        f"`make reproduce STUDY={name}`",
        "",
        f"![{study.title}](studies/{name}.svg)",
        "",
    ]
    return "\n".join(
        [
            *lines,
            *table(finding.rows),
            "",
            *(f"    {key} = {value}" for key, value in with_intervals(finding.numbers).items()),
            "",
            "",
        ]
    )


def table(rows: list[dict[str, float | str]]) -> list[str]:
    """Rows as a Markdown table; a row without a column has a dash there."""
    if not rows:
        return []
    cells = [with_intervals(row) for row in rows]
    names = list(dict.fromkeys(name for row in cells for name in row))
    body = [f"| {' | '.join(row.get(name, '–') for name in names)} |" for row in cells]
    return [f"| {' | '.join(name.replace('_', ' ') for name in names)} |", "|---" * len(names) + "|", *body]


def with_intervals(numbers: Mapping[str, float | str]) -> dict[str, str]:
    """Numbers as they are shown; `x`, `x_low` and `x_high` are one: `0.61 (0.50 to 0.70)`."""
    spans = {name: [name + end for end in ENDS] for name in numbers if all(name + end in numbers for end in ENDS)}
    ends = {end for span in spans.values() for end in span}
    texts = {name: shown(value) for name, value in numbers.items()}
    return {
        name: f"{text} ({' to '.join(texts[end] for end in spans[name])})" if name in spans else text
        for name, text in texts.items()
        if name not in ends
    }


def shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if 1000 <= abs(value) < LONG else f"{value:.4g}"
