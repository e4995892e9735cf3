"""A client in TypeScript, as its users make it: `openapi-typescript` writes the types, `openapi-fetch` asks, `tsc --strict` reads."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients import PACKAGES, by_all_laws, in_columns, run, shown
from serving import serving

from fitted_laws import ask
from fitted_laws.questions.registry import QUESTIONS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PACKAGES.exists(), reason="Node's packages are not installed, not tested: make test SLOW=1"),
]

HEAD = """\
import createClient from "openapi-fetch";
import type { paths } from "./schema.d.ts";

declare const process: { argv: string[] };

const client = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: process.argv[2],
  querySerializer: { array: { style: "form", explode: false } },
});
const headlines: Record<string, number> = {};
const columns: Record<string, (number | null)[] | undefined> = {};
const rows: Record<string, (number | null | undefined)[]> = {};
"""
ONE = """
{{
  const {{ data, error }} = await client.GET("/v1/{name}", {{ params: {{ query: {example} }} }});
  if (error) throw new Error(error.detail);
  headlines["{name}"] = data{point}.{headline};
}}
"""
COLUMNS = """
{{
  const {{ data, error }} = await client.POST("/v1/{name}", {{ body: {columns} }});
  if (error) throw new Error(error.detail);
  columns["{name}"] = data.{headline};
}}
"""
SEVERAL = """
{{
  const {{ data, error }} = await client.GET("/v1/{name}.json", {{
    params: {{ query: {{ ...{example}, law: ["all"], interval: "none", fields: ["{headline}", "law"] }} }},
  }});
  if (error) throw new Error(error.detail);
  if ("rows" in data) rows["{name}"] = data.rows.map((row) => row.{headline});
}}
"""
TAIL = "\nconsole.log(JSON.stringify({ headlines, columns, rows }));\n"
WRONG = {
    "a domain that is none": 'await client.GET("/v1/optimal", {{ params: {{ query: {{ domain: "langage", compute: 1 }} }} }});',
    "an input that is missing": 'await client.GET("/v1/optimal", {{ params: {{ query: {{ domain: "language" }} }} }});',
    "a field that is none": 'headlines["x"] = (await client.GET("/v1/optimal", {{ params: {{ query: {example} }} }})).data!.parms;',
    "an address that is none": 'await client.GET("/v1/optimum");',
}


def script() -> str:
    """A program that asks every question: its example, in columns, and of all laws."""
    parts = [HEAD]
    for name, question in QUESTIONS.items():
        said = {
            "name": name,
            "example": json.dumps(question.example),
            "columns": json.dumps(in_columns(name)),
            "headline": question.headline,
            "point": ".rows[0]" if question.curve else "",
        }
        parts.append(ONE.format(**said))
        parts += [] if question.curve else [COLUMNS.format(**said)]
        parts += [SEVERAL.format(**said)] if by_all_laws(name) else []
    return "".join([*parts, TAIL])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[tuple[Path, str]]:
    """A user's folder with the types of a live service, and the address of that service."""
    made = tmp_path_factory.mktemp("typescript")
    (made / "node_modules").symlink_to(PACKAGES)
    (made / "package.json").write_text('{"type": "module"}')
    with serving() as (client, _):
        base = str(client.base_url).rstrip("/")
        done = run("openapi-typescript", f"{base}/openapi.json", "-o", "schema.d.ts", folder=made)
        assert done.returncode == 0, done.stderr
        yield made, base


def compiled(folder: Path, *files: str) -> str:
    """What the compiler finds wrong, in strict mode; nothing where all is well."""
    options = ["--strict", "--noEmit", "--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom"]
    done = run("tsc", *options, "--allowImportingTsExtensions", *files, folder=folder)
    assert (done.returncode == 0) == (done.stdout == ""), done.stderr
    return done.stdout


def test_every_question_is_asked(folder) -> None:
    """Headlines are numbers for the compiler too, with nothing said of their types; they are the numbers that Python has."""
    made, base = folder
    (made / "ask.ts").write_text(script())
    assert compiled(made, "ask.ts") == ""
    done = run("node", "ask.ts", base, folder=made)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for name, question in QUESTIONS.items():
        expected = ask(name, **question.example)
        assert told["headlines"][name] == (expected["rows"][0] if question.curve else expected)[question.headline]
        if not question.curve:
            assert set(told["columns"][name]) == {told["headlines"][name]}
    assert told["rows"] == {name: list(rows) for name in QUESTIONS if (rows := by_all_laws(name))}
    assert {"loss", "optimal", "target", "frontier"} <= told["rows"].keys()


def test_what_is_wrong_does_not_compile(folder) -> None:
    """Each mistake on its line, and nothing else."""
    made, _ = folder
    example = json.dumps(QUESTIONS["optimal"].example)
    lines = [line.format(example=example) for line in WRONG.values()]
    (made / "wrong.ts").write_text(f"{HEAD}{chr(10).join(lines)}{TAIL}")
    first = HEAD.count("\n") + 1
    found = {int(number) for number in re.findall(r"^wrong\.ts\((\d+)", compiled(made, "wrong.ts"), re.MULTILINE)}
    assert {what for number, what in enumerate(WRONG, first) if number not in found} == set()
    assert len(found) == len(WRONG)


def test_the_page_for_users_is_run_as_it_stands(folder) -> None:
    made, base = folder
    (made / "page.ts").write_text(shown("ts", base))
    assert compiled(made, "page.ts") == ""
    done = run("node", "page.ts", folder=made)
    assert done.stdout.split()[0] == str(ask("optimal", domain="language", compute="1e21").params), done.stderr
