"""The dashboards of deploy/grafana, read by the TypeScript compiler beside the schema that Grafana publishes for its version in compose.yaml.

A name that Grafana does not know, in the dashboard or in the options of a kind of panel, is found; whether a panel shows what it should is not.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clients import PACKAGES, run
from deployment import DASHBOARDS, panels_of, read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PACKAGES.exists(), reason="Node's packages are not installed, not tested: make test SLOW=1"),
]
KINDS = {
    "heatmap": "Heatmap",
    "stat": "Stat",
    "state-timeline": "StateTimeline",
    "table": "Table",
    "timeseries": "TimeSeries",
    "trend": "Trend",
    "xychart": "XYChart",
}
WITHOUT_FIELD_CONFIG = {"stat"}
HEAD = """\
import type { Dashboard, FieldConfig } from "@grafana/schema";
// What JSON holds of a type: the texts of its enumerations.
type Plain<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;
// The same, where Grafana has a default for what is left out.
type Said<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]?: Said<T[K]> } : T;
"""


def script(dashboard) -> str:
    """A program that compiles where the dashboard, and the options and fields of each panel, are of their published types."""
    lines = [
        f'import type * as {name} from "@grafana/schema/dist/esm/raw/composable/{name.lower()}/panelcfg/x/{name}PanelCfg_types.gen";'
        for name in KINDS.values()
    ]
    declared = [("dashboard", "Plain<Dashboard>", without_words_of_data_sources(dashboard))]
    for panel in panels_of(dashboard):
        declared += list(parts(panel))
    return HEAD + "\n".join(
        [*lines, *(f"export const {name}: {kind} = {json.dumps(value)};" for name, kind, value in declared)]
    )


def without_words_of_data_sources(dashboard) -> Any:
    """The dashboard without what Prometheus reads of an annotation, which is no part of Grafana's schema."""
    notes = [
        {key: value for key, value in note.items() if key not in {"expr", "step", "titleFormat"}}
        for note in dashboard["annotations"]["list"]
    ]
    return dashboard | {"annotations": {"list": notes}}


def parts(panel) -> Iterator[tuple[str, str, Any]]:
    """What a panel says in the words of its kind: (name, type, value)."""
    name, number = KINDS[panel["type"]], panel["id"]
    yield f"options{number}", f"Said<{name}.Options>", panel["options"]
    fields = panel["fieldConfig"]
    custom = [fields["defaults"].get("custom", {})]
    for override in fields["overrides"]:
        said = {each["id"]: each["value"] for each in override["properties"]}
        custom.append({key.removeprefix("custom."): value for key, value in said.items() if key.startswith("custom.")})
        standard = {key: value for key, value in said.items() if not key.startswith("custom.")}
        yield f"standard{number}_{len(custom)}", "Plain<FieldConfig>", standard
    for i, each in enumerate(custom):
        kind = "Record<string, never>" if panel["type"] in WITHOUT_FIELD_CONFIG else f"Said<{name}.FieldConfig>"
        yield f"custom{number}_{i}", kind, each


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("grafana")
    (made / "node_modules").symlink_to(PACKAGES)
    options = {"strict": True, "noEmit": True, "module": "nodenext", "skipLibCheck": True, "lib": ["es2022", "dom"]}
    (made / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.ts"]}))
    return made


def said(folder, dashboard) -> str:
    (folder / "dashboard.ts").write_text(script(dashboard))
    return run("tsc", "--project", ".", folder=folder).stdout


def test_the_schema_is_that_of_the_grafana_that_runs() -> None:
    image = read("compose.yaml")["services"]["grafana"]["image"]
    held = json.loads((PACKAGES / "@grafana/schema/package.json").read_text())
    assert image == f"grafana/grafana:{held['version']}"


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_is_of_the_schema(folder, name) -> None:
    assert said(folder, DASHBOARDS[name]) == ""


@pytest.mark.parametrize("place", ["panel", "options", "override"])
def test_a_name_that_grafana_does_not_know_is_found(folder, place) -> None:
    dashboard = json.loads(json.dumps(DASHBOARDS["planning"]))
    panel = next(panel for panel in panels_of(dashboard) if panel["type"] == "trend")
    override = {"matcher": {"id": "byName", "options": "loss"}, "properties": [{"id": "custom.lineWidht", "value": 2}]}
    if place == "panel":
        panel["tilte"] = panel.pop("title")
    elif place == "options":
        panel["options"]["xFeild"] = panel["options"].pop("xField")
    else:
        panel["fieldConfig"]["overrides"].append(override)
    assert re.search(r"tilte|xFeild|lineWidht", said(folder, dashboard))
