// An answer in words: the sentence, the numbers with their intervals, how far beyond the fit, whose law it is, what to be wary of.
import { h } from "./dom.js";
import { amount, count, flop, interval, loss, share, whole } from "./numbers.js";

const SOURCES = {
  covariance: "the covariance of the coefficients, as published",
  "frozen-draws": "fits to resampled runs",
  "printed-percentiles": "the percentiles that the paper prints",
  "printed-digits": "all laws that print the same digits; it bounds no statistical error",
};

// Reach in words, where the number is.
const REACHES = {
  inside: "inside the fit",
  near: "less than a decade beyond the fit",
  far: "1 to 3 decades beyond the fit",
  beyond: "3 decades or more beyond the fit",
  unknown: "how far from the fit is unknown",
};
// What the service says of the distance: said once, beside the number.
const DISTANCE = / decades beyond the fit, in |^how far this lies beyond the fit is unknown/;
const distances = (found) => found.warnings.filter((text) => DISTANCE.test(text));
const others = (found) => found.warnings.filter((text) => !DISTANCE.test(text));

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
  const far = found.reach === "beyond";
  const rest = others(found);
  return [
    far ? h("p", { class: "doubt" }, ...beyond(found)) : null,
    h("div", { class: `numbers ${found.reach}` }, lead(ask, found), h("dl", { class: "stats" }, ...figures.map((name) => figure(name, found)))),
    h("p", { class: "source" }, ...(far ? [] : beyond(found)), ...spread(found), ...basin(found)),
    h("p", { class: "source" }, "By ", lawLink(found.law), ": ", found.citation, "."),
    rest.length ? warned(rest) : null,
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
    h("dd", { class: "under" }, REACHES[found.reach] ?? null),
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
  if (found.reach === "inside") return ["This lies inside what the law was fitted on. "];
  const said = distances(found).join("; ");
  return [h("strong", {}, capital(said || REACHES[found.reach])), found.reach === "unknown" ? ". " : ": nothing vouches for the law out there. "];
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

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
  const heads = ["Law", "Reach", ...columns.map(([title]) => title), "Loss measured on"];
  const rows = laws.map(({ law, hue, found, problem }) =>
    h(
      "tr",
      { class: found?.reach },
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
  return [
    h("td", {}, distance(found)),
    ...columns.map(([, name, write]) => cell(found, name, write)),
    h("td", { class: "on" }, found.loss_on ?? "no loss printed"),
  ];
}

function distance({ reach, extrapolation }) {
  return extrapolation ? `${reach}, ${Number(extrapolation.toPrecision(2))} decades` : reach;
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
