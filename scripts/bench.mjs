// `npm run bench`: what it costs, on this machine, against the local runtime.
//   1. the API alone: the Rust program bench-latency of the crate `tests`
//      (it gets DRIFTLESS_URL, and writes JSON to the file DRIFTLESS_BENCH_JSON)
//   2. the page: tests/browser/bench.mjs, which says how each figure is taken; and how
//      fast it is seen, by Lighthouse: tests/browser/bench_sight.mjs
//   3. hashing: tests/browser/bench_hashing.mjs, which says the same
//   4. wire: what travels for edits, beside rsync and xdelta3:
//      tests/browser/bench_wire.mjs
//   5. transfer: how fast files go up and down, beside others, and where the time goes:
//      tests/browser/bench_transfer.mjs
//   6. metadata: rows and statements of D1: the Rust program bench-metadata
//   7. memory: of the runtime under many large requests: the Rust program
//      bench-memory, on Linux
//   8. search: how long finding takes: natively the Rust program bench-search, and in
//      the page tests/browser/bench_search.mjs
//   9. large: a page with a million names, and the rows that D1 reads for it:
//      tests/browser/bench_large.mjs
//  10. history: a year of a busy person's: the Rust program bench-history, around whose
//     server is tests/browser/support/history_worker.mjs
// Prints tables and writes everything to .state/bench.json.
//
//   npm run bench -- --only wire    or api, page, hashing, transfer, metadata, memory,
//                                   search, large, history;
//                                   several with commas
//   npm run bench -- --quick        fewer repetitions, a smaller large file
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./lib/build.mjs";
import { findChromium, howToInstall, missingForBrowserTests } from "./lib/chromium.mjs";
import { inRoot, stateDir, targetDir } from "./lib/paths.mjs";
import { ask, must } from "./lib/run.mjs";
import { Stop, bytes, heading, main, note } from "./lib/say.mjs";
import { freePort, freshState, removeState, startServer, testChanges } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: "string" }, quick: { type: "boolean" } } });
  const parts = ["api", "page", "hashing", "wire", "transfer", "metadata", "memory", "search", "large", "history"];
  const chosen = values.only?.split(",") ?? parts;
  const unknown = chosen.find((part) => !parts.includes(part));
  if (unknown) throw new Stop(`There is no part ${unknown}: choose from ${parts.join(", ")}.`);
  const needsBrowser = chosen.some((part) => !["api", "metadata", "memory", "history"].includes(part));
  const missing = needsBrowser ? missingForBrowserTests({ driver: false }) : [];
  if (missing.length > 0) throw new Stop(`${missing.join("\n")}${howToInstall}`);
  await setUp();
  await build();

  const results = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memory: bytes(totalmem()), system: `${process.platform} ${process.arch}` },
    browser: ask(findChromium() ?? "", ["--version"]),
    commit: ask("git", ["rev-parse", "--short", "HEAD"]),
  };
  if (chosen.includes("api")) {
    heading("The API");
    results.api = await withJson((file) => withServer("bench-latency", file, values.quick));
  }
  const inBrowser = (script) =>
    withJson((file) =>
      must(process.execPath, [inRoot("tests/browser", script)], {
        env: { DRIFTLESS_BENCH_JSON: file, DRIFTLESS_BENCH_QUICK: values.quick ? "1" : "" },
      }),
    );
  if (chosen.includes("page")) {
    heading("The page");
    results.page = await inBrowser("bench.mjs");
    results.sight = await inBrowser("bench_sight.mjs");
  }
  if (chosen.includes("hashing")) {
    heading("Hashing");
    await release("bench-hashing");
    results.hashing = await inBrowser("bench_hashing.mjs");
  }
  if (chosen.includes("wire")) {
    heading("What travels for an edit");
    await release("make-database");
    results.wire = await inBrowser("bench_wire.mjs");
  }
  if (chosen.includes("transfer")) {
    heading("Up and down");
    results.transfer = await inBrowser("bench_transfer.mjs");
  }
  if (chosen.includes("metadata")) {
    heading("Metadata");
    await release("bench-metadata");
    results.metadata = await withJson((file) => must(path.join(targetDir, "release", "bench-metadata"), [], { env: { DRIFTLESS_BENCH_JSON: file } }));
  }
  if (chosen.includes("memory")) {
    heading("Memory");
    results.memory = await withJson((file) => withServer("bench-memory", file, values.quick));
  }
  if (chosen.includes("search")) {
    heading("Search");
    await release("bench-search");
    await must(path.join(targetDir, "release", "bench-search"), []);
    results.search = await inBrowser("bench_search.mjs");
  }
  if (chosen.includes("large")) {
    heading("A million names");
    results.large = await inBrowser("bench_large.mjs");
  }
  if (chosen.includes("history")) {
    heading("A year of history");
    // The runtime hands a scheduled event only to a Worker without assets.
    const changes = { ...testChanges, assets: false, around: inRoot("tests/browser/support/history_worker.mjs") };
    results.history = await withJson((file) => withServer("bench-history", file, values.quick, changes));
  }
  const file = path.join(stateDir, "bench.json");
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  note(`all figures are in ${path.relative(inRoot(), file)}`);
});

function release(bin) {
  return must("cargo", ["build", "--release", "--locked", "-q", "-p", "driftless-tests", "--bin", bin]);
}

/** Runs a Rust program against a server of its own. */
async function withServer(bin, file, quick, changes = testChanges) {
  const state = await freshState();
  const server = await startServer({ port: await freePort(), state, changes });
  try {
    await must("cargo", ["run", "--release", "--locked", "-q", "-p", "driftless-tests", "--bin", bin], {
      env: { DRIFTLESS_URL: server.url, DRIFTLESS_SERVER_GROUP: String(server.group), DRIFTLESS_BENCH_JSON: file, DRIFTLESS_BENCH_QUICK: quick ? "1" : "" },
    });
  } finally {
    await server.stop();
    removeState(state);
  }
}

async function withJson(body) {
  const file = path.join(stateDir, "bench-part.json");
  mkdirSync(stateDir, { recursive: true });
  rmSync(file, { force: true });
  await body(file);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}
