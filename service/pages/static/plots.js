// The three plots: loss against compute, other sizes at the budget, the frontier.
import { address, get, Problem, settled } from "./api.js";
import { decades } from "./controls.js";
import { byId, h } from "./dom.js";
import { curve } from "./curves.js";
import { atLowest, lowest, onBudget } from "./chart.js";
import { Figure } from "./figure.js";
import { brief, count, flop, loss, plain, power } from "./numbers.js";
import { INCOMPARABLE } from "./words.js";

// The plots span the domain's budgets unless the question lies outside: both ends and the points between fall on decades.
const PER_DECADE = 10;

const figures = { loss: new Figure(byId("loss-plot")), isoflop: new Figure(byId("isoflop-plot")), frontier: new Figure(byId("frontier-plot")) };
const COMPUTE = { title: "Training compute, FLOP", write: flop, tick: power };
const LOSS = { title: "Loss, nats a token", write: loss, tick: brief };
const FIELDS = {
  params: { title: "Model size, parameters", write: count, tick: count },
  tokens: { title: "Training data, tokens", write: count, tick: count },
  tokens_per_param: { title: "Tokens a parameter", write: count, tick: count },
};
const short = (problem) => problem.detail.split("; laws of")[0];

export function span(compute) {
  const usual = decades();
  const low = Math.min(usual.low, Math.floor(Math.log10(compute)));
  const high = Math.max(usual.high, Math.ceil(Math.log10(compute)));
  return { compute_min: `1e${low}`, compute_max: `1e${high}`, points: (high - low) * PER_DECADE + 1 };
}

// Everything the plots show, for the laws that have answered; `shared` are the inputs that all questions take.
export async function gather({ laws, shared, compute }, signal) {
  const of = (question, law, inputs) => settled(get(address(question, { ...shared, ...inputs, law }), signal));
  const budgets = laws.length > 1 || compute < 10 ? [compute] : [compute / 10, compute, compute * 10];
  const [frontiers, valleys] = await Promise.all([
    Promise.all(laws.map(({ law }) => of("frontier", law, span(compute)))),
    Promise.all(
      laws.map(({ law, valleys }) => Promise.all((valleys ? budgets : []).map((budget) => of("isoflop", law, { compute: plain(budget) })))),
    ),
  ]);
  return laws.map((law, i) => ({ ...law, frontier: frontiers[i], valleys: valleys[i].map((found, b) => ({ budget: budgets[b], found })) }));
}

const refused = (held) => held.filter(({ found }) => found instanceof Problem).map(({ law, found }) => `${law}: ${short(found)}`);
const kept = (held) => held.filter(({ found }) => !(found instanceof Problem));
const silent = (curves, what) => {
  const names = curves.filter((each) => !each.points.length).map((each) => each.law);
  return names.length ? [`Not drawn, since no ${what} is given: ${names.join(", ")}.`] : [];
};
const links = (question, shared, inputs, laws) =>
  laws.flatMap(({ law }, i) => [
    i ? " · " : "All points: ",
    `${law} `,
    h("a", { href: address(question, { ...shared, ...inputs, law }, ".csv"), "aria-label": `CSV of ${law}` }, "CSV"),
    " ",
    h("a", { href: address(question, { ...shared, ...inputs, law }, ".svg"), "aria-label": `SVG of ${law}` }, "SVG"),
  ]);

export function show({ held, shared, compute, field, mixed }) {
  const frontiers = held.map(({ law, hue, frontier }) => ({ law, hue, found: frontier }));
  const where = { x: COMPUTE, at: onBudget(compute), home: () => compute };
  const more = links("frontier", shared, span(compute), kept(frontiers));
  const names = held.map(({ law }) => law).join(", ");
  const against = (name) => kept(frontiers).map(({ law, hue, found }) => curve(law, hue, law, found.rows, "compute", name));

  const losses = against("loss");
  const fits = "Solid inside the fitted range of a law, dashed beyond it or where the range is not known; the band is the interval.";
  figures.loss.show({
    ...where,
    more,
    curves: losses,
    y: LOSS,
    label: `Loss against training compute by ${names}; the table below holds the numbers`,
    notes: [fits, ...(mixed ? [INCOMPARABLE] : []), ...silent(losses, "loss"), ...refused(frontiers)],
  });
  const sizes = against(field);
  figures.frontier.show({
    ...where,
    more,
    curves: sizes,
    y: FIELDS[field],
    label: `${FIELDS[field].title} against training compute by ${names}; the table below holds the numbers`,
    notes: [...silent(sizes, FIELDS[field].title.toLowerCase()), ...refused(frontiers)],
  });
  figures.isoflop.show(isoflop({ held, shared, compute, mixed, names }));
}

function isoflop({ held, shared, compute, mixed, names }) {
  const valleys = held.flatMap(({ law, hue, valleys }) => valleys.map(({ budget, found }) => ({ law, hue, budget, found })));
  const curves = kept(valleys).map(({ law, hue, budget, found }) => ({
    ...curve(law, hue, held.length > 1 ? law : flop(budget), found.rows, "params", "loss"),
    faint: budget !== compute,
    named: held.length === 1,
  }));
  const answered = kept(valleys).filter(({ budget }) => budget === compute);
  const flat = held.filter((each) => !each.valleys.length).map(({ law }) => law);
  return {
    curves,
    x: FIELDS.params,
    y: LOSS,
    at: atLowest,
    home: (each) => lowest(each).x,
    label: `Loss against model size at ${flop(compute)} FLOP by ${names}; the table below holds the numbers`,
    notes: [
      ...(mixed && answered.length > 1 ? [INCOMPARABLE] : []),
      ...(flat.length ? [`No surface L(N, D), so no word on other sizes: ${flat.join(", ")}.`] : []),
      ...new Set(refused(valleys)),
    ],
    more: links("isoflop", shared, { compute: plain(compute) }, answered),
  };
}

export function redraw() {
  for (const figure of Object.values(figures)) figure.redraw();
}

// The losses that the first law's curve spans: what a target can be.
export function losses(held) {
  const rows = held[0]?.frontier.rows?.map((row) => row.loss).filter((value) => value !== null) ?? [];
  return rows.length ? { low: Math.min(...rows), high: Math.max(...rows) } : null;
}
