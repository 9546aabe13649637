// Large and many files, and what they cost the page.
//  1. A file of 1 GB is dropped: all workers read it, it arrives, the renderer
//     takes a bounded part of its size in memory, and the page's thread is free
//     all the time.
//  2. A file that is large enough for several segments, of bytes that are not
//     alike, is stored as one worker alone would have cut it: what a browser
//     with one processor drops next is nothing new.
//  3. A folder of thousands of files is dropped: the page's thread is free.
import { randomFillSync } from "node:crypto";
import { truncateSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { UPLOAD, newUser } from "./support/app.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { rendererMemory } from "./support/memory.mjs";
import { TASK_AIM, TASK_LIMIT, longestTask, watchLongTasks } from "./support/tasks.mjs";

const MIB = 1 << 20;
/** What the renderer may take in addition, whatever the file's size. */
const MEMORY = 256 * MIB;
const FILES = 3_000;

/** Others on the machine make a task only longer: the best of a few browsers counts. */
async function withoutLongTask(journey, body) {
  const longest = [];
  for (const label of ["first", "second", "third", "fourth", "fifth"]) {
    const profile = await journey.profile(label);
    await profile.app.signUp(newUser());
    await watchLongTasks(profile.app.page);
    await body(profile);
    longest.push(await longestTask(profile.app.page));
    await profile.close();
    if (longest.at(-1) < TASK_AIM) break;
  }
  console.log(`  longest tasks: ${longest.map((ms) => (ms === 0 ? "none over 50 ms" : `${ms.toFixed(0)} ms`)).join(", ")}`);
  expect(Math.min(...longest), "the page's longest task, in ms").toBeBelow(TASK_LIMIT);
}

test("a file of 1 GB is hashed in bounded memory, and the page stays free", () =>
  journey(async (journey) => {
    const file = journey.file("large.bin", "");
    truncateSync(file, 1_000_000_000);
    await withoutLongTask(journey, async (profile) => {
      const before = rendererMemory(journey, profile, "VmRSS");
      const since = performance.now();
      await profile.app.drop([file]);
      await profile.app.uploadIs("large.bin", ["done"], UPLOAD);
      console.log(`  1 GB of zeros took ${Math.round(performance.now() - since)} ms from its drop to its end`);
      if (before === null) {
        console.log(`  its memory is measured on Linux only, and this is ${process.platform}`);
        return;
      }
      const more = rendererMemory(journey, profile, "VmHWM") - before;
      console.log(`  and ${Math.round(more / MIB)} MiB more memory at the peak`);
      expect(more, "bytes of memory for it").toBeBelow(MEMORY);
    });
  }));

test("one worker and several find the same blocks", () =>
  journey(async (journey) => {
    const user = newUser();
    const several = await journey.profile("several");
    const one = await journey.profile("one");
    await one.context.addInitScript(() => Object.defineProperty(navigator, "hardwareConcurrency", { get: () => 1 }));
    await several.app.signUp(user);
    await one.app.signIn(user);
    const file = journey.file("large.bin", randomFillSync(Buffer.alloc(100 * MIB + 12_345)));
    await several.app.drop([file]);
    await several.app.uploadIs("large.bin", ["done"], UPLOAD);
    await one.app.appears("large.bin", { version: 1 });
    await one.app.drop([file]);
    await one.app.uploadIs("large.bin", ["unchanged"], UPLOAD);
    expect(one.proxy.matching(/^POST \/api\/v1\/blocks/).length, "uploads by the second browser").toBe(0);
  }));

test(`a folder of ${FILES} files leaves the page free`, () =>
  journey(async (journey) => {
    for (let i = 0; i < FILES; i += 1) journey.file(`many/file-${i}.txt`, `file ${i}\n`);
    await withoutLongTask(journey, async ({ app }) => {
      await app.drop([path.join(journey.folder, "files", "many")]);
      // All rows are there, and sending goes on as it will for the rest.
      await app.page.getByText(/^Uploading 3,000 files · \d{3,} done$/).waitFor({ timeout: UPLOAD });
    });
  }));
