// The page's figures. Started by `npm run bench`, which has built everything.
//
//  - weight: what a first visit loads, from the address to the list of somebody
//    who signs in, as it is and compressed. The files are those that the page
//    asked for; the sizes are those of dist/. Its web workers are a line of their
//    own, and so are the parts that it fetches when they are first needed. All of
//    it the service worker keeps, to open the page with no connection.
//  - reload: from navigation to the last row of 200 in the list, with the API
//    cut off, so that it can only come from the local database.
//  - drop to row: a file of 1 KiB is dropped in one browser; until its row is in
//    another. Both clocks are this machine's. Then the same in a folder that is
//    shared: each file until its row is in the person's other browser, and until
//    it is with somebody else who may change the folder.
//  - upload: 50 MB of random bytes, from the drop until the upload is done:
//    reading, cutting, hashing, proposing, sending, committing. Beside it the
//    very same request bodies, recorded from an upload of the same file, sent
//    by a plain program into another user's space, over one connection: what
//    the runtime can take. Neither goes through the journeys' proxy.
//  - memory: the renderer processes of a browser that uploads 1 GB. Linux only.
import { randomFillSync } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readdirSync, statSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { distDir } from "../../scripts/lib/paths.mjs";
import { bytes, note, table } from "../../scripts/lib/say.mjs";
import { UPLOAD, newUser } from "./support/app.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";
import { rendererMemory } from "./support/memory.mjs";
import { newToken, sendPlainly } from "./support/rivals.mjs";
import { uploadTime } from "./support/uploaded.mjs";

const rate = (size, ms) => `${(size / MB / (ms / 1000)).toFixed(1)} MB/s`;
const quick = Boolean(process.env.DRIFTLESS_BENCH_QUICK);
const BLOCKS = /^POST \/api\/v1\/blocks/;
const MB = 1_000_000;

const figures = [];
const results = {};
const journey = await new Journey().begin();
try {
  const user = newUser();
  const a = await journey.profile("a", { direct: true });
  const b = await journey.profile("b", { direct: true });
  const counted = await journey.profile("counted");
  await a.app.open();
  await a.app.signUp(user);
  await b.app.signIn(user);
  await measureWeight(await journey.profile("first", { serviceWorkers: "block" }), user);
  await measureDropToRow(a, b, quick ? 10 : 50);
  await measureDropToRowOfPeople(a, b, await journey.profile("other", { direct: true }), quick ? 10 : 50);
  await counted.app.signIn(user);
  await measureReload(counted, quick ? 5 : 15);
  await measureUpload(50 * MB);
  await measureMemory(quick ? 200 * MB : 1000 * MB);
  console.log(`\n${table([["what", "figure"], ...figures])}`);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  await journey.end();
}

async function measureWeight(profile, user) {
  const { app, proxy } = profile;
  await app.signIn(user);
  await app.connectionIs("live");
  // What comes after this is not to be watched by one browser more.
  await profile.close();
  const asked = [...new Set(proxy.requests.map(({ path }) => path.split("?")[0]))]
    .filter((name) => !name.startsWith("/api/"))
    .map((name) => path.join(distDir, name === "/" ? "index.html" : name))
    .filter((file) => existsSync(file) && statSync(file).isFile());
  const isWorkers = (file) => /\/workers-[0-9a-f]+\/[^/]+$/.test(file);
  const first = asked.filter((file) => !isWorkers(file));
  const later = readdirSync(distDir, { recursive: true })
    .map((name) => path.join(distDir, name))
    .filter((file) => statSync(file).isFile() && !first.includes(file));
  const sum = (files, measure) => files.reduce((total, file) => total + measure(readFileSync(file)), 0);
  const brotli = (content) =>
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  results.weight = {};
  const isCode = (file) => /\.(wasm|js)$/.test(file);
  for (const [label, files] of [
    ["first visit, wasm and scripts", first.filter(isCode)],
    ["first visit, everything", first],
    ["parts of the page, when first needed", later.filter((file) => /\/app-[^/]*\.wasm$/.test(file))],
    ["wasm and scripts of the web workers", later.filter((file) => isCode(file) && isWorkers(file))],
  ]) {
    const [raw, gzip, br] = [(content) => content.length, (content) => gzipSync(content, { level: 9 }).length, brotli].map((m) => sum(files, m));
    results.weight[label] = { raw, gzip, brotli: br };
    figures.push([label, `${bytes(br)} brotli, ${bytes(gzip)} gzip, ${bytes(raw)} raw`]);
  }
}

async function measureDropToRow(a, b, times) {
  const took = [];
  for (let i = 0; i < times; i += 1) took.push((await dropToRow(a, [b], i))[0]);
  report("drop to row in another browser", "dropToRow", took);
}

