// Numbers as people write them; the exact value stays in the element, to hover over and to copy.
import { h } from "./dom.js";

const SCALES = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const NARROW = "\u202f";

const given = (x) => x !== null && x !== undefined;
const raised = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => SUPERSCRIPTS[digit]).join("");

export function power(x, digits = 3) {
  const [mantissa, exponent] = x
    .toExponential(digits - 1)
    .split("e")
    .map(Number);
  return (mantissa === 1 ? "" : `${mantissa}${NARROW}×${NARROW}`) + `10${raised(exponent)}`;
}

// 72248702500 is "72.2 B"; above a thousand trillions, a power of ten.
export function count(x, digits = 3) {
  const rounded = Number(x.toPrecision(digits));
  if (rounded >= 1e15 || (rounded > 0 && rounded < 1e-3)) return power(x, digits);
  const [size, suffix] = SCALES.find(([scale]) => rounded >= scale) ?? [1, ""];
  return String(Number((rounded / size).toPrecision(digits))) + (suffix && NARROW + suffix);
}

export const flop = (x) => (x >= 1e6 || x < 1 ? power(x) : count(x));
export const loss = (x) => (x < 1e-3 ? power(x, 4) : x.toPrecision(4));
export const brief = (x) => String(Number(x.toPrecision(4)));
// A count for a sentence: 6,667 where suffixes would read oddly.
export const whole = (x) => (x < 1000 || x >= 1e9 ? count(x) : Math.round(Number(x.toPrecision(4))).toLocaleString("en"));
export const share = (x) => `${Number((x * 100).toPrecision(4))}${NARROW}%`;
// As the service reads it: "5.75e23", "1024", "0.4".
export const plain = (x) => (x >= 1e6 ? x.toExponential().replace("+", "") : String(x));

export function amount(x, write) {
  return given(x) ? h("data", { value: String(x), title: String(x) }, write(x)) : "–";
}

export function interval(found, field, write) {
  const low = found[`${field}_low`],
    high = found[`${field}_high`];
  return given(low) && given(high) ? [amount(low, write), " to ", amount(high, write)] : ["no interval"];
}

// Copying a selection that lies in one number copies the exact number.
export function copyExactly() {
  document.addEventListener("copy", (event) => {
    const place = getSelection().rangeCount && getSelection().getRangeAt(0).commonAncestorContainer;
    const number = (place instanceof Element ? place : place?.parentElement)?.closest("data");
    if (!number) return;
    event.clipboardData.setData("text/plain", number.value);
    event.preventDefault();
  });
}
