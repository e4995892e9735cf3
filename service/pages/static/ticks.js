// Where a logarithmic axis has its ticks: decades where it spans several, 1–2–5 where few, even steps where less than one.
export function ticks(low, high, most) {
  const decades = Math.log10(high / low);
  if (decades > 2) return powers(low, high, [1], Math.max(1, Math.ceil(decades / most)));
  const fine = powers(low, high, [1, 2, 5], 1);
  return decades > 0.8 && fine.length <= most + 2 ? fine : even(low, high, most);
}

function powers(low, high, mantissas, every) {
  const found = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    if (exponent % every) continue;
    for (const mantissa of mantissas) found.push(Number(`${mantissa}e${exponent}`));
  }
  return found.filter((value) => value >= low * 0.999 && value <= high * 1.001);
}

function even(low, high, most) {
  const raw = (high - low) / most;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((candidate) => candidate >= raw);
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(Number((i * step).toPrecision(6)));
  return found;
}
