// One user, two computers, a large file and what little is done to it.
//  1. A file of 64 MB is dropped on A, whose block cache takes it.
//  2. A byte in its middle changes, and it is dropped again: one request, whose
//     metadata is small; B shows version 2 and downloads exactly that.
//  3. The same after a reload, and with an edit of another place.
//  4. Rename, "Make a copy", and the file dropped once more under another name
//     cost less than 4 KB each; B downloads the copies, which are the file.
//  5. A database that has lost its lists costs more, and nothing else.
//  6. Its versions say which byte changed.
//  7. A new small file is one request.
//
// And one that changes all over, in more blocks than one request takes patches of:
// nobody is asked what to send, and B downloads what little is new.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, sha256, sha256OfFile } from "./support/app.mjs";
import { cacheHas } from "./support/block_cache.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const SIZE = 64 << 20;
/** Whatever is asked but for news, and how full the drive is now: what the change itself costs. */
const NOT_NEWS = /^(?!GET \/api\/v1\/(changes|notifications|news|accounts\/me|grants)).* \/api\/v1\//;
const COMMIT = /^POST \/api\/v1\/files\/[^/]+\/commit$/;

/** What was asked of the server since then, each with its status. */
const askedOf = ({ proxy }, mark) => proxy.matching(NOT_NEWS, mark).map(({ method, path, status }) => `${method} ${path} ${status}`);

/** How often an edit is made until its requests say what it costs. */
const MOST_TRIES = 3;

/**
 * Makes an edit of which no request was lost, and returns its `requests` and whatever
 * else it does. Under load the local runtime's own proxy loses its connection to the
 * Worker now and then, and answers what it does not repeat itself with 503. The page
 * does, and the change costs some requests more: then another edit is made.
 */
async function undisturbed(edit) {
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const made = await edit();
    if (!made.requests.some((request) => request.endsWith(" 503"))) return made;
    console.log(`  the local runtime lost a request: ${made.requests}`);
  }
  assert.fail(`The local runtime lost a request in each of ${MOST_TRIES} edits`);
}

