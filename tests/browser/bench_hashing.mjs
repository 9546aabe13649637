// How fast the browser cuts and hashes, beside what else could. Started by
// `npm run bench`, which has built everything.
//
//  - native: bench-hashing of the crate `tests`, one thread, bytes in memory.
//  - from memory: the hashing worker's module as it is built, and hash-wasm's
//    BLAKE3, which cuts nothing. No disk, no browser's pipes: computing alone.
//  - from disk: a file of 512 MiB, which the system has in its memory. Read by
//    its stream and nothing else; hashed by one worker; and dropped into the
//    page, from the drop until its row says that reading is done: all workers,
//    their lists joined.
//  - a sparse file of 4 GB in the page, to the end of its upload: the memory of
//    the renderer (workers included) and the longest task of the page's thread.
//
// From disk the browser's own processes work as well, so it is counted how many of
// the machine's cores are at work meanwhile: when all are, that is the bound.
//
// All of it is repeated in rounds. A ratio is the median of the rounds' ratios:
// others who use the machine slow both parts of it.
import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, linkSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import { targetDir } from "../../scripts/lib/paths.mjs";
import { bytes, note, table } from "../../scripts/lib/say.mjs";
import { UPLOAD, newUser } from "./support/app.mjs";
import { Journey } from "./support/journey.mjs";
import { openLab, workersDir } from "./support/lab.mjs";
import { rendererMemory } from "./support/memory.mjs";
import { longestTask, watchLongTasks } from "./support/tasks.mjs";

const MIB = 1 << 20;
const quick = Boolean(process.env.DRIFTLESS_BENCH_QUICK);
const ROUNDS = quick ? 3 : 7;
const IN_MEMORY = 256 * MIB;
const TILE = 16 * MIB;
const TILES = 32;
const SPARSE = 4_000_000_000;

const rounds = [];
const lab = await openLab();
const journey = await new Journey().begin();
try {
  const { app } = await journey.profile("page", { direct: true });
  await app.signUp(newUser());
  const bench = await journey.profile("lab", { direct: true });
  const page = bench.app.page;
  await page.goto(lab.url);
  const file = largeFile();
  await page.setInputFiles("#file", file);
  const workers = await app.page.evaluate(() => Math.min(navigator.hardwareConcurrency, 4));
  // Of the file's blocks, all later drops send none; it also warms the workers.
  await dropRate(app, file, "first.bin");
  for (let round = 0; round < ROUNDS; round += 1) {
    const native = JSON.parse(execFileSync(path.join(targetDir, "release", "bench-hashing"), [String(IN_MEMORY / MIB)]));
    const speeds = {
      nativeBlake3: native.blake3,
      nativeCut: native.fastcdc,
      native: native.both,
      hashWasm: await page.evaluate((size) => hashWasm(size), IN_MEMORY),
      memoryOne: await page.evaluate((size) => hashMemory(1, size), IN_MEMORY),
      memoryAll: await page.evaluate(([count, size]) => hashMemory(count, size), [workers, IN_MEMORY]),
    };
    const fromDisk = {
      readAlone: () => counted(() => page.evaluate(() => readAlone())),
      diskOne: () => counted(() => page.evaluate(() => hashFile())),
      diskAll: () => dropRate(app, file, `round-${round}.bin`),
    };
    for (const [name, measure] of Object.entries(fromDisk)) {
      const { result, cores } = await measure();
      speeds[name] = result;
      speeds[`${name} cores`] = cores;
    }
    rounds.push(speeds);
    note(`round ${round + 1}: ${Object.entries(speeds).map(([name, speed]) => `${name} ${speed.toFixed(0)}`).join(", ")}`);
  }
  await bench.close();
  const sparse = await hashSparse();
  report(workers, sparse);
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  lab.close();
  await journey.end();
}

/** 512 MiB of 16 that are random: the server stores it quickly. */
function largeFile() {
  const file = journey.file("large.bin", "");
  const tile = randomFillSync(Buffer.alloc(TILE));
  const out = openSync(file, "w");
  for (let i = 0; i < TILES; i += 1) writeSync(out, tile);
  closeSync(out);
  return file;
}

/** Runs something and counts how many cores the whole machine had at work meanwhile. */
async function counted(work) {
  const spent = () => cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
  const [since, before] = [performance.now(), spent()];
  const result = await work();
  return { result, cores: (spent() - before) / (performance.now() - since) };
}

