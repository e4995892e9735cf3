// Asks `optimal` and shows the answer as it came; without this script the form itself opens the JSON.
const form = document.getElementById("form");
const answer = document.getElementById("answer");
const curl = document.getElementById("curl");

const query = () => new URLSearchParams(new FormData(form)).toString();
const scales = [[1e12, "T"], [1e9, "B"], [1e6, "M"]];

function short(x) {
  if (x === null || x === undefined) return "none";
  const rounded = (value) => String(Number(value.toPrecision(4)));
  const [size, suffix] = scales.find(([size]) => x >= size && x < 1e15) ?? [1, ""];
  return rounded(x / size) + suffix;
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function spread(found, field) {
  const low = found[field + "_low"], high = found[field + "_high"];
  return low === null || low === undefined ? "no interval" : `${short(low)} to ${short(high)}, ${found.level * 100} %`;
}

function range(found) {
  if (found.extrapolation === null) return "not known";
  if (found.extrapolation === 0) return "inside what the law was fitted on";
  return `${short(found.extrapolation)} decades beyond what the law was fitted on, in ${found.extrapolation_in}`;
}

function show(found) {
  const list = element("dl", "");
  const rows = [
    ["Interval", spread(found, "params")],
    ["Tokens", `${short(found.tokens)} (${spread(found, "tokens")})`],
    ["Loss", found.loss === null ? "not printed by this law" : `${short(found.loss)} nats/token (${spread(found, "loss")})`],
    ["Range", range(found)],
    ["Law", found.law],
    ["Citation", found.citation],
  ];
  for (const [name, text] of rows) list.append(element("dt", name, "soft"), element("dd", text));
  const warnings = element("ul", "");
  for (const text of found.warnings) warnings.append(element("li", text));
  answer.replaceChildren(element("p", `${short(found.params)} parameters`, "number"), list, warnings);
}

function refuse(problem) {
  answer.replaceChildren(element("p", problem.title, "number"), element("p", problem.detail));
}

function command() {
  curl.textContent = `curl "${location.origin}/v1/optimal?${query()}"`;
}

form.addEventListener("input", command);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  command();
  history.replaceState(null, "", `/?${query()}`);
  try {
    const response = await fetch(`/v1/optimal?${query()}`);
    const found = await response.json();
    if (response.ok) show(found);
    else refuse(found);
  } catch {
    refuse({ title: "No answer", detail: "The service cannot be reached." });
  }
});
document.getElementById("copy").addEventListener("click", async () => {
  const said = document.getElementById("copied");
  try {
    await navigator.clipboard.writeText(curl.textContent);
    said.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(curl);
    said.textContent = "Selected: copy it by hand.";
  }
});

// A link to the page may carry a question: it is filled in and asked.
const linked = new URLSearchParams(location.search);
for (const [name, value] of linked) {
  if (form.elements[name]) form.elements[name].value = value;
}
command();
if (linked.has("compute")) form.requestSubmit();
