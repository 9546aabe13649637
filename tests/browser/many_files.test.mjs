// A thousand real files of about 4 KB, dropped at once: out of an npm package.
//  1. They are dropped as a folder on A; all appear on A and on B.
//  2. A sample of them has the right bytes.
//  3. They took few requests that change something and few objects of R2 (each
//     POST /blocks is one), counted on the network, and no task that keeps the
//     page's thread.
import path from "node:path";
import { test } from "node:test";
import { UPLOAD, sha256 } from "./support/app.mjs";
import { smallFiles } from "./support/corpora.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { TASK_LIMIT, longestTask, watchLongTasks } from "./support/tasks.mjs";

const FILES = 1_000;
const SIZE = 4_096;
const REQUESTS = 40;
const OBJECTS = 20;

test(`${FILES} small files share requests, packs and commits`, () =>
  journey(async (journey) => {
    // Flat, so that all of them are in one list.
    const files = smallFiles(FILES, SIZE).map(({ name, bytes }, i) => ({ name: `${String(i).padStart(4, "0")}-${path.basename(name)}`, bytes }));
    expect(files.length, "files in the package").toBe(FILES);
    for (const { name, bytes } of files) journey.file(`small/${name}`, bytes);
    const { a, b } = await journey.computers("a", "b");
    await watchLongTasks(a.app.page);

    const [since, mark] = [performance.now(), a.proxy.requests.length];
    await a.app.drop([path.join(journey.folder, "files", "small")]);
    await a.app.page.getByRole("heading", { name: "1,000 files uploaded" }).waitFor({ timeout: UPLOAD });
    const ms = performance.now() - since;
    const longest = await longestTask(a.app.page);

    const requests = a.proxy.matching(/^POST /, mark);
    const kinds = a.proxy.kinds(mark);
    const bytes = files.reduce((sum, file) => sum + file.bytes.length, 0);
    const objects = kinds["POST /api/v1/blocks"] ?? 0;
    console.log(`  ${FILES} files with ${bytes} bytes took ${Math.round(ms)} ms and ${requests.length} requests: ${JSON.stringify(kinds)}`);
    console.log(`  ${a.proxy.sent(/./, mark)} bytes were sent; the longest task took ${longest === 0 ? "under 50" : Math.round(longest)} ms`);
    expect(requests.length, "requests that change something").toBeBelow(REQUESTS);
    expect(objects, "objects of R2").toBeBelow(OBJECTS + 1);
    expect(longest, "the page's longest task, in ms").toBeBelow(TASK_LIMIT);

    const folder = (item) => item.name === "small";
    await eventually(async () => (await b.app.items()).length === FILES + 1, "all files on the server", UPLOAD);
    const items = await b.app.items();
    const parent = items.find(folder).id;
    expect(items.filter((item) => item.parent === parent && item.file).length, "files in the folder").toBe(FILES);
    for (let i = 0; i < FILES; i += 111) {
      const { id } = items.find(({ name }) => name === files[i].name);
      const sum = await b.app.page.evaluate(async (id) => {
        const answer = await fetch(`/api/v1/files/${id}/content`, { headers: { "x-driftless-client": "test" } });
        const digest = await crypto.subtle.digest("SHA-256", await answer.arrayBuffer());
        return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      }, id);
      expect(sum, files[i].name).toBe(sha256(files[i].bytes));
    }
    for (const { app } of [a, b]) {
      await app.openFolder("small");
      await app.appears(files[0].name, { version: 1 });
      expect(await app.rowCount(), "rows of the folder").toBe(FILES);
    }
  }));
