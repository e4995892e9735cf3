// One log-log plot: a line and a band a curve, solid inside its fitted range and dashed beyond, the range of the first curve shaded.
import { h } from "./dom.js";
import { columns, fitted, height } from "./curves.js";
import { ticks } from "./ticks.js";

const { uPlot } = globalThis;
const FONT = "12px system-ui, sans-serif";

// The canvas counts in pixels of the device.
const sized = () => FONT.replace("12px", `${12 * devicePixelRatio}px`);

// The page's colours as the canvas needs them: resolved for light, dark or print.
function palette() {
  const probe = document.body.appendChild(h("span", { hidden: true }));
  const resolved = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { ink: resolved("ink"), soft: resolved("soft"), line: resolved("line"), fit: resolved("fit"), paper: resolved("paper"), laws: [] };
  for (let i = 0; i < 8; i++) found.laws.push(resolved(`law-${i}`));
  probe.remove();
  return found;
}

const faded = (colour, opacity) => colour.replace("rgb(", "rgba(").replace(")", `, ${opacity})`);

function range(curves, along) {
  const values = curves.flatMap((curve) => curve.points.flatMap(along)).filter((value) => value !== null && value > 0);
  return [Math.min(...values), Math.max(...values)];
}

export function chart(place, { curves, x, y, at, onHover }) {
  const ink = palette();
  const drawn = curves.filter((curve) => curve.points.length > 1);
  const shade = fitted(drawn.find((curve) => !curve.faint));
  const wide = range(drawn, (point) => [point.x]);
  const [bottom, top] = range(drawn, (point) => [point.y, point.low, point.high]);
  const margin = (top / bottom) ** 0.05;
  const series = [{}],
    bands = [];
  for (const { hue, faint } of drawn) {
    const stroke = faint ? faded(ink.laws[hue], 0.55) : ink.laws[hue];
    const line = { stroke, width: faint ? 1.5 : 2.25, pxAlign: 0, points: { show: false } };
    const edge = { stroke: "transparent", width: 0, pxAlign: 0, points: { show: false } };
    bands.push({ series: [series.length + 3, series.length + 2], fill: faded(ink.laws[hue], drawn.length > 3 ? 0.1 : 0.16) });
    series.push(line, { ...line, dash: [6, 4] }, edge, edge);
  }
  const axis = {
    stroke: ink.soft,
    font: FONT,
    labelFont: FONT,
    labelSize: 20,
    grid: { stroke: ink.line, width: 0.5 },
    ticks: { show: false },
    filter: (u, splits) => splits,
  };
  const size = () => ({ width: place.clientWidth, height: Math.round(Math.min(Math.max(place.clientWidth * 0.5, 300), 400)) });
  const plot = new uPlot(
    {
      ...size(),
      padding: [14, 14, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, distr: 3, range: wide }, y: { distr: 3, range: [bottom / margin, top * margin] } },
      axes: [
        {
          ...axis,
          label: x.title,
          size: 30,
          splits: (u, i, low, high) => ticks(low, high, u.width / 70),
          values: (u, splits) => splits.map((value) => x.tick(value)),
        },
        {
          ...axis,
          label: y.title,
          size: 52,
          splits: (u, i, low, high) => ticks(low, high, u.height / 55),
          values: (u, splits) => splits.map((value) => y.tick(value)),
        },
      ],
      series,
      bands,
      hooks: {
        drawClear: [(u) => shade && background(u, shade, ink, falls(drawn[0]))],
        draw: [(u) => marks(u, drawn, at, ink)],
        setCursor: [(u) => onHover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
      },
    },
    uPlot.join(drawn.map(columns)),
    place,
  );
  const watch = new ResizeObserver(() => place.clientWidth && place.clientWidth !== plot.width && plot.setSize(size()));
  watch.observe(place);
  return () => {
    watch.disconnect();
    plot.destroy();
  };
}

const falls = ({ points }) => points[0].y > points.at(-1).y;

// The words stand where the curve does not: below one that falls, above one that rises.
function background(u, { low, high }, ink, below) {
  const { ctx, bbox } = u;
  const [left, right] = [low, high].map((value) => u.valToPos(value, "x", true));
  const scale = devicePixelRatio;
  ctx.save();
  ctx.fillStyle = ink.fit;
  ctx.fillRect(left, bbox.top, right - left, bbox.height);
  ctx.font = sized();
  ctx.fillStyle = ink.soft;
  ctx.textBaseline = below ? "bottom" : "top";
  const write = (text, from, to) => {
    const space = 8 * scale;
    if (ctx.measureText(text).width + 2 * space < to - from)
      ctx.fillText(text, from + space, below ? bbox.top + bbox.height - space : bbox.top + space);
  };
  write("fitted", left, right);
  write("extrapolated", right, bbox.left + bbox.width);
  ctx.restore();
}

// The question on the plot: a line at its budget, a dot on each curve.
function marks(u, drawn, at, ink) {
  if (!at) return;
  const { ctx, bbox } = u;
  const scale = devicePixelRatio;
  ctx.save();
  ctx.lineWidth = scale;
  if (at.line) {
    const left = u.valToPos(at.line, "x", true);
    ctx.strokeStyle = ink.soft;
    ctx.setLineDash([2 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    ctx.setLineDash([]);
  }
  for (const curve of drawn) {
    const spot = at.spot(curve);
    if (!spot) continue;
    ctx.beginPath();
    ctx.arc(u.valToPos(spot.x, "x", true), u.valToPos(spot.y, "y", true), (curve.faint ? 3.5 : 5) * scale, 0, 2 * Math.PI);
    ctx.fillStyle = ink.laws[curve.hue];
    ctx.strokeStyle = ink.paper;
    ctx.lineWidth = 2 * scale;
    ctx.fill();
    ctx.stroke();
    if (curve.named) name(ctx, curve.label, [u.valToPos(spot.x, "x", true), u.valToPos(spot.y, "y", true) + 9 * scale], ink);
  }
  ctx.restore();
}

function name(ctx, text, [x, y], ink) {
  ctx.font = sized();
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  ctx.strokeStyle = ink.paper;
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = ink.ink;
  ctx.fillText(text, x, y);
}

// Where marks may stand: on every curve at one budget, or at the lowest point of each.
export const onBudget = (compute) => ({
  line: compute,
  spot(curve) {
    const y = height(curve, compute);
    return y === null ? null : { x: compute, y };
  },
});
export const lowest = ({ points }) => points.reduce((best, point) => (point.y < best.y ? point : best));
export const atLowest = { spot: lowest };
