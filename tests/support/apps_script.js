/* Calls functions of an Apps Script in Node.js: `node apps_script.js < task`, with {script, calls, properties, folder} in the task.

Google's services are written anew here as their reference describes them, with what they refuse. Requests are real; the cache is a file in the folder.
Written to standard output: for each call {value} or {error}. */

"use strict";
const { createHash } = require("node:crypto");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { spawnSync } = require("node:child_process");

const task = JSON.parse(readFileSync(0, "utf8"));
const OPTIONS = ["url", "method", "contentType", "payload", "headers", "muteHttpExceptions", "followRedirects", "validateHttpsCertificates", "escaping"];

/* Sends requests at once, in a process of its own, since Google's calls return what came and not a promise of it. */
const SEND = `
const requests = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
Promise.all(requests.map(async ({ url, method, contentType, payload, headers }) => {
  const reply = await fetch(url, { method: method || "get", body: payload, headers: { ...headers, ...(contentType ? { "content-type": contentType } : {}) } });
  return { status: reply.status, text: await reply.text() };
})).then((replies) => process.stdout.write(JSON.stringify(replies)), (failure) => { console.error(failure.cause || failure); process.exit(1); });
`;

function fetchAll(requests) {
  if (!Array.isArray(requests)) throw new Error("The parameters don't match the method signature for UrlFetchApp.fetchAll.");
  for (const request of requests) {
    const unknown = Object.keys(request).filter((name) => !OPTIONS.includes(name));
    if (unknown.length) throw new Error(`Attribute provided with invalid value: ${unknown}`);
  }
  const sent = spawnSync(process.execPath, ["-e", SEND], { input: JSON.stringify(requests), encoding: "utf8", maxBuffer: 1 << 28 });
  if (sent.status !== 0) throw new Error(`Address unavailable: ${requests[0].url}`);
  return JSON.parse(sent.stdout).map(({ status, text }, i) => {
    if (status >= 400 && !requests[i].muteHttpExceptions) throw new Error(`Request failed for ${requests[i].url} returned code ${status}.`);
    return { getResponseCode: () => status, getContentText: () => text };
  });
}

function scriptCache() {
  const file = `${task.folder}/cache.json`;
  const read = () => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {});
  const checked = (key) => {
    if (typeof key !== "string" || !key.length || key.length > 250) throw new Error(`Argument too large: ${key}`);
    return key;
  };
  return {
    getAll(keys) {
      const held = read();
      return Object.fromEntries(keys.map(checked).filter((key) => key in held && held[key].until > Date.now()).map((key) => [key, held[key].value]));
    },
    putAll(values, seconds = 600) {
      if (!(seconds >= 1 && seconds <= 21600)) throw new Error(`Invalid argument: ${seconds}`);
      const held = read();
      for (const [key, value] of Object.entries(values)) {
        if (typeof value !== "string" || Buffer.byteLength(value) > 100 * 1024) throw new Error("Argument too large: value");
        held[checked(key)] = { value, until: Date.now() + 1000 * seconds };
      }
      writeFileSync(file, JSON.stringify(held));
    },
  };
}

globalThis.UrlFetchApp = { fetchAll };
globalThis.CacheService = { getScriptCache: scriptCache };
globalThis.PropertiesService = { getScriptProperties: () => ({ getProperty: (name) => task.properties[name] ?? null }) };
globalThis.Utilities = {
  DigestAlgorithm: { SHA_256: "sha256" },
  Charset: { UTF_8: "utf8" },
  computeDigest: (algorithm, text, charset) => [...new Int8Array(createHash(algorithm).update(text, charset).digest())],
  base64EncodeWebSafe: (bytes) => Buffer.from(Int8Array.from(bytes)).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
};

const functions = new Function(`${task.script}\nreturn { FITTED, FITTED_TABLE };`)();
const told = task.calls.map(([name, ...given]) => {
  try {
    return { value: functions[name](...given) };
  } catch (failure) {
    return { error: failure.message };
  }
});
process.stdout.write(JSON.stringify(told));
