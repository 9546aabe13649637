// Builds the web app and both Workers. A step is skipped when nothing that it
// depends on has changed since it last succeeded.
import path from "node:path";
import { timed } from "./clock.mjs";
import { fingerprint, isFresh, remember } from "./fingerprint.mjs";
import { distDir, inRoot, npmBin, targetDir, workers } from "./paths.mjs";
import { ask, must, onPath, together } from "./run.mjs";
import { note, step } from "./say.mjs";
import { installTools } from "./tools.mjs";
import { TARGET } from "./versions.mjs";
import { finishDist } from "./web-dist.mjs";
import { addHighlight } from "./web-highlight.mjs";
import { splitPage } from "./web-split.mjs";
import { addWebWorkers } from "./web-workers.mjs";

const COMMON = [
  "Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "shared", "package-lock.json",
  "scripts/lib/build.mjs", "scripts/tools",
];

/**
 * The web app and the Workers side by side: each ends with minutes of linking on one
 * core. In a fresh clone the release tools are made meanwhile: the Workers wait for them,
 * but the page's libraries, which take longest, need none. Whoever tests wants the
 * `runner` of the tests in wasm among them.
 */
export async function build({ runner = false } = {}) {
  let installing = null;
  const tools = () => (installing ??= installTools({ runner }));
  const compiler = ask("rustc", ["--version"]);
  const web = unlessFresh({
    name: "web",
    label: "the web app",
    inputs: [
      ...COMMON, "web", "static", "Trunk.toml", "scripts/lib/web-split.mjs", "scripts/lib/web-workers.mjs", "scripts/lib/web-dist.mjs",
      "scripts/lib/web-highlight.mjs",
    ],
    facts: [compiler],
    output: path.join(distDir, "index.html"),
    body: () => buildWeb(tools),
  });
  const edge = async () => {
    for (const worker of workers) {
      await unlessFresh({
        name: worker.name,
        label: `the Worker ${worker.name}`,
        inputs: [...COMMON, "edge"],
        facts: [compiler],
        output: inRoot(worker.folder, "build", "index.js"),
        body: () => buildWorker(worker, tools),
      });
    }
  };
  await together([web, edge()]);
}

async function unlessFresh({ name, label, inputs, facts, output, body }) {
  const print = fingerprint(inputs, facts);
  if (isFresh(name, print, output)) {
    note(`${label} is up to date`);
    return;
  }
  step(`Building ${label} (the first build compiles every library: minutes)`);
  await timed("build", label, body);
  remember(name, print);
}

/** The programs that page and web workers are, each of a package with its optimisation. */
const PROGRAMS = ["driftless-app", "driftless-workers", "driftless-hasher", "driftless-keeper"];
/** It needs more features of some libraries, for which the page would be compiled twice. */
const APART = ["driftless-sheets"];

/**
 * All programs but one in one call of cargo, which then compiles each library once, with the
 * features that the page needs of it. By itself, a web worker would have it with fewer;
 * what it does not use is left out when it is linked, so that costs it nothing.
 */
async function buildWeb(tools) {
  const compile = (names) =>
    must("cargo", ["build", "--release", "--locked", "-q", "--target", TARGET, ...names.flatMap((name) => ["-p", name]), "--bins"]);
  await together([compile(PROGRAMS).then(() => compile(APART)), tools()]);
  await must("trunk", ["build", "--log", "warn"], { env: { NO_COLOR: "true" } });
  await together([splitPage(), addWebWorkers()]);
  await finishDist();
  await addHighlight();
}

async function buildWorker({ folder }, tools) {
  await tools();
  await must("worker-build", ["--release"], {
    cwd: inRoot(folder),
    env: {
      // Cargo lets one build at a time into a folder.
      CARGO_TARGET_DIR: path.join(targetDir, "edge"),
      // worker-build would download its own otherwise.
      ESBUILD_BIN: npmBin("esbuild"),
      WASM_OPT_BIN: npmBin("wasm-opt"),
      WASM_BINDGEN_BIN: onPath("wasm-bindgen"),
    },
  });
}