/** Millions of bytes a second, from the drop until the row has another stage; and the cores. */
async function dropRate(app, file, name) {
  const named = path.join(path.dirname(file), name);
  linkSync(file, named);
  const { result: ms, cores } = await counted(() => hashingTime(app, named));
  await app.uploadIs(name, ["done"], UPLOAD);
  return { result: statSync(named).size / 1e6 / (ms / 1000), cores };
}

async function hashingTime(app, file) {
  const hashed = app.page.evaluate(
    (selector) =>
      new Promise((resolve) => {
        let droppedAt = 0;
        addEventListener("drop", () => (droppedAt = performance.now()), { capture: true, once: true });
        const look = () => {
          const stage = document.querySelector(selector)?.dataset.stage;
          if (droppedAt && stage && !["waiting", "hashing"].includes(stage)) resolve(performance.now() - droppedAt);
        };
        new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true });
      }),
    `[data-testid=upload][data-name="${path.basename(file)}"]`,
  );
  await app.drop([file]);
  return hashed;
}

async function hashSparse() {
  const file = journey.file("sparse.bin", "");
  truncateSync(file, SPARSE);
  const profile = await journey.profile("sparse", { direct: true });
  const { app } = profile;
  await app.signUp(newUser());
  await watchLongTasks(app.page);
  const before = rendererMemory(journey, profile, "VmRSS");
  const ms = await hashingTime(app, file);
  await app.uploadIs("sparse.bin", ["done"], UPLOAD);
  const peak = rendererMemory(journey, profile, "VmHWM");
  const longest = await longestTask(app.page);
  await profile.close();
  return { bytes: SPARSE, ms, before, peak, longestTaskMs: longest };
}

function report(workers, sparse) {
  const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
  const of = (name) => median(rounds.map((round) => round[name]));
  const ratio = (name, base) => median(rounds.map((round) => round[name] / round[base]));
  const rows = [
    ["native, one thread: BLAKE3", "nativeBlake3"],
    ["native, one thread: FastCDC", "nativeCut"],
    ["native, one thread: both", "native"],
    ["hash-wasm, from memory: BLAKE3", "hashWasm", "native"],
    ["one worker, from memory: both", "memoryOne", "native", "hashWasm"],
    [`${workers} workers, from memory: both`, "memoryAll", "memoryOne"],
    ["File.stream() from disk, read alone", "readAlone"],
    ["one worker, from disk: both", "diskOne", "readAlone"],
    [`the page (${workers} workers), from disk: both`, "diskAll", "readAlone", "diskOne"],
  ];
  const names = Object.fromEntries(rows.map(([label, name]) => [name, label.replace(/, from.*/, "")]));
  const ratios = {};
  const lines = rows.map(([label, name, ...bases]) => {
    const words = bases.map((base) => {
      const value = (ratios[`${name}/${base}`] = ratio(name, base));
      return `${value.toFixed(2)} of ${names[base]}`;
    });
    const cores = `${name} cores` in rounds[0] ? `${of(`${name} cores`).toFixed(1)} of ${cpus().length}` : "";
    return [label, of(name).toFixed(0), cores, words.join(", ")];
  });
  console.log(`\n${table([["cut and hashed, medians", "MB/s", "cores at work", "ratio"], ...lines])}`);
  const module = statSync(path.join(workersDir, "hasher_bg.wasm")).size;
  console.log(
    `\n${table([
      ["what", "figure"],
      ["the hashing worker's module", bytes(module)],
      [`${SPARSE / 1e9} GB of zeros in the page`, `${(SPARSE / 1e6 / (sparse.ms / 1000)).toFixed(0)} MB/s to the list`],
      ["memory of the renderer meanwhile", sparse.before === null ? "only measured on Linux" : `${bytes(sparse.before)} before, ${bytes(sparse.peak)} at the peak`],
      ["longest task of the page's thread", sparse.longestTaskMs === 0 ? "none over 50 ms" : `${sparse.longestTaskMs.toFixed(0)} ms`],
    ])}`,
  );
  const medians = Object.fromEntries(Object.keys(rounds[0]).map((name) => [name, of(name)]));
  const results = { workers, medians, ratios, rounds, module, sparse };
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
}
