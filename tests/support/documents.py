"""For the tests of several documents: their blocks of code, run as a reader would, and what they show compared with what comes back."""

import ast
import re
import subprocess

TYPED = re.compile(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text, *kinds) -> list[tuple[str, str]]:
    """The blocks of code of these kinds, in order: (kind, code)."""
    return [(kind, code) for kind, code in BLOCK.findall(text) if kind in kinds]


def commands(code) -> list[tuple[str, str]]:
    """The commands of a console, each with what is shown to come back."""
    return TYPED.findall(code)


def run_python(code, names) -> None:
    """Runs a block; the comment beside an expression is how its value begins."""
    lines = code.splitlines()
    for node in ast.parse(code).body:
        comment = lines[node.end_lineno - 1][node.end_col_offset :].strip()
        source = ast.get_source_segment(code, node)
        if isinstance(node, ast.Expr) and comment:
            value = str(eval(source, names))  # noqa: S307 - our own documents
            assert value.startswith(comment.removeprefix("# ").rstrip("…")), (source, value)
        else:
            exec(source, names)  # noqa: S102 - our own documents


def run_command(command, shown, folder, environment) -> None:
    """Runs a command line in a shell; what comes back is what is shown, where … stands for anything in a line, or for any lines."""
    into = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    came = subprocess.run(
        ["bash", "-c", f"{command}\n"], cwd=folder, env=environment, **into, text=True, timeout=300, check=False
    ).stdout
    assert re.fullmatch(pattern(shown), came if came.endswith("\n") or not came else f"{came}\n"), (
        f"$ {command}\n{came}"
    )


def pattern(shown) -> str:
    """What may come back where `shown` is printed."""
    return "".join(
        "(?:.*\n)*" if line == "…\n" else re.escape(line).replace("…", ".*") for line in shown.splitlines(keepends=True)
    )
