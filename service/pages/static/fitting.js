// A table of runs, fitted by the service; the law stays in this tab, and goes along with each question.
const TYPES = { csv: "text/csv", tsv: "text/csv", json: "application/json", jsonl: "application/x-ndjson", ndjson: "application/x-ndjson" };
const at = (id) => document.getElementById(id);
let law = null;
let table = null;

at("file").addEventListener("change", () => at("file").files[0] && fit(at("file").files[0]));
at("as").addEventListener("change", () => table && fit(table));
for (const kind of ["dragover", "drop"]) at("table").addEventListener(kind, (event) => event.preventDefault());
at("table").addEventListener("drop", (event) => event.dataTransfer.files[0] && fit(event.dataTransfer.files[0]));
at("table").addEventListener("submit", (event) => event.preventDefault());
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});

async function posted(address, type, body) {
  const reply = await fetch(address, { method: "POST", headers: { "Content-Type": type }, body });
  const told = await reply.json();
  if (!reply.ok) throw new Error(told.detail);
  return told;
}

async function fit(file) {
  table = file;
  at("law").hidden = true;
  at("said").textContent = `Fitting ${file.name} …`;
  const id = file.name.replace(/\.\w+$/, "").replace(/[^\w.-]+/g, "-").toLowerCase().slice(0, 60) || "mine";
  try {
    const type = TYPES[file.name.split(".").pop().toLowerCase()] ?? "text/csv";
    const told = await posted(`/v1/fit?${new URLSearchParams({ id, as: at("as").value })}`, type, file);
    law = told.law;
    show(told, id);
  } catch (problem) {
    at("said").textContent = problem.message;
  }
}

function show(told, id) {
  const { coefficients, ranges, citation } = told.law;
  at("said").textContent = `${id}: ${citation}.`;
  fill(at("coefficients"), Object.entries(coefficients).map(([name, value]) => cells("td", name, value.toPrecision(5))));
  fill(at("read"), told.read_as.map((line) => made("li", line)));
  fill(at("files"), [saved(`${id}.json`, JSON.stringify(told.law), "application/json"), " ", saved(`${id}.html`, told.report, "application/octet-stream")]);
  if (ranges?.compute && !at("compute").value) at("compute").value = (10 * ranges.compute[1]).toPrecision(1);
  at("law").hidden = false;
  ask();
}

async function ask() {
  try {
    const told = await posted("/v1/optimal", "application/json", JSON.stringify({ law, compute: at("compute").value }));
    const rows = ["params", "tokens", "loss"].map((name) => {
      const [value, low, high] = [name, `${name}_low`, `${name}_high`].map((field) => told[field]?.[0] ?? told[field]);
      return cells("td", name, brief(value), low == null ? "no interval" : `${brief(low)} to ${brief(high)}`);
    });
    const table = made("table");
    table.className = "rows";
    table.append(...rows);
    const warnings = Object.keys(told.warnings).map((text) => made("li", text));
    const list = made("ul");
    list.append(made("li", `reach: ${told.reach[0]}`), ...warnings);
    fill(at("answer"), [table, list]);
  } catch (problem) {
    fill(at("answer"), [made("p", problem.message)]);
  }
}

function brief(value) {
  for (const [size, suffix] of [[1e12, " T"], [1e9, " B"], [1e6, " M"], [1e3, " k"]]) {
    if (value >= size) return `${(value / size).toPrecision(3)}${suffix}`;
  }
  return value == null ? "none" : value.toPrecision(4);
}

// What is not ours is text, never markup; a report is bytes to save, so that no tab opens it as a page of this origin.
function made(tag, text = "") {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

function cells(tag, ...texts) {
  const row = made("tr");
  row.append(...texts.map((text) => made(tag, text)));
  return row;
}

function fill(node, children) {
  node.replaceChildren(...children);
}

function saved(name, text, type) {
  const link = made("a", name);
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  return link;
}
