"""Writes what the project answers to a folder, so that two trees can be compared: `answers.py FOLDER`, and `answers.py --compare BEFORE AFTER`.

Asked are the doors that users have, and these alone: a service that is started here on 127.0.0.1, the command lines, `fitted_laws.ask`.
One thing has no such door, the identities of a sweep's runs, by which an interrupted sweep resumes: their functions are found by name.
So the same script asks a tree before and after its modules moved. It asks the tree that it stands in.

Left out is what each request or moment has of its own: the headers Date and X-Request-ID, /metrics. The digest of the sources is shown
nowhere. `--compare` takes the names of modules and of Python files for equal, and says so; it prints every other difference.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import importlib
import io
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from exchanges import ROOT, Service, Write, table, write_pages, write_questions

FITS = {
    "markov": ("trainer/runs/markov.jsonl", "--checkpoints", "--bootstrap", "20"),
    "math": (
        "trainer/runs/math.jsonl",
        "--checkpoints",
        "--form",
        "additive",
        "--bootstrap",
        "100",
        "--counts",
        "non-embedding",
        "--seed",
        "7",
    ),
    "synthetic": (
        "tests/data/synthetic.jsonl",
        "--bootstrap",
        "50",
        "--irreducible-loss",
        "1.5..1.9",
        "--objective",
        "squares",
    ),
}
CODE = re.compile(r"\b(?:fitted_laws|service|trainer)(?:(?:/\w+)+\.py|(?:\.\w+)+)\b")
"""What names code: a module or a Python file."""


def write_in(folder: Path, name: str, content: str | bytes) -> None:
    """A file of that name in `folder`."""
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())


def typed(main: Callable[[list[str]], int], *words: str, terminal: bool = False) -> str:
    """What a command line prints, and its exit code."""
    out = Terminal() if terminal else io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            code = main(list(words))
        except SystemExit as end:
            code = int(end.code or 0)
    return f"$ {' '.join(words)}\n{out.getvalue()}[{code}]\n\n"


class Terminal(io.StringIO):
    """A text that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def write_commands(write: Write, examples: Mapping[str, Mapping[str, Any]]) -> None:
    """Every question from the command line and from Python, and the listings."""
    from fitted_laws import ask  # noqa: PLC0415 - of the tree that main() puts first
    from fitted_laws.__main__ import main  # noqa: PLC0415

    ours = functools.partial(typed, main)
    write("commands/usage", ours() + ours("losss") + ours("--help"))
    for listing in ("questions", "laws", "domains", "catalogue", "reference", "glossary"):
        write(f"commands/listings/{listing}", ours(listing) + ours(listing, "--format", "markdown"))
    Path("rows").mkdir()
    for name, example in examples.items():
        words = [name, *itertools.chain(*((f"--{n.replace('_', '-')}", str(value)) for n, value in example.items()))]
        Path(f"rows/{name}.csv").write_text(table(example))
        printed = [
            ours(*words),
            *(ours(*words, "--format", form) for form in ("json", "csv", "txt")),
            typed(main, *words, terminal=True),
        ]
        printed += [typed(main, *words, "--law", "all", terminal=True), ours(*words[:3]), ours(name, "--help")]
        printed += [ours(name, "--rows", f"rows/{name}.csv"), f"{ask(name, **example)!r}\n"]
        write(f"commands/questions/{name}", "".join(printed))


def write_fits(write: Write) -> None:
    """Law file and report of three tables of this repository, an answer by each law file, a back-test, the studies."""
    from fitted_laws.__main__ import main as answering  # noqa: PLC0415
    from trainer.__main__ import COMMANDS, main  # noqa: PLC0415

    ours = functools.partial(typed, main)
    write("fits/usage", ours() + ours("--help") + "".join(ours(command, "--help") for command in COMMANDS))
    Path("trainer").symlink_to(ROOT / "trainer")
    Path("tests").symlink_to(ROOT / "tests")
    for name, (runs, *options) in FITS.items():
        told = ours("fit", runs, "-o", f"{name}.json", *options) + ours("report", f"{name}.json", "-o", f"{name}.html")
        told += ours("suggest", runs, "--compute", "1e21")
        told += typed(
            answering, "loss", "--law-file", f"{name}.json", "--params", "1e6", "--tokens", "1e8", "--interval", "run"
        )
        write(f"fits/{name}.json", Path(f"{name}.json").read_text().replace(",", ",\n"))
        write(f"fits/{name}.html", Path(f"{name}.html").read_bytes())
        write(f"fits/{name}", told)
    folder = Path("studies")
    write("fits/studies", ours("backtest", FITS["math"][0]) + ours("reproduce", "-o", str(folder)))
    for plot in sorted(folder.iterdir()):
        write(f"fits/studies-{plot.name}", plot.read_bytes())
    Path("four.csv").write_text("params,tokens,loss\n1,1,3\n2,2,2\n3,3,1\n4,4,1\n")
    Path("torn.csv").write_text("params,tokens\n1,1\n")
    odd = (
        ["fit", "four.csv"],
        ["fit", "torn.csv"],
        ["fit", "none.csv"],
        ["report", "four.csv"],
        ["fit", runs, "--form", "kaplan"],
    )
    write(
        "fits/odd",
        "".join(ours(*words, "-o", "odd.json") for words in odd) + ours("forecast", "ledger", "--ledger", "none.jsonl"),
    )


