// An answer in words: the sentence, the numbers with their intervals, how far beyond the fit, whose law it is, what to be wary of.
import { h } from "./dom.js";
import { amount, count, flop, interval, loss, share, whole } from "./numbers.js";

const SOURCES = {
  covariance: "the covariance of the coefficients, as published",
  "frozen-draws": "fits to resampled runs",
  "printed-percentiles": "the percentiles that the paper prints",
  "printed-digits": "all laws that print the same digits; it bounds no statistical error",
};

const QUANTITIES = {
  compute: "compute",
  params: "model size",
  tokens: "tokens",
  tokens_per_param: "tokens a parameter",
  unique_tokens: "distinct tokens",
};

const lawLink = (id) => h("a", { href: `/v1/laws/${id}.html` }, id);
const model = (found) => [
  ...(found.params === null ? ["a model whose size this law does not give"] : ["a model of ", strong(found.params, count), " parameters"]),
  " trained on ",
  strong(found.tokens, count),
  " tokens",
];
const strong = (x, write) => h("strong", {}, amount(x, write));
const days = (found) => [" (", amount(found.compute_pf_days, whole), " PF-days)"];

const LEADS = {
  budget: (found) => [
    strong(found.compute, flop),
    " FLOP",
    ...days(found),
    " are best spent on ",
    ...model(found),
    ...(found.loss === null ? ["; this law prints no loss."] : [", which should reach a loss of ", strong(found.loss, loss), " nats a token."]),
  ],
  target: (found) => [
    "A loss of ",
    strong(found.loss, loss),
    " nats a token takes ",
    strong(found.compute, flop),
    " FLOP",
    ...days(found),
    found.probability ? ` with probability ${found.probability}: ` : ": ",
    ...model(found),
    ".",
  ],
  fleet: (found) => [
    `${whole(found.count)} × ${found.accelerator} for `,
    amount(found.deadline_days, count),
    found.deadline_days === 1 ? " day gives " : " days give ",
    strong(found.compute, flop),
    " FLOP",
    ...days(found),
    ", best spent on ",
    ...model(found),
    found.loss === null ? "." : ", to a loss of ",
    ...(found.loss === null ? [] : [strong(found.loss, loss), " nats a token."]),
  ],
};

const FIGURES = {
  compute: ["Training compute", "FLOP", flop],
  params: ["Model size", "parameters", count],
  tokens: ["Training data", "tokens", count],
  loss: ["Expected loss", "nats a token", loss],
  tokens_per_param: ["Tokens a parameter", "", count],
  accelerator_hours: ["Accelerator-hours", "", count],
  cost: ["Cost", "your currency", count],
  energy_kwh: ["Energy", "kWh", count],
};
const SHOWN = {
  budget: ["params", "tokens", "loss", "tokens_per_param"],
  target: ["compute", "params", "tokens"],
  fleet: ["params", "tokens", "loss", "accelerator_hours", "cost", "energy_kwh"],
};

export const lead = (ask, found) => h("p", { class: "lead" }, ...LEADS[ask](found));

export function answer(ask, found, laws) {
  const figures = SHOWN[ask].filter((name) => !(name === "cost" && found.cost === null));
  return [
    lead(ask, found),
    h("dl", { class: "stats" }, ...figures.map((name) => figure(name, found))),
    h("p", { class: "source" }, ...beyond(found), ...spread(found), ...basin(found)),
    h("p", { class: "source" }, "By ", lawLink(found.law), ": ", found.citation, "."),
    found.warnings.length ? warned(found.warnings) : null,
    laws.length > 1 ? comparison(laws, ask === "target" ? [COMPUTE, ...SIZES] : [...SIZES, LOSS]) : null,
  ].filter(Boolean);
}

const warned = (texts) =>
  h(
    "div",
    { class: "warned" },
    h("h3", {}, texts.length > 1 ? "Warnings" : "Warning"),
    h("ul", { class: "notes" }, ...texts.map((text) => h("li", {}, text))),
  );

function figure(name, found) {
  const [title, unit, write] = FIGURES[name];
  const value = found[name];
  return h(
    "div",
    {},
    h("dt", {}, title),
    h("dd", { class: "big" }, value === null ? "–" : exact(value, write)),
    h("dd", { class: "under" }, value === null ? "not given by this law" : unit),
    `${name}_low` in found ? h("dd", { class: "under" }, ...interval(found, name, write)) : null,
  );
}

// A headline number is a button: it copies its exact value, by mouse, finger or key.
function exact(value, write) {
  const shown = write(value);
  const button = h(
    "button",
    { type: "button", class: "exact", title: `${value}: copy it`, "aria-label": `${shown}, copy the exact value` },
    amount(value, write),
  );
  button.dataset.copies = String(value);
  return button;
}

function beyond(found) {
  if (found.extrapolation === null) return ["How far this lies from what the law was fitted on is not known. "];
  if (found.extrapolation === 0) return ["This lies inside what the law was fitted on. "];
  const decades = Number(found.extrapolation.toPrecision(2));
  return [h("strong", {}, `${decades} decades beyond the fit`), ` in ${QUANTITIES[found.extrapolation_in]}: nothing vouches for the law out there. `];
}

function spread(found) {
  const source = found.interval_source;
  return [
    source && source !== "none"
      ? `The ${share(found.level)} interval comes from ${SOURCES[source] ?? source}. `
      : "This law comes without an interval. ",
  ];
}

function basin(found) {
  if (!found.params_min) return [];
  return ["Sizes from ", amount(found.params_min, count), " to ", amount(found.params_max, count), " cost less than 1 % more compute."];
}

const COMPUTE = ["Compute", "compute", flop];
const SIZES = [
  ["Parameters", "params", count],
  ["Tokens", "tokens", count],
];
const LOSS = ["Loss", "loss", loss];

function comparison(laws, columns) {
  const heads = ["Law", ...columns.map(([title]) => title), "Beyond the fit", "Loss measured on"];
  const rows = laws.map(({ law, hue, found, problem }) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, h("span", { class: `swatch law-${hue}` }), " ", lawLink(law)),
      ...(problem ? [h("td", { colspan: heads.length - 1 }, problem.detail.split("; laws of")[0])] : cells(found, columns)),
    ),
  );
  return h(
    "div",
    { class: "compared wide", role: "region", "aria-label": "Laws compared", tabindex: "0" },
    h("table", {}, h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, ...rows)),
  );
}

function cells(found, columns) {
  const decades = found.extrapolation;
  return [
    ...columns.map(([, name, write]) => cell(found, name, write)),
    h("td", {}, decades === null ? "not known" : decades === 0 ? "inside" : `${Number(decades.toPrecision(2))} decades`),
    h("td", { class: "on" }, found.loss_on ?? "no loss printed"),
  ];
}

function cell(found, name, write) {
  const spread = typeof found[`${name}_low`] === "number" ? h("span", { class: "under" }, ...interval(found, name, write)) : null;
  return h("td", {}, amount(found[name], write), spread);
}

export function refusal(problem) {
  return h("div", { class: "refused" }, h("strong", {}, problem.title), h("p", {}, problem.detail));
}

export const INCOMPARABLE =
  "These laws measure loss on different data or with different tokenizers: their losses do not compare, only the shapes of the curves do. " +
  "Sizes and tokens carry over better.";
export const differ = (answers) => new Set(answers.map((found) => found.loss_on).filter(Boolean)).size > 1;
