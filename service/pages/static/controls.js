// The form: its state is the page's address; its sliders follow what the service has read; its errors stand beside their inputs.
import { byId, h } from "./dom.js";
import { flop, plain } from "./numbers.js";

export const form = byId("form");
const sliders = [...form.querySelectorAll("input[type=range]")];
const others = byId("with");
const MOST = 7;
// Of the page alone: no question of the service has these.
const OURS = ["ask", "with", "up"];

export const chosen = () => form.elements.ask.value;
export const field = () => form.elements.up.value;
export const compared = () => [...others.querySelectorAll("input:checked")].map((box) => box.value);

// What the service is asked: the inputs that are enabled and filled in, and no default.
export function inputs() {
  const given = [...new FormData(form)].filter(([name, value]) => value.trim() && !OURS.includes(name));
  return Object.fromEntries(given.filter(([name, value]) => !(name === "level" && value === "0.9")));
}

export function link() {
  const query = new URLSearchParams(inputs());
  if (chosen() !== "budget") query.set("ask", chosen());
  if (compared().length) query.set("with", compared().join(","));
  if (field() !== "params") query.set("up", field());
  return `/?${query}`;
}

const here = () => byId(`laws-${form.elements.domain.value}`);
// A budget that lies inside the fit of the domain's law.
export const budgetInside = () => here()?.dataset.compute ?? "1e21";
const small = () => here()?.dataset.small;
// The decades of budgets that sliders and plots span: around the fit where all models are small.
export function decades() {
  const middle = Math.round(Math.log10(Number(budgetInside())));
  return small() ? { low: middle - 3, high: middle + 2 } : { low: Math.min(17, middle - 3), high: 27 };
}

let opened = "";

// Another domain begins at a budget of its own, unless the visitor has chosen one that suits both.
export function begin(asked = false) {
  const { compute } = form.elements;
  if (!asked && (compute.value === opened || small() || Number(compute.value) < 1e15)) compute.value = budgetInside();
  opened = budgetInside();
  const { low, high } = decades();
  Object.assign(
    sliders.find((each) => each.dataset.of === "compute"),
    { min: low, max: high },
  );
  const hint = byId("domain-hint");
  hint.hidden = !small();
  hint.textContent = small() ? `Only our own small models are known here, of ${small()}: far from them the number is asked by the law's name.` : "";
}

// Sets the whole form from an address.
export function restore(search) {
  const query = new URLSearchParams(search);
  form.reset();
  opened = form.elements.compute.value;
  for (const [name, value] of query) set(name, value);
  begin(query.has("compute"));
  offer();
  set("law", query.get("law") ?? "");
  for (const id of (query.get("with") ?? "").split(",").filter(Boolean)) check(id);
  byId("others").open = compared().length > 0;
  arrange();
}

function set(name, value) {
  const control = form.elements[name];
  if (!control || name === "with") return;
  if (control instanceof HTMLSelectElement && ![...control.options].some((option) => option.value === value)) {
    control.append(h("option", { value }, value)); // unknown here: the service says what is wrong with it
  }
  control.value = value;
}

function check(id) {
  const boxes = [...others.querySelectorAll("input")];
  const box = boxes.find((each) => each.value === id) ?? others.appendChild(choice(id, "")).querySelector("input");
  box.checked = true;
}

const choice = (id, data) =>
  h("label", {}, h("input", { type: "checkbox", name: "with", value: id }), h("span", {}, id), h("span", { class: "soft" }, data));

const lawsHere = () => [...(byId(`laws-${form.elements.domain.value}`)?.content.querySelectorAll("option") ?? [])];

// Whether a law says what other sizes would reach.
export const valleys = (id) => lawsHere().some((option) => option.value === id && "valleys" in option.dataset);

// The laws of the domain, to answer by and to compare with.
export function offer() {
  const held = lawsHere();
  const preferred = held[0] ? `preferred: ${held[0].value}` : "preferred";
  form.elements.law.replaceChildren(h("option", { value: "" }, preferred), ...held.map((option) => option.cloneNode(true)));
  others.replaceChildren(...held.map((option) => choice(option.value, option.dataset.on)));
  byId("others").hidden = held.length < 2;
}

// Shows the inputs of the way chosen and no others; what is hidden is not sent.
export function arrange() {
  for (const group of form.querySelectorAll("[data-ask]")) {
    group.hidden = group.disabled = group.dataset.ask !== chosen();
  }
  const answering = form.elements.law.value || lawsHere()[0]?.value;
  for (const box of others.querySelectorAll("input")) {
    box.parentElement.hidden = box.value === answering;
    box.checked &&= box.value !== answering;
  }
  const full = compared().length >= MOST;
  for (const box of others.querySelectorAll("input")) box.disabled = full && !box.checked;
  byId("chosen").textContent = compared().length ? `(${compared().length} chosen${full ? ", no more fit" : ""})` : "";
}

let inHand = null;

const logarithmic = (slider) => slider.dataset.scale === "log";

export function slid(slider) {
  inHand = slider;
  const value = logarithmic(slider) ? 10 ** Number(slider.value) : Number(slider.value);
  const rounded = Number(value.toPrecision(logarithmic(slider) ? 3 : 4));
  form.elements[slider.dataset.of].value = plain("whole" in slider.dataset ? Math.round(rounded) : rounded);
  say(slider);
}

export const released = () => (inHand = null);

const say = (slider) => {
  const text = form.elements[slider.dataset.of].value;
  slider.setAttribute("aria-valuetext", slider.dataset.of === "compute" && Number(text) ? `${flop(Number(text))} FLOP` : text);
};

// Moves the sliders to the inputs as the service has read them, but not the one being moved.
export function follow(answer) {
  for (const slider of sliders) {
    const value = answer[slider.dataset.of];
    if (typeof value !== "number" || slider === inHand) continue;
    slider.value = logarithmic(slider) ? Math.log10(value) : value;
    say(slider);
  }
}

export function reach(name, low, high) {
  const slider = sliders.find((each) => each.dataset.of === name);
  Object.assign(slider, { min: low.toPrecision(4), max: high.toPrecision(4) });
}

export function fault(errors) {
  for (const place of form.querySelectorAll(".error")) {
    const name = place.id.replace("-error", "");
    const wrong = errors.find((error) => error.field === name);
    place.textContent = wrong ? `Expected ${wrong.expected}; got ${wrong.got}.` : "";
    if (wrong) byId(name).setAttribute("aria-invalid", "true");
    else byId(name).removeAttribute("aria-invalid");
  }
}