def write_sweeps(write: Write) -> None:
    """The identity and the configuration of every run of the sweeps that ship, planned and recorded; and that a plan begun is taken up."""
    import msgspec  # noqa: PLC0415

    shipped, kept_plan, read_records = (defined(name) for name in ("shipped", "kept_plan", "read_records"))
    for name, sweep in shipped().items():
        runs = [
            sweep.run(width, seed, steps)
            for steps in (64, sweep.steps)
            for width in sweep.widths
            for seed in sweep.seeds
        ]
        begun = {
            "sweep": sweep,
            "budget": 0.0,
            "speeds": dict.fromkeys(sweep.widths, 1000.0),
            "seconds": 1.0,
            "runs": runs,
        }
        Path(name).mkdir()
        Path(name, "plan.json").write_bytes(msgspec.json.encode(begun))
        planned = kept_plan(sweep, 0.0, Path(name)).runs
        write(f"sweeps/{name}", b"".join(run.id.encode() + b" " + msgspec.json.encode(run) + b"\n" for run in planned))
    for path in sorted((ROOT / "trainer" / "runs").glob("*.jsonl")):
        lines = sorted({f"{record.run} {record.config.id}\n" for record in read_records(path)})
        write(f"sweeps/recorded/{path.stem}", "".join(lines))


def defined(name: str) -> Callable[..., Any]:
    """The function of the trainer that has this name, wherever it is defined."""
    found = [
        path for path in sorted((ROOT / "trainer").rglob("*.py")) if re.search(rf"(?m)^def {name}\(", path.read_text())
    ]
    module = ".".join(found[0].relative_to(ROOT).with_suffix("").parts)
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def differences(before: Path, after: Path) -> Iterator[str]:
    """What differs between two folders, a line or a few lines a file; names of code are taken for equal."""
    files = [{str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()} for top in (before, after)]
    for name in sorted(files[0] ^ files[1]):
        yield f"{name}: only in {before if name in files[0] else after}"
    for name in sorted(files[0] & files[1]):
        was, now = ((top / name).read_text(errors="backslashreplace") for top in (before, after))
        if was == now:
            continue
        lines = list(difflib.unified_diff(without_code(was), without_code(now), name, name, n=0, lineterm=""))
        yield "\n".join(line[:400] for line in lines[:12]) if lines else f"{name}: equal but for names of code"


def without_code(text: str) -> list[str]:
    """Its lines, with the names of code made one."""
    return CODE.sub("(code)", text).splitlines()


def main(arguments: list[str] | None = None) -> int:
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("folder", type=Path, nargs="?", help="a new folder, which is written")
    made.add_argument(
        "--compare",
        type=Path,
        nargs=2,
        metavar=("BEFORE", "AFTER"),
        help="print what differs; exit code 1 if more than names of code",
    )
    given = made.parse_args(arguments)
    if given.compare:
        found = list(differences(*given.compare))
        print("\n".join(found) or "equal")
        return int(any(not text.endswith("equal but for names of code") for text in found))
    if given.folder is None or given.folder.exists():
        made.error(f"expected a folder that does not exist yet, got {given.folder}")
    write = functools.partial(write_in, given.folder.resolve())
    sys.path.insert(0, str(ROOT))
    os.environ["COLUMNS"] = "120"
    with Service() as service:
        write_questions(write, service)
        write_pages(write, service)
        examples = {question["question"]: question["example"] for question in service.json("/v1/questions")}
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        write_commands(write, examples)
        write_fits(write)
        write_sweeps(write)
    return 0


if __name__ == "__main__":
    sys.exit(main())
