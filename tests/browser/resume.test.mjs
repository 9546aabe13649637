// The server is killed in the middle of an upload and comes back. The page goes
// on by itself, and sends nothing again that had been acknowledged. What the edit
// was kept in meanwhile goes into the block cache, and then goes.
import { copyFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { UPLOAD, newUser, sha256OfFile } from "./support/app.mjs";
import { cacheHas } from "./support/block_cache.mjs";
import { bigFile } from "./support/corpora.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { copies } from "./support/unsent.mjs";

const BLOCKS = /^POST \/api\/v1\/blocks/;

test("an upload goes on after the server was killed", () =>
  journey(async (journey) => {
    const file = path.join(journey.folder, bigFile.name);
    copyFileSync(bigFile.releases[0](), file);
    const size = statSync(file).size;

    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    const small = journey.file("small.txt", "acknowledged before the crash");
    await a.app.drop([small]);
    await a.app.appears("small.txt", { version: 1 });

    const acknowledged = () =>
      a.proxy.matching(BLOCKS).filter(({ status }) => status === 200).reduce((sum, { sent }) => sum + sent, 0);
    a.proxy.limitUploads(8_000_000);
    await a.app.drop([file]);
    await eventually(() => acknowledged() > 25_000_000, "25 MB acknowledged", UPLOAD);
    await journey.server.kill();
    const kept = acknowledged();
    expect(kept, "what was acknowledged before the crash").toBeBelow(size * 0.9);

    const mark = a.proxy.requests.length;
    a.proxy.limitUploads(Infinity);
    await journey.startServer();
    await a.app.appears(bigFile.name, { version: 1, timeout: UPLOAD });
    const again = a.proxy.matching(BLOCKS, mark).filter(({ status }) => status === 200).reduce((sum, { sent }) => sum + sent, 0);
    console.log(`  of ${size} bytes, ${kept} were acknowledged before the crash and ${again} sent after it`);
    // Room for the headers of requests and frames.
    expect(again, "bytes sent after the restart").toBeBelow((size - kept) * 1.02 + 100_000);
    expect(sha256OfFile(await a.app.download(bigFile.name)), "the file").toBe(sha256OfFile(file));
    expect(sha256OfFile(await a.app.download("small.txt")), "the small file").toBe(sha256OfFile(small));
    // Blocks that the file has twice are there once.
    await cacheHas(a.app.page, size * 0.9);
    await eventually(async () => (await copies(a.app.page)).length === 0, "no copy of the file is left");
  }, { ownServer: true }));
