// Puts the web workers' modules into a folder of dist/. Trunk could, but it has cargo build
// each by itself, and so with other features than the page's, for which cargo compiles the
// libraries once more.
//
// The folder's name gets the hash of all that is in it, once that is final: a page starts the
// workers of its own release, whatever release the server has by then. The page's modules
// name it, with as many zeros in place of the hash, which the hash replaces in their bytes.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { distDir, inRoot, targetDir } from "./paths.mjs";
import { must, sideBySide } from "./run.mjs";
import { Stop } from "./say.mjs";
import { TARGET } from "./versions.mjs";

/** What web/workers and its three packages are linked to. */
const NAMES = ["hasher", "keeper", "merger", "reader", "sheets", "signer"];

/** The one that is a script alone, in static/. */
const SCRIPT = "thumbnails.js";
const LOADERS = [...NAMES.map((name) => `${name}_loader.js`), SCRIPT];

/** What the page's modules call the folder until its hash is known. */
const FOLDER = `workers-${"0".repeat(16)}`;
const folder = path.join(distDir, FOLDER);

export async function addWebWorkers() {
  mkdirSync(folder, { recursive: true });
  copyFileSync(inRoot("static", SCRIPT), path.join(folder, SCRIPT));
  await sideBySide(NAMES, addWebWorker);
}

async function addWebWorker(name) {
  const linked = path.join(targetDir, TARGET, "release", `${name}.wasm`);
  await must("wasm-bindgen", [linked, "--target", "web", "--no-typescript", "--out-dir", folder]);
  writeFileSync(path.join(folder, `${name}_loader.js`), `import init from "./${name}.js";\nawait init();\n`);
}

/** Gives the folder its name, and tells the page's modules. Nothing in it changes after that. */
export function nameWebWorkers(hashOf) {
  const files = readdirSync(folder).sort();
  const hashes = files.map((name) => `${name} ${hashOf(readFileSync(path.join(folder, name)))}`);
  const named = `workers-${hashOf(hashes.join())}`;
  const told = new Set();
  for (const module of readdirSync(distDir).filter((name) => /^app.*\.wasm$/.test(name))) {
    // Each character is a byte, and stays one.
    const bytes = readFileSync(path.join(distDir, module), "latin1");
    for (const loader of LOADERS) if (bytes.includes(`/${FOLDER}/${loader}`)) told.add(loader);
    writeFileSync(path.join(distDir, module), bytes.replaceAll(FOLDER, named), "latin1");
  }
  const untold = LOADERS.filter((loader) => !told.has(loader));
  if (untold.length > 0) throw new Stop(`No module of the page says where it has ${untold.join(" and ")}.`);
  renameSync(folder, path.join(distDir, named));
  return named;
}
