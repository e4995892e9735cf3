"""What `python -m trainer reproduce` does: a study's numbers from its committed records, its plot, and the page of all
of them.
"""

from __future__ import annotations

from matplotlib.axes import Axes

from trainer.domains.collected.base import Collected
from trainer.forecast.canvas import svg
from trainer.studies.registry import STUDIES
from trainer.studies.study import Finding
from trainer.studies.sweep_laws import sources_of
from trainer.sweep.records import read_records

SIZE = (6.4, 4.0)


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
    """A study as the page of reproductions has it, in Markdown."""
    study = STUDIES[name]
    lines = [
        f"## {study.title}",
        "",
        f"{finding.says}.",
        "",
        f"The paper: {study.paper}.",
        "",
        f"![{study.title}](studies/{name}.svg)",
        "",
    ]
    return "\n".join(
        [
            *lines,
            *table(finding.rows),
            "",
            *(f"    {key} = {shown(value)}" for key, value in finding.numbers.items()),
            "",
            "",
        ]
    )


def table(rows: list[dict[str, float | str]]) -> list[str]:
    """Rows as a Markdown table; a row without a column has a dash there."""
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [f"| {' | '.join(shown(row[name]) if name in row else '–' for name in names)} |" for row in rows]
    return [f"| {' | '.join(name.replace('_', ' ') for name in names)} |", "|---" * len(names) + "|", *body]


def shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
