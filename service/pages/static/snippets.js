// The same question as curl, cell formula, command line and Python, to copy.
import { address } from "./api.js";
import { byId, h } from "./dom.js";
import { ASKS } from "./asks.js";

// Excel's limit for a text inside a formula.
const LITERAL = 255;

// Where a key goes; the key itself is never written.
const KEY_HEADER = '-H "Authorization: Bearer $FITTED_LAWS_KEY" ';
const KEY_CELL = '&"&key="&ENCODEURL(key)';

const quoted = (value) => (/^[\w.:/@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);
const text = (value) => (value.match(new RegExp(`.{1,${LITERAL}}`, "g")) ?? [""]).map((part) => `"${part.replaceAll('"', '""')}"`).join("&");

function cell(question, inputs, reads, field, keyed) {
  const { [reads]: _, ...rest } = inputs;
  const url = location.origin + address(question, { ...rest, ...(field ? { field } : {}) }, ".txt") + `&${reads}=`;
  return `=IFERROR(NUMBERVALUE(WEBSERVICE(${text(url)}&ENCODEURL(SUBSTITUTE(A2&"",",","."))${keyed ? KEY_CELL : ""}),".",","),NA())`;
}

function shell(question, inputs) {
  const options = Object.entries(inputs).map(([name, value]) => `--${name.replaceAll("_", "-")} ${quoted(value)}`);
  return ["fitted-laws", question, ...options].join(" ");
}

function python(question, inputs) {
  const given = Object.entries(inputs).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `from fitted_laws import ask\nask("${question}", ${given.join(", ")})`;
}

export function write(ask, inputs, keyed) {
  const { question, reads, shows } = ASKS[ask];
  const fields = byId("field");
  if (fields.dataset.ask !== ask) {
    fields.dataset.ask = ask;
    fields.replaceChildren(...shows.map((name) => h("option", {}, name)));
  }
  fields.onchange = () => write(ask, inputs, keyed);
  byId("curl").textContent = `curl ${keyed ? KEY_HEADER : ""}"${location.origin}${address(question, inputs)}"`;
  byId("cell").textContent = cell(question, inputs, reads, fields.selectedIndex ? fields.value : "", keyed);
  byId("cell-hint").textContent = `A2 holds ${reads.replaceAll("_", " ")}: ${inputs[reads] ?? "fill it in"}.${keyed ? " A cell named key holds your key." : ""}`;
  byId("shell").textContent = shell(question, inputs);
  byId("python").textContent = python(question, inputs);
}

// A copy button beside the heading of each.
export function offerCopies(said) {
  for (const name of ["curl", "cell", "shell", "python"]) {
    const title = byId(`${name}-title`);
    const button = h("button", { type: "button", "aria-label": `Copy ${title.textContent}` }, "Copy");
    button.dataset.copiesFrom = name;
    title.parentElement.append(button);
  }
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copies], [data-copies-from]");
    if (!button) return;
    const value = button.dataset.copies ?? byId(button.dataset.copiesFrom).textContent;
    said((await copied(value)) ? `Copied ${button.dataset.copies ?? "it"}.` : "Copying is not allowed here: select the text and copy it by hand.");
    button.classList.add("done");
    setTimeout(() => button.classList.remove("done"), 1200);
  });
}

async function copied(value) {
  try {
    await navigator.clipboard.writeText(value);
    return true;
  } catch {
    return false;
  }
}
