// The planner: what the form says is asked, and the answer is shown in words, plots and commands. Every state has an address.
import { address, get, held, Problem, settled, unlock } from "./api.js";
import { ASKS } from "./asks.js";
import * as controls from "./controls.js";
import { byId } from "./dom.js";
import { copyExactly } from "./numbers.js";
import * as plots from "./plots.js";
import * as snippets from "./snippets.js";
import * as words from "./words.js";

const PAUSE = 120;
const QUIET = 900;
const result = byId("result");
let round = new AbortController();
let waiting, speaking;

// For those who listen: only what has come to rest is said.
function said(text, after = 0) {
  clearTimeout(speaking);
  speaking = setTimeout(() => (byId("said").textContent = text), after);
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
}

async function ask() {
  clearTimeout(waiting);
  round.abort();
  round = new AbortController();
  const { signal } = round;
  result.setAttribute("aria-busy", "true");
  try {
    await answer(signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof Problem)) throw error;
    refuse(error);
  }
  if (!signal.aborted) result.setAttribute("aria-busy", "false");
}

async function answer(signal) {
  const way = controls.chosen();
  const inputs = controls.inputs();
  const { question } = ASKS[way];
  snippets.write(way, inputs, !byId("key-field").hidden);
  const found = await get(address(question, inputs), signal);
  const rivals = controls.compared().filter((law) => law !== found.law);
  const others = await Promise.all(rivals.map((law) => settled(get(address(question, { ...inputs, law }), signal))));
  const laws = [found, ...others].map((each, hue) => ({
    law: each.law ?? rivals[hue - 1],
    hue,
    ...(each instanceof Problem ? { problem: each } : { found: each }),
  }));
  show(way, found, laws);
  const { domain, level } = inputs;
  const shared = level ? { domain, level } : { domain };
  const compute = found.compute;
  const answered = laws.filter((each) => each.found).map((each) => ({ ...each, valleys: controls.valleys(each.law) }));
  const held = await plots.gather({ laws: answered, shared, compute }, signal);
  const within = plots.losses(held);
  if (within) controls.reach("loss", within.low, within.high);
  controls.follow(found);
  plots.show({ held, shared, compute, field: controls.field(), mixed: words.differ(held.map((each) => each.found)) });
}

function show(way, found, laws) {
  controls.fault([]);
  controls.follow(found);
  result.classList.remove("stale");
  byId("plots").hidden = false;
  byId("found").replaceChildren(...words.answer(way, found, laws));
  const sentence = words.lead(way, found).textContent;
  document.title = `${sentence.split(",")[0]} – Fitted Laws`;
  said(`${sentence} ${found.warnings.length} warnings.`, QUIET);
}

function refuse(problem) {
  controls.fault(problem.errors);
  if (problem.status === 401) askForKey();
  result.classList.add("stale");
  byId("found").replaceChildren(words.refusal(problem));
  document.title = `${problem.title} – Fitted Laws`;
  said(`${problem.title}: ${problem.detail}`, QUIET);
}

// From now on the question elsewhere says where a key goes.
function askForKey() {
  byId("key-field").hidden = byId("key-note").hidden = false;
  snippets.write(controls.chosen(), controls.inputs(), true);
}

// Another domain has other losses: a target that none of its laws reaches would greet its visitor with a refusal.
async function move() {
  controls.begin();
  controls.offer();
  if (controls.chosen() !== "target") return;
  const typical = await settled(get(address("optimal", { domain: controls.form.elements.domain.value, compute: controls.budgetInside() })));
  if (typical.loss) controls.form.elements.loss.value = typical.loss.toPrecision(3);
}

const ours = (event) => event.target.form === controls.form;

document.addEventListener("input", (event) => {
  if (!ours(event)) return;
  if (event.target.type === "range") controls.slid(event.target);
  controls.arrange();
  soon();
});
document.addEventListener("change", async (event) => {
  if (!ours(event)) return;
  controls.released();
  if (event.target.name === "domain") await move();
  controls.arrange();
  if (controls.link() !== location.pathname + location.search) history.pushState(null, "", controls.link());
  soon();
});
byId("key").addEventListener("change", () => {
  unlock(byId("key").value);
  ask();
});
controls.form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
addEventListener("popstate", () => {
  controls.restore(location.search);
  ask();
});
for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).addEventListener("change", plots.redraw);

for (const part of document.querySelectorAll(".scripted:not(#domain-hint)")) {
  part.hidden = false;
  if ("disabled" in part) part.disabled = false;
}
byId("up").disabled = false;
snippets.offerCopies(said);
copyExactly();
controls.restore(location.search);
byId("key").value = held();
if (held()) askForKey();
ask();
