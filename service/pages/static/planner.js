// The planner without waiting: what the form says is asked as it is typed, the answer replaced, the address kept in step.
// All words, numbers and plots come from the service; without this script the form asks by itself.
import { copied, take } from "./taking.js";
import { tell } from "./tips.js";

const PAUSE = 150;
const QUIET = 900;
const COOKIE = "fitted-laws-key";
const byId = (id) => document.getElementById(id);
const form = () => byId("form");
let round = new AbortController();
let waiting, speaking, inHand;

// For those who listen: only what has come to rest is said.
function say(text, after = 0) {
  clearTimeout(speaking);
  speaking = setTimeout(() => byId("said") && (byId("said").textContent = text), after);
}

// The address that the form says: what is empty or a default is left out.
function address() {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form())) {
    if (value.trim() && !(name === "level" && value === "0.9") && !(name === "interval" && value === "mean")) query.set(name, value);
  }
  const laws = [...form().querySelectorAll("[data-law]")];
  const chosen = laws.filter((box) => box.checked).map((box) => box.dataset.law);
  const offered = laws.filter((box) => !box.disabled).length;
  if (chosen.length) query.set("with", chosen.length > 8 && chosen.length === offered ? "all" : chosen.join(","));
  return `/?${query}`;
}

const answering = (link) => fetch(`/answer${link.slice(1)}`, { signal: round.signal });

// Asks what an address says, and shows it; `whole` replaces the form too.
async function ask(link, whole) {
  clearTimeout(waiting);
  round.abort();
  round = new AbortController();
  byId("result").setAttribute("aria-busy", "true");
  try {
    const response = await answering(link);
    if (!response.ok) throw new Error(await refusal(response));
    show(new DOMParser().parseFromString(await response.text(), "text/html"), whole);
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse(error.message);
  }
  byId("result").setAttribute("aria-busy", "false");
}

async function refusal(response) {
  const { detail } = await response.json().catch(() => ({ detail: "the service sent something that is no answer; try again in a moment" }));
  if (response.status === 401) byId("key-field").hidden = false;
  return detail;
}

function refuse(text) {
  const place = byId("found");
  place.replaceChildren(Object.assign(document.createElement("div"), { className: "refused", textContent: text }));
  say(text, QUIET);
}

function show(page, whole) {
  const opened = new Set([...document.querySelectorAll("#result details[open] > summary")].map((each) => each.textContent));
  byId("result").replaceWith(page.getElementById("result"));
  for (const each of document.querySelectorAll("#result summary")) if (opened.has(each.textContent)) each.parentElement.open = true;
  if (whole) replaceForm(page);
  else follow(page);
  wake();
  document.title = `${byId("result").dataset.title} – Fitted Laws`;
  say(byId("found").textContent.slice(0, 400), QUIET);
}

// The form as the service has it, with the focus where it was.
function replaceForm(page) {
  const focused = document.activeElement?.id;
  const unfolded = [...form().querySelectorAll("details")].map((each) => each.open);
  byId("asked").replaceWith(page.getElementById("asked"));
  for (const [i, each] of [...form().querySelectorAll("details")].entries()) each.open ||= unfolded[i] ?? false;
  if (focused) byId(focused)?.focus();
}

// What is typed stays; errors, sliders and links follow what the service has read.
function follow(page) {
  for (const error of page.querySelectorAll("#form .error")) {
    const here = byId(error.id);
    const input = byId(error.id.replace(/-error$/, ""));
    if (here) here.textContent = error.textContent;
    if (input && error.textContent) input.setAttribute("aria-invalid", "true");
    else input?.removeAttribute("aria-invalid");
  }
  const sliders = new Map([...page.querySelectorAll("input[type=range]")].map((each) => [each.dataset.of, each]));
  for (const slider of form().querySelectorAll("input[type=range]")) {
    const theirs = sliders.get(slider.dataset.of);
    if (!theirs) continue;
    slider.setAttribute("aria-valuetext", theirs.getAttribute("aria-valuetext"));
    if (slider === inHand) continue;
    for (const name of ["min", "max", "step"]) slider.setAttribute(name, theirs.getAttribute(name));
    slider.value = theirs.value;
  }
  for (const selector of [".ways", ".scenarios", ".quick"]) {
    const theirs = page.querySelector(selector);
    if (theirs) document.querySelector(selector)?.replaceWith(theirs);
  }
}

