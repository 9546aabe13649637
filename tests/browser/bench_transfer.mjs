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
//  - beside others, in turn and several times: the small files and 50 MB by the page,
//    each time into a new drive; by Uppy with tus, which stores on the disk and which
//    is spared the walk through the folder; and the bodies of the 50 MB, recorded from
//    an upload of them, sent by a plain program over one connection
//  - where the time goes, of both: support/where.mjs says how
import { randomFillSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { note, table } from "../../scripts/lib/say.mjs";
import { UPLOAD, newUser } from "./support/app.mjs";
import { smallFiles } from "./support/corpora.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";
import { newToken, sendPlainly, uppyWithTus } from "./support/rivals.mjs";
import { allUploaded, uploadTime } from "./support/uploaded.mjs";
import { seen, shown, watch } from "./support/where.mjs";

const quick = Boolean(process.env.DRIFTLESS_BENCH_QUICK);
const MB = 1_000_000;
const LARGE = (quick ? 50 : 200) * MB;
const FILES = 1_000;
const SIZE = 4_096;
const FIFTY = 50 * MB;
const ROUNDS = quick ? 1 : 3;

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
  const fifty = journey.file("fifty.bin", randomFillSync(Buffer.alloc(FIFTY)));
  const paths = files.map((_, i) => path.join(folder, `${i}.txt`));
  await besideOthers(folder, paths, fifty);
  console.log(`\n${table([["what", "figure"], ...figures])}`);
  await whereTimeGoes(folder, fifty);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  await journey.end();
}

async function besideOthers(folder, paths, fifty) {
  const recorded = await journey.profile("recorded");
  await recorded.app.signUp(newUser());
  const bodies = recorded.proxy.recordBodies(/^POST \/api\/v1\/blocks/);
  await uploadTime(recorded, fifty, "fifty.bin");
  recorded.proxy.stopRecording();
  await recorded.close();

  const tus = await uppyWithTus(path.join(journey.folder, "tus"));
  const all = { pageSmall: [], uppySmall: [], pageFifty: [], plainFifty: [], uppyFifty: [] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const small = await newDrive(`small-${round}`);
    all.pageSmall.push(await allUploaded(small, [folder], FILES));
    await small.close();
    const uppy = await journey.profile(`uppy-${round}`, { direct: true });
    all.uppySmall.push(await tus.upload(uppy.app.page, paths));
    const large = await newDrive(`fifty-${round}`);
    all.pageFifty.push(await uploadTime(large, fifty, "fifty.bin"));
    await large.close();
    const plain = await newDrive(`plain-${round}`);
    all.plainFifty.push(await sendPlainly(journey.server.url, bodies, await newToken(plain.app)));
    await plain.close();
    all.uppyFifty.push(await tus.upload(uppy.app.page, [fifty]));
    await uppy.close();
    note(`round ${round}: ${Object.entries(all).map(([key, times]) => `${key} ${times.at(-1).toFixed(0)} ms`).join(", ")}`);
  }
  tus.end();
  results.beside = all;
  const of = Object.fromEntries(Object.entries(all).map(([key, times]) => [key, median(times)]));
  const seconds = (key) => `${(of[key] / 1000).toFixed(2)} s`;
  figures.push([`${FILES} small files, the page beside Uppy with tus`, `${seconds("pageSmall")}, ${seconds("uppySmall")}: ${(of.pageSmall / of.uppySmall).toFixed(2)} of its time`]);
  figures.push(["50 MB, the page beside its bodies, sent plainly", `${seconds("pageFifty")}, ${seconds("plainFifty")}: ${(of.plainFifty / of.pageFifty).toFixed(2)} of their speed`]);
  figures.push(["50 MB, Uppy with tus, straight to the disk", seconds("uppyFifty")]);
}

async function newDrive(label) {
  const profile = await journey.profile(label, { direct: true });
  await profile.app.signUp(newUser());
  return profile;
}

/** On a server of its own, whose Worker says how long it took. */
async function whereTimeGoes(folder, fifty) {
  const timed = await new Journey().begin(null, { around: inRoot("tests/browser/support/timed_worker.mjs") });
  try {
    results.where = {};
    for (const [key, label, upload] of [
      ["small", `${FILES} small files`, (profile) => allUploaded(profile, [folder], FILES)],
      ["fifty", "50 MB", (profile) => uploadTime(profile, fifty, "fifty.bin")],
    ]) {
      const profile = await timed.profile(`where-${key}`, { direct: true });
      await profile.app.signUp(newUser());
      await watch(profile.app.page);
      const done = await upload(profile);
      const rows = await seen(profile.app.page, done);
      await profile.close();
      results.where[key] = { ms: done, rows };
      console.log(`\nWhere the time of ${label} goes, ${(done / 1000).toFixed(2)} s from the drop until they are done:\n${shown(rows)}`);
    }
  } finally {
    await timed.end();
  }
}

function median(times) {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
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
