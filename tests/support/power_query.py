"""A small interpreter of the M language, for the blocks of docs/power-query.md: over the trees that Microsoft's parser gives, with real requests.

Values: numbers, texts, logicals and null are Python's; a list is a list, a record a dict, a table a `Table`, a binary bytes, a function a callable.
The functions are those that the blocks call, as Microsoft's reference describes them; another one is an error.
"""

import csv
import io
import json
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from clients import run

PARSER = """
import pq from "@microsoft/powerquery-parser";
import { readFileSync } from "node:fs";
const blocks = JSON.parse(readFileSync(process.argv[2], "utf8"));
const read = await Promise.all(blocks.map((block) => pq.TaskUtils.tryLexParse(pq.DefaultSettings, block)));
const wrong = read.filter(({ ast }) => !ast).map(({ error }) => error.message);
console.log(JSON.stringify({ wrong, trees: read.map(({ ast }) => ast) }));
"""


class Failure(Exception):
    """An error of the language: what `error` raises."""


@dataclass
class Table:
    """Columns in order, and a record a row."""

    columns: list[str]
    rows: list[dict[str, Any]]


@dataclass
class Binary:
    """What came from a server, with its status."""

    content: bytes
    status: int


def parsed(folder, blocks) -> dict[str, Any]:
    """What Microsoft's parser makes of blocks: {"wrong": its messages, "trees"}."""
    (folder / "parse.mjs").write_text(PARSER)
    (folder / "blocks.json").write_text(json.dumps(blocks))
    done = run("node", "parse.mjs", "blocks.json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class Program:
    """What evaluates a tree: the queries of the workbook by name, its tables, and the key that the program keeps for Web API."""

    queries: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    key: str | None = None
    addresses: dict[str, str] = field(default_factory=dict)
    """The addresses that the page shows, and the servers that stand for them."""

    def value(self, tree) -> Any:
        return self._value(tree, {})

    def _value(self, node, scope) -> Any:
        return getattr(self, f"_{node['kind']}")(node, scope)

    def _items(self, wrapper, scope) -> list[Any]:
        return [self._value(each["node"], scope) for each in wrapper["elements"]]

    def _LetExpression(self, node, scope) -> Any:
        inner = dict(scope)
        for each in node["variableList"]["elements"]:
            inner[each["node"]["key"]["literal"]] = Lazy(self, each["node"]["value"], inner)
        return self._value(node["expression"], inner)

    def _FunctionExpression(self, node, scope) -> Callable[..., Any]:
        names = [each["node"]["name"]["literal"] for each in node["parameters"]["content"]["elements"]]
        return lambda *given: self._value(node["expression"], scope | dict(zip(names, given, strict=True)))

    def _EachExpression(self, node, scope) -> Callable[..., Any]:
        return lambda it: self._value(node["paired"], scope | {"_": it})

    def _IfExpression(self, node, scope) -> Any:
        condition = self._value(node["condition"], scope)
        assert isinstance(condition, bool)
        return self._value(node["trueExpression" if condition else "falseExpression"], scope)

    def _ErrorRaisingExpression(self, node, scope) -> Any:
        raise Failure(self._value(node["paired"], scope)["Message"])

    def _RecordExpression(self, node, scope) -> dict[str, Any]:
        pairs = [each["node"] for each in node["content"]["elements"]]
        return {unquoted(pair["key"]["literal"]): self._value(pair["value"], scope) for pair in pairs}

    def _ListExpression(self, node, scope) -> list[Any]:
        return self._items(node["content"], scope)

    def _LiteralExpression(self, node, _scope) -> Any:
        text, kind = node["literal"], node["literalKind"]
        if kind == "Text":
            return text[1:-1].replace('""', '"')
        return {"Numeric": float, "Null": lambda _: None, "Logical": lambda word: word == "true"}[kind](text)

    def _IdentifierExpression(self, node, scope) -> Any:
        name = node["identifier"]["literal"]
        found = scope[name] if name in scope else self.queries.get(name) or self._library()[name]
        return found.value() if isinstance(found, Lazy) else found

    def _ParenthesizedExpression(self, node, scope) -> Any:
        return self._value(node["content"], scope)

    def _ArithmeticExpression(self, node, scope) -> Any:
        assert node["operatorConstant"]["constantKind"] == "&"
        left, right = self._value(node["left"], scope), self._value(node["right"], scope)
        assert type(left) is type(right)
        return left | right if isinstance(left, dict) else left + right

    def _EqualityExpression(self, node, scope) -> bool:
        same = {"=": operator.eq, "<>": operator.ne}[node["operatorConstant"]["constantKind"]]
        return same(self._value(node["left"], scope), self._value(node["right"], scope))

    def _IsExpression(self, node, scope) -> bool:
        kinds = {"number": (int, float), "list": list, "text": str, "record": dict}
        value = self._value(node["left"], scope)
        return isinstance(value, kinds[node["right"]["primitiveTypeKind"]]) and not isinstance(value, bool)

    def _TypePrimaryType(self, node, _scope) -> str:
        return node["paired"]["primitiveTypeKind"]

    def _RecursivePrimaryExpression(self, node, scope) -> Any:
        value = self._value(node["head"], scope)
        for step in node["recursiveExpressions"]["elements"]:
            if step["kind"] == "InvokeExpression":
                value = value(*self._items(step["content"], scope))
            elif step["kind"] == "FieldSelector":
                value = value[step["content"]["literal"]]
            else:
                value = item(value, self._value(step["content"], scope))
        return value

    def _web_contents(self, address, options) -> Binary:
        """`Web.Contents`: GET, or POST where there is content; a status of 400 or more is an error unless it is handled by hand."""
        unknown = options.keys() - {"RelativePath", "Query", "ManualStatusHandling", "Headers", "Content", "ApiKeyName"}
        assert not unknown, unknown
        query = options.get("Query", {})
        assert all(isinstance(value, str) for value in query.values())
        if "ApiKeyName" in options:
            assert "Content" not in options, "Power Query posts to anonymous sources alone"
            query = query | {options["ApiKeyName"]: self.key}
        reply = httpx.request(
            "POST" if "Content" in options else "GET",
            f"{self.addresses[address]}/{options['RelativePath']}",
            params=query,
            headers=options.get("Headers"),
            content=options.get("Content"),
            trust_env=False,
            timeout=60,
        )
        if reply.status_code >= 400 and reply.status_code not in options.get("ManualStatusHandling", []):
            raise Failure(f"Web.Contents failed to get contents ({reply.status_code})")
        return Binary(reply.content, reply.status_code)

    def _library(self) -> dict[str, Any]:
        return LIBRARY | {
            "Web.Contents": self._web_contents,
            "Excel.CurrentWorkbook": lambda: [{"Name": name, "Content": table} for name, table in self.tables.items()],
        }


class Lazy:
    """A variable of `let`, calculated when it is first asked for."""

    def __init__(self, program, node, scope) -> None:
        self._program, self._node, self._scope = program, node, scope

    def value(self) -> Any:
        if self._program is not None:
            self._known = self._program._value(self._node, self._scope)  # noqa: SLF001
            self._program = None
        return self._known


def unquoted(name) -> str:
    return name[2:-1] if name.startswith('#"') else name


def item(value, selector) -> Any:
    """`list{0}`, or the one row that has the fields of a record."""
    if isinstance(selector, dict):
        (found,) = [row for row in value if selector.items() <= row.items()]
        return found
    return value[int(selector)]


def from_records(records, columns=None, missing=None) -> Table:
    columns = columns if columns is not None else list(records[0])
    if missing is None:
        assert all(set(columns) <= record.keys() for record in records)
    return Table(columns, [{name: record.get(name) for name in columns} for record in records])


def csv_document(source, options) -> list[list[str]]:
    assert options == {"Delimiter": ",", "Encoding": 65001}, "UTF-8"
    return list(csv.reader(io.StringIO(source.content.decode())))


def promoted(rows) -> Table:
    head, *rest = rows
    return Table(head, [dict(zip(head, row, strict=True)) for row in rest])


def typed(table, changes, culture) -> Table:
    assert culture == "en-US"
    numbers = {name for name, kind in changes if kind == "number"}
    assert numbers <= set(table.columns)
    read = [
        {name: (float(value) if value else None) if name in numbers else value for name, value in row.items()}
        for row in table.rows
    ]
    return Table(table.columns, read)


def select_fields(record, names) -> dict[str, Any]:
    return {name: record[name] for name in names}


def number_to_text(value, style, culture) -> str:
    """As .NET writes a number that reads back as the same: 1E+21."""
    assert (style, culture) == ("R", "en-US")
    return repr(float(value)).upper().removesuffix(".0")


LIBRARY: dict[str, Any] = {
    "#table": lambda columns, rows: Table(columns, [dict(zip(columns, row, strict=True)) for row in rows]),
    "Csv.Document": csv_document,
    "Error.Record": lambda reason, message, detail: {"Reason": reason, "Message": message, "Detail": detail},
    "Json.Document": lambda source: json.loads(source.content),
    "Json.FromValue": lambda value: json.dumps(value).encode(),
    "List.Combine": lambda lists: [each for some in lists for each in some],
    "List.Distinct": lambda values: list(dict.fromkeys(values)),
    "List.Select": lambda values, wanted: [each for each in values if wanted(each)],
    "List.Split": lambda values, size: [values[i : i + int(size)] for i in range(0, len(values), int(size))],
    "List.Transform": lambda values, change: [change(each) for each in values],
    "List.Union": lambda lists: list(dict.fromkeys(each for some in lists for each in some)),
    "List.Zip": lambda lists: [list(each) for each in zip(*lists, strict=True)],
    "MissingField.UseNull": "use null",
    "Number.ToText": number_to_text,
    "Record.Field": operator.getitem,
    "Record.FieldNames": list,
    "Record.FieldOrDefault": lambda record, name, default: record.get(name, default),
    "Record.FromList": lambda values, names: dict(zip(names, values, strict=True)),
    "Record.HasFields": lambda record, name: name in record,
    "Record.SelectFields": select_fields,
    "Table.ColumnNames": lambda table: table.columns,
    "Table.FromRecords": from_records,
    "Table.PromoteHeaders": promoted,
    "Table.ToRecords": lambda table: table.rows,
    "Table.TransformColumnTypes": typed,
    "Text.Combine": lambda texts, separator: separator.join(texts),
    "Value.Metadata": lambda value: {"Response.Status": value.status},
}