test("a small edit of a large file is one request", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const bytes = randomBytes(SIZE);
    const save = () => {
      const file = path.join(journey.folder, "large.bin");
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      return file;
    };

    await a.app.drop([save()]);
    await a.app.uploadIs("large.bin", ["done"], UPLOAD);
    await b.app.appears("large.bin", { version: 1 });
    await cacheHas(a.app.page, SIZE);

    let version = 1;
    /** Changes a byte and drops the file again; the requests that this took. */
    const edit = (at) =>
      undisturbed(async () => {
        bytes[at] += 1;
        const mark = a.proxy.requests.length;
        const bodies = a.proxy.recordBodies(COMMIT);
        await a.app.drop([save()]);
        version += 1;
        await b.app.appears("large.bin", { version, timeout: UPLOAD });
        await a.app.appears("large.bin", { version });
        a.proxy.stopRecording();
        return { requests: askedOf(a, mark), sent: a.proxy.sent(NOT_NEWS, mark), bodies };
      });
    const isOneRequest = ({ requests, sent, bodies }, what) => {
      expect(requests.length, `requests of ${what}: ${requests}`).toBe(1);
      expect(COMMIT.test(requests[0].replace(/ 200$/, "")), requests[0]).toBe(true);
      const metadata = bodies[0].readUInt32LE(0);
      console.log(`  ${what}: 1 request, ${metadata} bytes of metadata, ${sent} bytes in all`);
      expect(metadata, "bytes of metadata").toBeBelow(2000);
      expect(sent, "bytes sent").toBeBelow((1 << 20) + 4000);
    };

    isOneRequest(await edit(SIZE / 2), "an edit");
    expect(sha256OfFile(await b.app.download("large.bin")), "what B downloaded").toBe(sha256OfFile(path.join(journey.folder, "large.bin")));

    await a.app.page.reload();
    await a.app.appears("large.bin", { version });
    isOneRequest(await edit(SIZE / 4), "an edit after a reload");

    const costs = async (what, act, then) => {
      const mark = a.proxy.requests.length;
      await act();
      await then();
      const [sent, received] = [a.proxy.sent(NOT_NEWS, mark), a.proxy.received(NOT_NEWS, mark)];
      console.log(`  ${what}: ${sent} bytes up, ${received} down`);
      expect(sent + received, `bytes of ${what}: ${askedOf(a, mark)}`).toBeBelow(4096);
    };
    await costs("rename", () => a.app.rename("large.bin", "renamed.bin"), () => b.app.appears("renamed.bin"));
    await costs("copy", () => a.app.choose("renamed.bin", "Make a copy"), () => b.app.appears("renamed (copy).bin", { version: 1 }));
    expect(sha256OfFile(await b.app.download("renamed (copy).bin")), "the copy").toBe(sha256OfFile(path.join(journey.folder, "large.bin")));
    const again = journey.file("again.bin", bytes);
    await costs("the same file dropped under another name", () => a.app.drop([again]), () => b.app.appears("again.bin", { version: 1, timeout: UPLOAD }));
    expect(sha256OfFile(await b.app.download("again.bin")), "what was dropped again").toBe(sha256OfFile(again));
    await a.app.rename("renamed.bin", "large.bin");
    await b.app.appears("large.bin", { version });

    // What changed of it is told, of all its versions.
    await b.app.choose("large.bin", "Versions");
    const versions = b.app.page.getByRole("dialog", { name: /^Versions / });
    await versions.getByRole("button", { name: `Changes of version ${version}` }).click();
    await versions.getByText(/^changed in blocks of .* out of 67 MB, in 1 place$/).waitFor({ timeout: SOON });
    await versions.getByRole("button", { name: /^Compare byte by byte/ }).click();
    await versions.getByText("1 B of 67 MB changed, in 1 place").waitFor({ timeout: SOON });
    await look(b.app.page, "version-bytes");
    await b.app.page.keyboard.press("Escape");


    await a.app.page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          const open = indexedDB.open("driftless");
          open.onerror = reject;
          open.onsuccess = () => {
            const change = open.result.transaction("manifests", "readwrite");
            change.objectStore("manifests").clear();
            change.oncomplete = () => resolve(open.result.close());
          };
        }),
    );
    const forgotten = await edit(SIZE / 8);
    expect(forgotten.requests.filter((request) => COMMIT.test(request.replace(/ 200$/, ""))).length, `commits: ${forgotten.requests}`).toBe(1);
    expect(forgotten.sent, "bytes sent without a list").toBeBelow((1 << 20) + 100_000);
    expect(sha256OfFile(await b.app.download("large.bin")), "what B downloaded").toBe(sha256OfFile(path.join(journey.folder, "large.bin")));

    const mark = a.proxy.requests.length;
    await a.app.drop([journey.file("small.txt", "small and new")]);
    await b.app.appears("small.txt", { version: 1 });
    expect(askedOf(a, mark).join(), "requests of a new small file").toBe("POST /api/v1/files 201");
    await a.app.uploadIs("small.txt", ["done"], UPLOAD);
  }));

test("a file that changed all over goes as patches, without a question", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const bytes = randomBytes(24 << 20);
    await a.app.drop([journey.file("scattered.bin", bytes)]);
    await a.app.uploadIs("scattered.bin", ["done"], UPLOAD);
    await b.app.appears("scattered.bin", { version: 1 });
    await b.app.download("scattered.bin");
    await cacheHas(a.app.page, bytes.length);
    await cacheHas(b.app.page, bytes.length);

    let version = 1;
    const { requests, sent } = await undisturbed(async () => {
      for (let at = 0; at < bytes.length; at += 128 << 10) bytes[at] += 1;
      const mark = a.proxy.requests.length;
      await a.app.drop([journey.file("scattered.bin", bytes)]);
      version += 1;
      await b.app.appears("scattered.bin", { version, timeout: UPLOAD });
      await a.app.appears("scattered.bin", { version });
      await a.app.uploadIs("scattered.bin", ["done"], UPLOAD);
      return { requests: askedOf(a, mark), sent: a.proxy.sent(NOT_NEWS, mark) };
    });
    console.log(`  ${requests.length} requests, ${sent} bytes`);
    expect(requests.filter((request) => request.includes("/sync ")).join(), "proposals").toBe("");
    expect(sent, "bytes sent").toBeBelow(64 << 10);
    const uploads = requests.slice(0, -1);
    expect(uploads.length > 0 && uploads.every((request) => request === "POST /api/v1/blocks 200"), `${uploads}`).toBe(true);
    expect(COMMIT.test(requests.at(-1).replace(/ 200$/, "")), requests.at(-1)).toBe(true);

    const from = b.proxy.requests.length;
    expect(sha256OfFile(await b.app.download("scattered.bin")), "what B downloaded").toBe(sha256(bytes));
    const received = b.proxy.received(NOT_NEWS, from);
    console.log(`  ${b.proxy.sent(NOT_NEWS, from)} bytes for B's download, ${received} down`);
    expect(received, "bytes that B received").toBeBelow(64 << 10);
  }));
