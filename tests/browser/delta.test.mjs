// One user, two computers, a large file and its next release.
//  1. A file of 91 MB is dropped on A and appears on B, which does nothing.
//  2. B downloads it: the same bytes.
//  3. The next release is dropped over it on A: little more than what changed
//     travels, and B shows version 2 and downloads exactly that.
import { statSync } from "node:fs";
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { UPLOAD, sha256OfFile } from "./support/app.mjs";
import { bigFile } from "./support/corpora.mjs";
import { expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const CONTENT = /^POST \/api\/v1\/blocks/;

test("a large file and its next release", () =>
  journey(async (journey) => {
    const [first, second] = bigFile.releases.map((fetch, i) => {
      // Both under one name, as a person has them.
      const file = path.join(journey.folder, `release-${i + 1}`, bigFile.name);
      mkdirSync(path.dirname(file));
      copyFileSync(fetch(), file);
      return file;
    });
    const size = statSync(second).size;
    expect(size, "the file's size").toBeAtLeast(50_000_000);

    const { a, b } = await journey.computers("a", "b");

    await a.app.drop([first]);
    await a.app.uploadIs(bigFile.name, ["done"], UPLOAD);
    await b.app.appears(bigFile.name, { version: 1 });
    expect(sha256OfFile(await b.app.download(bigFile.name)), "what B downloaded").toBe(sha256OfFile(first));

    const mark = a.proxy.requests.length;
    await a.app.drop([second]);
    await b.app.appears(bigFile.name, { version: 2, timeout: UPLOAD });
    await a.app.appears(bigFile.name, { version: 2 });
    const travelled = a.proxy.sent(CONTENT, mark);
    const all = a.proxy.sent(/./, mark);
    console.log(`  the file has ${size} bytes; its next release sent ${travelled} bytes of blocks, ${all} in all`);
    expect(all, "bytes sent for the next release").toBeBelow(size * 0.12);
    expect(sha256OfFile(await b.app.download(bigFile.name)), "what B downloaded").toBe(sha256OfFile(second));
    expect((await a.app.names()).length, "rows on A").toBe(1);
  }));
