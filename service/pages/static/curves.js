// From rows of the service to curves: points with their interval, and which of them lie inside the fitted range.
export function curve(law, hue, label, rows, x, y) {
  const points = rows
    .filter((row) => row[x] !== null && row[y] !== null && row[y] !== undefined)
    .map((row) => ({ x: row[x], y: row[y], low: row[`${y}_low`] ?? null, high: row[`${y}_high`] ?? null, inside: row.reach === "inside" }));
  return { law, hue, label, points };
}

// The fitted range of a curve along x, or null where none of it was fitted.
export function fitted({ points }) {
  const inside = points.filter((point) => point.inside);
  return inside.length > 1 ? { low: inside[0].x, high: inside.at(-1).x } : null;
}

// The curve at `x`, on the straight line (in logarithms) between its neighbours; null beyond its ends.
export function height({ points }, x) {
  const above = points.findIndex((point) => point.x >= x);
  if (above < 0 || (above === 0 && points[0].x > x)) return null;
  const b = points[above],
    a = points[Math.max(above - 1, 0)];
  if (a === b) return b.y;
  const t = Math.log(x / a.x) / Math.log(b.x / a.x);
  return Math.exp(Math.log(a.y) * (1 - t) + Math.log(b.y) * t);
}

// Columns for the plotter: x, the fitted part, the part beyond, the ends of the interval.
export function columns({ points }) {
  const beyond = (i) => points[i] && !points[i].inside;
  return [
    points.map((point) => point.x),
    points.map((point) => (point.inside ? point.y : null)),
    points.map((point, i) => (beyond(i) || beyond(i - 1) || beyond(i + 1) ? point.y : null)),
    points.map((point) => point.low),
    points.map((point) => point.high),
  ];
}
