// The block cache: a small edit of a large file is a small patch, up and down.
//  1. A drops a file of 64 MB that is like no other; when it was sent, its blocks
//     are in A's cache. B downloads version 1, which fills B's.
//  2. A changes one byte and drops it again: a patch travels.
//  3. B downloads version 2: a patch travels, and the bytes are right.
//     So does what little is new in a gzip, in which every bit is another, and a small text
//     travels compressed although it is stored as it is.
//  4. B's cache is damaged on its disk: that is noticed, and version 3 has the
//     right bytes nevertheless.
//  5. A's cache is gone: the next edit is made from signatures.
// Then what bounds it: a small quota, and another user.
import { randomFillSync, randomInt } from "node:crypto";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { UPLOAD, newUser, sha256, sha256OfFile } from "./support/app.mjs";
import { cacheHas, cacheSize, clearCache, damageCache } from "./support/block_cache.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { longestTask, watchLongTasks } from "./support/tasks.mjs";

const MB = 1_000_000;
const SIZE = 64 * MB;
/** All that an edit of one byte may cost, both ways, with the headers. */
const SMALL = 20_000;

/** Few blocks travel with the commit. */
const UP = /^POST \/api\/v1\/(blocks|files\/[^/]+\/commit)$/;
const DOWN = /^POST \/api\/v1\/blocks\/fetch$/;
const SIGNATURES = /^POST \/api\/v1\/blocks\/signatures$/;
const WHOLE = /^GET \/api\/v1\/files\/[^/]+\/content/;
const SYNC = /^(POST|GET) \/api\/v1\/(blocks|files)/;

/** What one of a profile's requests cost from a mark on. */
function cost({ proxy }, mark, what) {
  const up = proxy.sent(SYNC, mark);
  const down = proxy.received(SYNC, mark);
  const blocks = proxy.sent(UP, mark) + proxy.received(DOWN, mark) + proxy.received(SIGNATURES, mark);
  console.log(`  ${what}: ${up} bytes up, ${down} down; blocks, patches and signatures of that: ${blocks}`);
  return { all: up + down, blocks };
}

