// What the scripts run at one time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sideBySide, together } from "../../scripts/lib/run.mjs";

test("all of many are done, whatever the number of cores", async () => {
  const done = [];
  await sideBySide([1, 2, 3, 4, 5, 6, 7], async (number) => {
    await null;
    done.push(number);
  });
  assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6, 7]);
});

test("where one of several fails, the others are waited for", async () => {
  let isDone = false;
  const slow = new Promise((resolve) => setTimeout(resolve, 20)).then(() => (isDone = true));
  await assert.rejects(together([Promise.reject(new Error("the first")), slow]), /the first/);
  assert.equal(isDone, true);
});
