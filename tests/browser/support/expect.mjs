// Assertions that say what they were about.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

export const expect = (actual, what = "") => ({
  toBe: (wanted) => assert.deepEqual(actual, wanted, note(what, actual, `to be ${show(wanted)}`)),
  toMatch: (pattern) => assert.match(actual, pattern),
  toBeBelow: (limit) => assert.ok(actual < limit, note(what, actual, `to be below ${limit}`)),
  toBeAtLeast: (limit) => assert.ok(actual >= limit, note(what, actual, `to be at least ${limit}`)),
});

/** Asks until the answer is truthy, and returns it. */
export async function eventually(question, what, timeout = 15_000) {
  for (const start = performance.now(); ; await sleep(50)) {
    const answer = await question();
    if (answer) return answer;
    if (performance.now() - start > timeout) assert.fail(`After ${timeout} ms still not: ${what}`);
  }
}

const show = (value) => JSON.stringify(value);
const note = (what, actual, wanted) => `${what || "the value"} is ${show(actual)}, expected ${wanted}`;