// A slider writes into the input beside it.
function slid(slider) {
  inHand = slider;
  const logarithmic = slider.dataset.scale === "log";
  const value = logarithmic ? 10 ** slider.value : Number(slider.value);
  const rounded = Number(value.toPrecision(logarithmic ? 3 : 4));
  byId(slider.dataset.of).value = rounded >= 1e6 ? rounded.toExponential().replace("+", "") : String(rounded);
  slider.setAttribute("aria-valuetext", byId(slider.dataset.of).value);
}

// What needs scripts appears; commands name the address that the page has come from.
function wake() {
  for (const part of document.querySelectorAll(".scripted")) part.hidden = false;
  for (const button of document.querySelectorAll(".ask")) button.hidden = true;
  for (const name of ["curl", "cell"]) {
    const place = byId(name);
    if (place) place.textContent = place.textContent.replace(/https?:\/\/[^/"']+(?=[^"']*\/v1\/)/, location.origin);
  }
}

const ours = (event) => event.target.form === form() || event.target.closest?.("#form");

document.addEventListener("input", (event) => {
  if (!ours(event)) return;
  if (event.target.type === "range") slid(event.target);
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    history.replaceState(null, "", address());
    ask(address(), false);
  }, PAUSE);
});
document.addEventListener("change", (event) => {
  if (!ours(event)) return;
  inHand = null;
  if (event.target.name === "domain") return go(moved(event.target.value), true);
  go(address(), event.target.matches("select, [data-law]"));
});
document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  go(address(), false);
});
addEventListener("popstate", () => ask(location.pathname + location.search, true));

// Another domain begins with inputs of its own.
function moved(domain) {
  const asked = new FormData(form()).get("ask");
  return `/?${new URLSearchParams({ ...(asked ? { ask: asked } : {}), domain })}`;
}

// Each change that has come to rest is a place to come back to.
let last = location.pathname + location.search;
function go(link, whole) {
  if (link !== last) history.pushState(null, "", link);
  last = link;
  ask(link, whole);
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("#asked a[href^='/?'], #more a[href^='/?']");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && link.closest("#asked")) {
    event.preventDefault();
    go(link.getAttribute("href"), true);
  }
  const button = event.target.closest("[data-copies], [data-copies-from], [data-takes]");
  if (!button) return;
  const said = button.dataset.takes ? await take(button) : await copied(button.dataset.copies ?? byId(button.dataset.copiesFrom).textContent);
  if (said) say(said);
  button.classList.add("done");
  setTimeout(() => button.classList.remove("done"), 1200);
});
// Copying a selection that lies in one number copies the exact number.
document.addEventListener("copy", (event) => {
  const place = getSelection().rangeCount && getSelection().getRangeAt(0).commonAncestorContainer;
  const number = (place instanceof Element ? place : place?.parentElement)?.closest("data");
  if (!number) return;
  event.clipboardData.setData("text/plain", number.value);
  event.preventDefault();
});

// A key goes with every request from now on, links and downloads too; an empty one is forgotten. It is in no address.
document.addEventListener("change", ({ target }) => {
  if (target.id !== "key") return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${encodeURIComponent(target.value)}; Path=/; SameSite=Strict${secure}${target.value ? "" : "; Max-Age=0"}`;
  ask(location.pathname + location.search, false);
});
const held = document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`));
if (held) byId("key").value = decodeURIComponent(held.slice(COOKIE.length + 1));

tell();
wake();
if (!byId("key-field").hidden) ask(location.pathname + location.search, false);
else {
  document.title = `${byId("result").dataset.title} – Fitted Laws`;
  byId("result").setAttribute("aria-busy", "false");
  say(byId("found").textContent.slice(0, 400), QUIET);
}