async function measureDropToRowOfPeople(a, b, other, times) {
  const name = newUser();
  await other.app.signUp(name);
  await a.app.newFolder("Shared folder");
  const made = async () => (await a.app.items()).find((item) => item.name === "Shared folder")?.id;
  // It is shown before the server has it.
  const id = await eventually(made, "the folder on the server");
  const given = await a.app.api(`/api/v1/items/${id}/grants`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ person: name.name, role: "editor" }),
  });
  if (given.status !== 200) throw new Error(`access is refused: ${given.status}`);
  for (const { app } of [a, b]) await app.openFolder("Shared folder");
  await other.app.page.goto(`${other.app.url}/shared/${id}`);
  await other.app.connectionIs("live");
  const [own, others] = [[], []];
  for (let i = 0; i < times; i += 1) {
    const [mine, theirs] = await dropToRow(a, [b, other], i);
    own.push(mine);
    others.push(theirs);
  }
  report("drop to row, in a shared folder", "dropToOwnRow", own);
  report("drop to row of another person", "dropToRowOfAnother", others);
  // The way to the folder has a link of the same name.
  const files = ({ app }) => app.page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: "Files", exact: true });
  for (const profile of [a, b]) await files(profile).click();
}

/** How long after the drop of a new file its row is in each of these browsers, in milliseconds. */
async function dropToRow(a, watching, i) {
  // Each sorts before the last one: rows out of sight are not drawn.
  const name = `small-${999 - i}.bin`;
  const file = journey.file(name, randomFillSync(Buffer.alloc(1024)));
  const seen = watching.map(({ app }) =>
    app.page.evaluate(
      (selector) =>
        new Promise((resolve) => {
          const look = () => document.querySelector(selector) && resolve(performance.timeOrigin + performance.now());
          new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
          look();
        }),
      `[data-testid=row][data-name="${name}"][data-version="1"]`,
    ),
  );
  const dropped = a.app.page.evaluate(
    () =>
      new Promise((resolve) => {
        addEventListener("drop", () => resolve(performance.timeOrigin + performance.now()), { capture: true, once: true });
      }),
  );
  await a.app.drop([file]);
  const [since, ...until] = await Promise.all([dropped, ...seen]);
  // The polls must be parked again, or a second drop would only find them busy.
  for (const { app } of watching) await app.page.waitForTimeout(150);
  return until.map((at) => at - since);
}

async function measureReload({ app, proxy }, times) {
  const names = Array.from({ length: 200 }, (_, i) => `listed-${String(i).padStart(3, "0")}.txt`);
  await app.pickFiles(names.map((name) => journey.file(name, name)));
  await eventually(async () => (await app.items()).length >= 200, "200 files on the server", UPLOAD);
  await app.page.waitForTimeout(1000);
  await app.page.addInitScript(() => {
    const look = () => {
      // A long list may be drawn in part only; ten rows are a screenful's start.
      if (document.querySelectorAll("[data-testid=row]").length >= 10) globalThis.listedAt ??= performance.now();
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
  const took = [];
  for (let i = 0; i < times; i += 1) {
    proxy.cutApi();
    await app.page.reload();
    took.push(await eventually(() => app.page.evaluate(() => globalThis.listedAt), "the list after a reload"));
    proxy.mend();
  }
  report("reload to list, no server", "reload", took);
}

async function measureUpload(size) {
  const file = journey.file("fifty.bin", randomFillSync(Buffer.alloc(size)));
  const c = await journey.profile("c");
  await c.app.signUp(newUser());
  const bodies = c.proxy.recordBodies(BLOCKS);
  await uploadTime(c, file, "fifty.bin");
  c.proxy.stopRecording();
  await c.close();

  const timed = await journey.profile("timed", { direct: true });
  await timed.app.signUp(newUser());
  const ms = await uploadTime(timed, file, "fifty.bin");
  await timed.close();

  const d = await journey.profile("d", { direct: true });
  await d.app.signUp(newUser());
  const plain = await sendPlainly(journey.server.url, bodies, await newToken(d.app));
  await d.close();
  results.upload = { bytes: size, pageMs: ms, plainMs: plain, requests: bodies.length };
  figures.push(["upload of 50 MB by the page", `${rate(size, ms)}, drop to done`]);
  figures.push(["the same bodies, sent plainly", `${rate(size, plain)}, ${bodies.length} requests in turn`]);
}

async function measureMemory(size) {
  const file = journey.file("large.bin", "");
  const chunk = Buffer.alloc(10 * MB);
  const out = openSync(file, "w");
  for (let written = 0; written < size; written += chunk.length) writeSync(out, randomFillSync(chunk));
  closeSync(out);

  const e = await journey.profile("e", { direct: true });
  await e.app.signUp(newUser());
  const before = rendererMemory(journey, e, "VmRSS");
  const ms = await uploadTime(e, file, "large.bin");
  const peak = rendererMemory(journey, e, "VmHWM");
  await e.close();
  results.memory = { bytes: size, ms, before, peak };
  figures.push([`upload of ${size / MB} MB`, rate(size, ms)]);
  figures.push(["memory of its renderers", before === null ? "only measured on Linux" : `${bytes(before)} before, ${bytes(peak)} at the peak`]);
}

function report(label, key, took) {
  const sorted = [...took].sort((x, y) => x - y);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  results[key] = { times: took.length, medianMs: at(0.5), p99Ms: at(0.99), allMs: took };
  figures.push([label, `${at(0.5).toFixed(0)} ms median, ${at(0.99).toFixed(0)} ms p99 of ${took.length}`]);
  note(`${label}: ${figures.at(-1)[1]}`);
}