test("a byte of 64 MB travels as a patch, up and down", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const bytes = randomFillSync(Buffer.alloc(SIZE));
    const file = journey.file("large.bin", bytes);
    await watchLongTasks(a.app.page);
    await watchLongTasks(b.app.page);
    const edit = async (at, version) => {
      bytes[at] ^= 0xff;
      writeFileSync(file, bytes);
      await a.app.drop([file]);
      await a.app.appears("large.bin", { version, timeout: UPLOAD });
      await b.app.appears("large.bin", { version, timeout: UPLOAD });
    };
    const downloaded = async () => sha256OfFile(await b.app.download("large.bin"));

    await a.app.drop([file]);
    await a.app.uploadIs("large.bin", ["done"], UPLOAD);
    await b.app.appears("large.bin", { version: 1 });
    expect(await downloaded(), "version 1 on B").toBe(sha256(bytes));
    expect(b.proxy.matching(WHOLE).length, "downloads past the cache").toBe(0);
    await cacheHas(a.app.page, SIZE);
    await cacheHas(b.app.page, SIZE);

    let marks = [a.proxy.requests.length, b.proxy.requests.length];
    await edit(20 * MB, 2);
    const sent = cost(a, marks[0], "A sends an edit with a warm cache");
    expect(sent.all, "bytes up and down").toBeBelow(SMALL);
    expect(sent.blocks, "bytes of the patch").toBeBelow(4_000);
    expect(a.proxy.matching(SIGNATURES, marks[0]).length, "signatures").toBe(0);
    expect(await downloaded(), "version 2 on B").toBe(sha256(bytes));
    const fetched = cost(b, marks[1], "B downloads it");
    expect(fetched.all, "bytes up and down").toBeBelow(SMALL);
    expect(fetched.blocks, "bytes of the patch").toBeBelow(2_000);
    expect(b.proxy.matching(WHOLE).length, "downloads past the cache").toBe(0);

    const rows = Array.from({ length: 12_000 }, () => `${randomInt(1e6)};${randomInt(1e6)};open`);
    const zipped = journey.file("rows.csv.gz", gzipSync(rows.join("\n")));
    const before = await cacheSize(a.app.page);
    await a.app.drop([zipped]);
    await b.app.appears("rows.csv.gz", { version: 1 });
    await b.app.download("rows.csv.gz");
    await eventually(async () => (await cacheSize(a.app.page)).blocks > before.blocks, "the gzip in A's cache");
    rows[100] = "one row is another";
    const next = gzipSync(rows.join("\n"));
    writeFileSync(zipped, next);
    marks = [a.proxy.requests.length, b.proxy.requests.length];
    await a.app.drop([zipped]);
    await b.app.appears("rows.csv.gz", { version: 2 });
    expect(next.length, "bytes of the gzip").toBeAtLeast(80_000);
    expect(cost(a, marks[0], "A sends a changed row of a gzip").blocks, "bytes of the patch").toBeBelow(6_000);
    expect(sha256OfFile(await b.app.download("rows.csv.gz")), "the gzip on B").toBe(sha256(next));
    expect(cost(b, marks[1], "B downloads it").blocks, "bytes of the patch").toBeBelow(6_000);

    // It is too small to be sent compressed, and B has nothing of it.
    const text = Buffer.from(rows.slice(0, 2_500).join("\n"));
    marks = [a.proxy.requests.length, b.proxy.requests.length];
    await a.app.drop([journey.file("rows.csv", text)]);
    await b.app.appears("rows.csv", { version: 1 });
    expect(cost(a, marks[0], "A sends a small text").all, "bytes as they are").toBeAtLeast(text.length);
    await b.app.choose("rows.csv", "Keep offline");
    await b.app.row("rows.csv").getByTestId("offline-mark").and(b.app.page.getByTitle("Kept offline", { exact: true })).waitFor({ timeout: UPLOAD });
    const kept = cost(b, marks[1], "B keeps it offline").blocks;
    expect(kept, "bytes on their way").toBeAtLeast(1_000);
    expect(kept, "bytes on their way").toBeBelow(0.7 * text.length);

    await edit(40 * MB, 3);
    expect(await damageCache(b.app.page), "damaged bundles").toBeAtLeast(1);
    marks = [0, b.proxy.requests.length];
    expect(await downloaded(), "version 3 on B, whose cache is damaged").toBe(sha256(bytes));
    const again = cost(b, marks[1], "B fetches what is damaged again");
    expect(again.blocks, "bytes fetched").toBeAtLeast(SIZE * 0.9);
    expect(await downloaded(), "the same from the mended cache").toBe(sha256(bytes));

    await clearCache(a.app.page);
    marks = [a.proxy.requests.length, 0];
    await edit(50 * MB, 4);
    const signed = cost(a, marks[0], "A sends an edit without a cache");
    expect(signed.blocks, "bytes of signatures and of the patch").toBeBelow(SMALL);
    expect(a.proxy.matching(SIGNATURES, marks[0]).length, "requests of signatures").toBe(1);
    expect(await downloaded(), "version 4 on B").toBe(sha256(bytes));

    for (const { app, label } of [a, b]) {
      const longest = await longestTask(app.page);
      console.log(`  the longest task of ${label}'s page: ${longest.toFixed(0)} ms`);
    }
  }));

test("the cache keeps to its part of the quota, and belongs to one user", () =>
  journey(async (journey) => {
    const profile = await journey.profile("small");
    const { app, context } = profile;
    // What browsers say is not what they would give: Chromium names the same
    // quota to everybody. A disk that is full is a journey of adverse.test.mjs.
    const quotaSize = 200 * MB;
    await context.addInitScript((quota) => {
      StorageManager.prototype.estimate = async () => ({ quota, usage: 0 });
    }, quotaSize);
    await app.signUp(newUser());
    for (let i = 0; i < 5; i += 1) {
      const file = journey.file(`file-${i}.bin`, randomFillSync(Buffer.alloc(8 * MB)));
      await app.drop([file]);
      await app.uploadIs(`file-${i}.bin`, ["done"], UPLOAD);
      await cacheHas(app.page, Math.min((i + 1) * 8 * MB, 8 * MB));
    }
    // A bundle is listed before it is written.
    const full = await eventually(async () => {
      const size = await cacheSize(app.page);
      expect(size.stored, "bytes kept").toBeBelow(quotaSize / 10 + 1);
      return size.listed === size.stored && size;
    }, "what is listed is written");
    console.log(`  of 40 MB, ${full.stored} bytes are kept in ${full.bundles} bundles`);
    await app.signOut();
    // What was being written at that moment goes when it is written.
    await eventually(async () => {
      const { files, bundles } = await cacheSize(app.page);
      return files + bundles === 0;
    }, "nothing is kept after signing out");
    await app.signUp(newUser());
  }));
