// A plot with what belongs to it: a name for screen readers, a legend that tells the values under the cursor, notes, the same as a table.
import { h } from "./dom.js";
import { height } from "./curves.js";
import { chart } from "./chart.js";
import { amount } from "./numbers.js";

const INTERVALS = 10;

export class Figure {
  constructor(place) {
    this.place = place;
    this.clear = () => {};
  }

  // `spec`: curves, x, y ({title, write}), at, home (x of the values shown without a cursor), label, notes, more (links).
  show(spec) {
    this.spec = spec;
    this.clear();
    this.clear = () => {};
    const open = this.place.querySelector("details")?.open ?? false;
    if (!spec.curves.some((curve) => curve.points.length > 1)) {
      this.place.replaceChildren(...notes(spec.notes));
      return;
    }
    const plot = h("div", { class: "plot", role: "img", "aria-label": spec.label });
    const values = spec.curves.map(() => h("span", { class: "value" }));
    const tell = (x) => {
      for (const [i, curve] of spec.curves.entries()) values[i].textContent = reading(curve, x ?? spec.home(curve), spec.y);
    };
    this.place.replaceChildren(plot, legend(spec, values), ...notes(spec.notes), table(spec, open));
    tell(null);
    this.clear = chart(plot, { ...spec, onHover: tell });
  }

  redraw() {
    if (this.spec) this.show(this.spec);
  }
}

function reading(curve, x, y) {
  const value = height(curve, x);
  return value === null ? "–" : y.write(value);
}

const legend = (spec, values) =>
  h(
    "ul",
    { class: "legend" },
    ...spec.curves.map((curve, i) => h("li", {}, h("span", { class: `swatch law-${curve.hue}${curve.faint ? " faint" : ""}` }), h("span", {}, curve.label), values[i])),
  );

const notes = (texts) => texts.map((text) => h("p", { class: "beside" }, text));

function table({ curves, x, y, more }, open) {
  const head = [x.title, y.title, "Interval", "Fitted range"];
  return h(
    "details",
    { open },
    h("summary", {}, "The same as a table"),
    h(
      "div",
      { class: "wide", role: "region", "aria-label": `${y.title} against ${x.title}, as a table`, tabindex: "0" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, ...head.map((text) => h("th", { scope: "col" }, text)))),
        ...curves.map((curve) => body(curve, x, y, head.length)),
      ),
    ),
    h("p", { class: "hint" }, ...more),
  );
}

// Some of a curve's points, both ends among them.
function body({ label, points }, x, y, width) {
  const every = Math.max(1, Math.round((points.length - 1) / INTERVALS));
  const rows = points.filter((_, i) => i % every === 0 || i === points.length - 1);
  return h("tbody", {}, h("tr", {}, h("th", { scope: "rowgroup", colspan: width }, label)), ...rows.map((point) => row(point, x, y)));
}

const row = (point, x, y) =>
  h(
    "tr",
    {},
    h("td", {}, amount(point.x, x.write)),
    h("td", {}, amount(point.y, y.write)),
    h("td", {}, ...(point.low === null ? ["none"] : [amount(point.low, y.write), " to ", amount(point.high, y.write)])),
    h("td", {}, point.inside ? "inside" : "beyond, or not known"),
  );
