"""What Grafana's Infinity data source makes of a query, as its documentation says: the backend parser, CSV and TSV from an address, by GET.

Columns are taken by their names in the header, renamed, read as texts or numbers, and sorted by name; what is no number is null.
"""

import csv
import io
import re
from typing import Any

VARIABLE = re.compile(r"\$\{(\w+)\}")


def filled_in(text, chosen) -> str:
    """A text of the dashboard with the variables as chosen; one that the dashboard does not have is an error."""
    return VARIABLE.sub(lambda name: chosen[name[1]], text)


def asked(client, query, chosen) -> Any:
    """The service's reply to a query."""
    options = query["url_options"]
    assert (query["source"], query["parser"], options["method"]) == ("url", "backend", "GET")
    params = {each["key"]: filled_in(each["value"], chosen) for each in options.get("params", [])}
    assert len(params) == len(options.get("params", []))
    return client.get(filled_in(query["url"], chosen), params=params)


def frame(client, query, chosen) -> dict[str, list[Any]]:
    """The fields that a panel gets: their names with a value a row."""
    reply = asked(client, query, chosen)
    assert reply.status_code == 200, reply.text
    header = query.get("csv_options", {}).get("columns", "")
    text = f"{header}\n{reply.text}" if header else reply.text
    names, *rows = csv.reader(io.StringIO(text), delimiter={"csv": ",", "tsv": "\t"}[query["type"]])
    found = {}
    for column in query["columns"]:
        assert column["selector"] in names, f"{column['selector']} is no column of {reply.url}"
        values = [row[names.index(column["selector"])] for row in rows]
        found[column["text"] or column["selector"]] = [typed(value, column["type"]) for value in values]
    assert len(found) == len(query["columns"])
    return dict(sorted(found.items()))


def typed(value, kind) -> float | str | None:
    if kind == "string":
        return value
    assert kind == "number"
    try:
        return float(value)
    except ValueError:
        return None
