// Answers of the service, each asked once: kept by address, newest last. What is refused is a Problem in words.
const KEPT = 400;
const kept = new Map();
let headers = {};

// Asks with a key from now on; what was refused is not kept, so it is asked again.
export function unlock(key) {
  headers = key ? { Authorization: `Bearer ${key}` } : {};
}

export class Problem extends Error {
  constructor({ title, detail, status, errors = [] }) {
    super(detail);
    Object.assign(this, { title, detail, status, errors });
  }
}

export const address = (question, inputs, format = "") => `/v1/${question}${format}?${new URLSearchParams(inputs)}`;

export async function get(url, signal) {
  if (kept.has(url)) return kept.get(url);
  const found = await asked(url, signal);
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value);
  kept.set(url, found);
  return found;
}

async function asked(url, signal) {
  let response, body;
  try {
    response = await fetch(url, { signal, headers });
    body = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "No answer", detail: "The service cannot be reached, or sent something that is no answer. Try again in a moment." });
  }
  if (!response.ok) throw new Problem(body);
  return body;
}

// What `promise` gives, or its Problem as a value: one law that cannot answer leaves the others theirs.
export const settled = (promise) =>
  promise.catch((error) => {
    if (error instanceof Problem) return error;
    throw error;
  });
