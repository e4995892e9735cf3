"""The page about a law: whole in one file, the same bytes each time, with the law's own numbers in it."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import synthetic

from fitted_laws import ask, load
from fitted_laws.catalogue import published
from trainer.__main__ import main
from trainer.report.numerals import power_of_ten, short

FORMS = synthetic.every_form()
VOID = {"meta", "path", "use", "br", "link", "img"}


class Reader(HTMLParser):
    """Tags in order, with every id, and what each attribute points at; an unclosed or crossed tag is a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in ("src", "href", "action", "data", "xlink:href"):
                self.links.append(str(value))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(tmp_path: Path, source: Path, *options: str) -> tuple[str, Reader]:
    """The page that the command makes, and what a parser sees in it."""
    assert main(["report", str(source), "-o", str(tmp_path / "page.html"), *options]) == 0
    text = (tmp_path / "page.html").read_text()
    seen = Reader()
    seen.feed(text)
    assert seen.open == []
    return text, seen


def require_whole(text: str, seen: Reader) -> None:
    """Nothing is fetched, nothing runs, and no id stands twice."""
    assert [link for link in seen.links if not link.startswith("#")] == []
    assert {link[1:] for link in seen.links} <= {*seen.ids}
    assert len(seen.ids) == len({*seen.ids})
    assert {"script", "link", "img", "iframe"} & {*seen.tags} == set()
    assert not re.search(r"@import|url\((?!#)", text)
    assert "light-dark(" in text
    assert 'name="viewport"' in text


def shown(text: str) -> str:
    return re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("form", FORMS)
def test_a_page_for_runs_of_every_form(tmp_path: Path, form: str) -> None:
    """Each coefficient with its value, residuals against each input, an example that the command line answers with the same number."""
    runs = synthetic.write_csv(tmp_path / "runs.csv", FORMS[form][0])
    text, seen = page(tmp_path, runs, "--form", form, "--bootstrap", "60")
    require_whole(text, seen)
    assert main(["fit", str(runs), "-o", str(tmp_path / "runs.json"), "--form", form, "--bootstrap", "60"]) == 0
    law = json.loads((tmp_path / "runs.json").read_bytes())
    for name, value in law["coefficients"].items():
        assert re.search(rf"<td>{name}</td><td>{re.escape(f'{value:.6g}')}</td>", text), name
    assert text.count("<svg") >= 3
    command, answer = re.search(
        r"fitted-laws (\w+ --law-file runs.json [^\n]+) --format txt\n([^\n]+)\n", shown(text)
    ).groups()  # type: ignore[union-attr]
    words = command.split()
    inputs = dict(zip((w.removeprefix("--").replace("-", "_") for w in words[3::2]), words[4::2], strict=True))
    found = ask(words[0], load([tmp_path / "runs.json"], shipped=False), domain="runs", **inputs)
    assert float(answer) == found[found.headline]


