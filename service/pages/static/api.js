// Answers of the service, each asked once: kept by address, newest last. What is refused is a Problem in words.
const KEPT = 400;
const kept = new Map();
const COOKIE = "fitted-laws-key";

// Asks with a key from now on, and so do links and downloads; an empty one is forgotten. It is in no address, and other sites cannot send it.
export function unlock(key) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${encodeURIComponent(key)}; Path=/; SameSite=Strict${secure}${key ? "" : "; Max-Age=0"}`;
  kept.clear();
}

// The key that this browser holds, if any.
export function held() {
  const found = document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`));
  return found ? decodeURIComponent(found.slice(COOKIE.length + 1)) : "";
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
    response = await fetch(url, { signal });
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
