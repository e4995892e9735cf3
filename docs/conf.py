"""How Sphinx makes the site of the documents: `make docs`. Nothing on it comes from elsewhere, and it opens from a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from fitted_laws import __version__
from fitted_laws.catalogue import shipped
from fitted_laws.plots import law_curve
from fitted_laws.plots.curves import alone

DOCS = Path(__file__).parent
DRAWN = "_laws"
"""The folder of the laws' plots, made anew for each build."""
PAGE = re.compile(r"\]\(([\w/-]+)\.(?:md|ipynb)\)")
HEADING = re.compile(r"(?m)^### ([\w.-]+), ([\w-]+)$")

project, author, release = "Fitted Laws", "Fitted Laws developers", __version__
project_copyright = "Apache-2.0; coefficients are facts from the papers that each law cites"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints"]
suppress_warnings = ["misc.highlighting_failure"]  # JSON with an ellipsis is shown as text

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4  # as a forge gives them, so that links lead to the same places in both
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
default_role = "code"  # what stands in backticks in a docstring
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_mock_imports = ["torch", "numba"]
napoleon_numpy_docstring = False
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True
copybutton_line_continuation_character = "\\"

html_theme = "furo"
html_title = f"Fitted Laws {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}


def draw(_app: Sphinx) -> None:
    """Draws every law that answers a curve, for the catalogue."""
    folder = DOCS / DRAWN
    folder.mkdir(exist_ok=True)
    laws = shipped()
    for law in laws:
        figure = law_curve.figure(law, laws)
        if figure:
            (folder / f"{law.id}-{law.domain.id}.svg").write_bytes(alone(figure.drawing.svg))


def read(_app: Sphinx, document: str, source: list[str]) -> None:
    """Fits a document into the site: the contents follow the front page's links, laws in the catalogue have their plots, and the changes, which
    lie outside, have a page.
    """
    if document == "index":
        source[0] += contents(source[0])
    if document == "catalogue":
        source[0] = HEADING.sub(_with_plot, source[0])
    if not document.startswith("notebooks/"):
        source[0] = re.sub(r"\]\((?:\.\./)+CHANGELOG\.md\)", "](/changelog.md)", source[0])


def contents(front: str) -> str:
    """A hidden table of contents for each heading of the front page, of the documents that it links to."""
    tables = []
    for section in front.split("\n## ")[1:]:
        title, _, text = section.partition("\n")
        pages = dict.fromkeys(PAGE.findall(text.replace("../CHANGELOG", "changelog")))
        tables.append("```{toctree}\n:hidden:\n:caption: " + title + "\n\n" + "\n".join(pages) + "\n```\n")
    return "\n" + "\n".join(tables)


def _with_plot(heading: re.Match[str]) -> str:
    file = f"{DRAWN}/{heading[1]}-{heading[2]}.svg"
    return f"{heading[0]}\n\n![What {heading[1]} says]({file})" if (DOCS / file).exists() else heading[0]


def inline(self: Any, node: nodes.math) -> None:
    """A formula in a line as MathML."""
    self.body.append(convert(node.astext()))
    raise nodes.SkipNode


def block(self: Any, node: nodes.math_block) -> None:
    """A formula by itself as MathML."""
    self.body.append(f'<div class="equation">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    for language in ("cell", "powerquery"):
        app.add_lexer(language, TextLexer)
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    app.connect("builder-inited", draw)
    app.connect("source-read", read)