@pytest.fixture(scope="module")
def surface(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The table of a surface, and the page of its fit."""
    folder = tmp_path_factory.mktemp("surface")
    runs = synthetic.write_csv(folder / "runs.csv", synthetic.surface())
    return runs, page(folder, runs, "--bootstrap", "60")[0]


def test_a_surface_has_all_its_figures(surface: tuple[Path, str]) -> None:
    """Fit, isoFLOPs, residuals against size, data and prediction, frontier to 100 times beyond, and the correlations."""
    _, text = surface
    for heading in (
        "Loss against compute",
        "isoFLOP curves",
        "Against params",
        "Against tokens",
        "Against predicted loss",
        "Loss on the frontier",
        "Best size and tokens",
    ):
        assert f"<h3>{heading}</h3><svg" in text, heading
    for heading in ("Fit", "Residuals", "Beyond the runs", "Coefficients", "What was read", "Ask it", "Cite it"):
        assert f"<h2>{heading}</h2>" in text, heading
    assert text.count("color-mix") == 25
    largest = 6 * (synthetic.surface()["params"] * synthetic.surface()["tokens"]).max()
    assert f"{power_of_ten(100 * largest)} FLOP" in text


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, surface: tuple[Path, str]) -> None:
    """No clock and no chance in it."""
    runs, text = surface
    assert page(tmp_path, runs, "--bootstrap", "60")[0] == text


def test_a_law_file_gives_the_page_of_its_runs(tmp_path: Path, surface: tuple[Path, str]) -> None:
    """With the runs that it keeps the same figures; what was read is no longer known."""
    runs, fresh = surface
    assert main(["fit", str(runs), "-o", str(tmp_path / "runs.json"), "--bootstrap", "60"]) == 0
    kept, seen = page(tmp_path, tmp_path / "runs.json")
    require_whole(kept, seen)
    assert re.findall(r"<svg.*?</svg>", kept, re.DOTALL) == re.findall(r"<svg.*?</svg>", fresh, re.DOTALL)
    assert "What was read" not in kept


@pytest.mark.parametrize("name", ["besiroglu-2024", "kaplan-2020", "muennighoff-2023", "krajewski-2024"])
def test_a_published_law_has_a_page_without_runs(tmp_path: Path, name: str) -> None:
    """What it expects and how well its coefficients are known; residuals it has none."""
    (path,) = [path for path in published() if path.stem == name]
    text, seen = page(tmp_path, path)
    require_whole(text, seen)
    assert "Residuals" not in text


def test_what_was_left_out_is_on_the_page(tmp_path: Path) -> None:
    """Lines and reasons, other names of columns, what the runs cannot tell; as text, whatever is in the file."""
    table = synthetic.surface(20)
    runs = synthetic.write_csv(
        tmp_path / "a<b>.csv", {"N": table["params"], "tokens": table["tokens"], "val_loss": table["loss"]}
    )
    runs.write_text(runs.read_text() + "1e8,1e9,<script>alert(1)</script>\n")
    text, seen = page(tmp_path, runs, "--bootstrap", "20")
    require_whole(text, seen)
    assert "read N as params" in text
    assert "line 22 left out: loss: expected a plain number" in text
    assert "&lt;script&gt;" in text
    assert "a&lt;b&gt;.csv" in text
    assert "1 more left out" in text


def test_several_curves_share_a_page(tmp_path: Path) -> None:
    """One part a curve, linked at the top; one that cannot be fitted is reported by the exit code."""
    table = synthetic.surface(30)
    labels = np.array(["one"] * 15 + ["two"] * 15)
    runs = synthetic.write_csv(tmp_path / "runs.csv", {**table, "curve": labels})
    text, seen = page(tmp_path, runs, "--bootstrap", "20")
    require_whole(text, seen)
    assert re.findall(r"<h1>([^<]+)</h1>", text) == ["runs-one: L(N, D) of runs", "runs-two: L(N, D) of runs"]
    labels[:3] = "three"
    synthetic.write_csv(runs, {**table, "curve": labels})
    assert main(["report", str(runs), "-o", str(tmp_path / "page.html"), "--bootstrap", "20"]) == 3
    assert "runs-two" in (tmp_path / "page.html").read_text()


def test_what_has_no_page_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An allocation alone is no law of loss."""
    (path,) = [path for path in published() if path.stem == "llama3-2024"]
    assert main(["report", str(path), "-o", str(tmp_path / "page.html")]) == 3
    assert "nothing to show" in capsys.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_runs_stand_by_name_with_per_cent(tmp_path: Path) -> None:
    """The farthest run comes first, under its name, as far off as it is: 2.8 times the law is 180 % above it."""
    table = synthetic.surface(40, noise=0.001)
    table["loss"] = np.where(np.arange(40) == 7, 2.8 * table["loss"], table["loss"])
    runs = synthetic.write_csv(tmp_path / "runs.csv", {**table, "run": [f"r-{i}" for i in range(40)]})
    text, _ = page(tmp_path, runs, "--bootstrap", "20")
    first = re.search(r"Run by run.*?<tbody><tr><td>(.*?)</td>.*?<td>([^<]*)</td></tr>", shown(text), re.DOTALL)
    assert first is not None
    assert first[1] == "r-7"
    assert float(first[2].removesuffix(" %")) == pytest.approx(180, abs=3)
    assert "--without r-7" in text


def test_the_forecast_is_told_by_distance(surface: tuple[Path, str]) -> None:
    """Five distances to a hundred times, the basin at each, and the next runs."""
    _, text = surface
    for distance in ("1 ×", "3 ×", "10 ×", "30 ×", "100 ×"):
        assert text.count(f"<td>{distance}</td>") == 2
    assert "basin of params" in text
    assert "<h2>Next runs</h2>" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.5e8, "350M"), (1.4e12, "1.4T"), (999.6e6, "1B"), (12.0, "12"), (1e21, "10²¹"), (3.2e-5, "3.2·10⁻⁵")],
)
def test_numbers_are_written_as_people_say_them(value: float, text: str) -> None:
    """Counts with a suffix, the rest by powers of ten."""
    assert short(value) == text
