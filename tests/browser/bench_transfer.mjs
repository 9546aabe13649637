// How fast files go up and down through the local runtime, from the real page.
// Started by `npm run bench`, which has built everything.
//
//  - a large file of random bytes: from the drop until its row says done; and from
//    the click on "Download" until the file is on the disk
//  - 1,000 real files of about 4 KB, dropped as a folder, until all are done; and
//    their contents read over one connection after another, six at a time, as a
//    program does that pulls a folder
//  - their requests and objects of R2 (each POST /blocks is one), and the requests
//    of a small edit, counted by the proxy of a browser of its own: a proxy takes
//    time, so nothing is timed through it.
import { randomFillSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { note, table } from "../../scripts/lib/say.mjs";
import { UPLOAD, newUser } from "./support/app.mjs";
import { smallFiles } from "./support/corpora.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";

const quick = Boolean(process.env.DRIFTLESS_BENCH_QUICK);
const MB = 1_000_000;
const LARGE = (quick ? 50 : 200) * MB;
const FILES = 1_000;
const SIZE = 4_096;

const figures = [];
const results = {};
const journey = await new Journey().begin();
try {
  const large = journey.file("large.bin", randomFillSync(Buffer.alloc(LARGE)));
  const files = smallFiles(FILES, SIZE);
  files.forEach(({ bytes }, i) => journey.file(`small/${i}.txt`, bytes));
  const folder = path.join(journey.folder, "files", "small");
  const small = files.reduce((sum, { bytes }) => sum + bytes.length, 0);

  const timed = await journey.profile("timed", { direct: true });
  await timed.app.signUp(newUser());
  report("one large file, up", "largeUp", LARGE, await took(async () => {
    await timed.app.drop([large]);
    await timed.app.uploadIs("large.bin", ["done"], UPLOAD);
  }));
  report("one large file, down", "largeDown", LARGE, await took(() => timed.app.download("large.bin")));
  report(`${FILES} small files, up`, "smallUp", small, await took(() => dropAll(timed.app, folder)));
  report(`${FILES} small files, down`, "smallDown", small, await took(() => readAll(timed.app)));
  await timed.close();

  const counted = await journey.profile("counted");
  await counted.app.signUp(newUser());
  const mark = counted.proxy.requests.length;
  await dropAll(counted.app, folder);
  const kinds = counted.proxy.kinds(mark);
  results.smallRequests = { requests: counted.proxy.requests.length - mark, objects: kinds["POST /api/v1/blocks"] ?? 0, sent: counted.proxy.sent(/./, mark), kinds };
  figures.push([`${FILES} small files`, `${results.smallRequests.requests} requests, ${results.smallRequests.objects} objects of R2`]);

  const edited = randomFillSync(Buffer.alloc(2 * MB));
  await counted.app.drop([journey.file("edited.bin", edited)]);
  await counted.app.appears("edited.bin", { version: 1, timeout: UPLOAD });
  await counted.app.page.waitForTimeout(1000);
  const before = counted.proxy.requests.length;
  edited[MB] ^= 1;
  await counted.app.drop([journey.file("edited.bin", edited)]);
  await counted.app.appears("edited.bin", { version: 2, timeout: UPLOAD });
  const ofEdit = counted.proxy.matching(/^POST /, before);
  results.editRequests = counted.proxy.kinds(before);
  figures.push(["a small edit", `${ofEdit.length} requests: ${ofEdit.map(({ path }) => path.split("/").at(-1)).join(", ")}`]);
  console.log(`\n${table([["what", "figure"], ...figures])}`);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  await journey.end();
}

async function took(body) {
  const since = performance.now();
  await body();
  return performance.now() - since;
}

async function dropAll(app, folder) {
  await app.drop([folder]);
  const done = async () => (await app.page.getByText(/ files uploaded$/).allTextContents()).some((text) => Number.parseInt(text.replace(",", ""), 10) >= FILES);
  await eventually(done, "all files are uploaded", UPLOAD);
}

async function readAll(app) {
  const ids = (await app.items()).filter(({ file, parent }) => file && parent).map(({ id }) => id);
  await app.page.evaluate(async (ids) => {
    const next = async () => {
      for (let id = ids.pop(); id; id = ids.pop()) {
        const answer = await fetch(`/api/v1/files/${id}/content`, { headers: { "x-driftless-client": "bench" } });
        if (!answer.ok) throw new Error(`content: ${answer.status}`);
        await answer.arrayBuffer();
      }
    };
    await Promise.all(Array.from({ length: 6 }, next));
  }, ids);
}

function report(label, key, bytes, ms) {
  results[key] = { bytes, ms };
  figures.push([label, `${(bytes / MB / (ms / 1000)).toFixed(1)} MB/s, ${(ms / 1000).toFixed(1)} s`]);
  note(`${label}: ${figures.at(-1)[1]}`);
}
