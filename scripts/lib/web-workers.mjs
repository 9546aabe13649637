// Puts the web workers' modules into dist/. Trunk could, but it has cargo build each by
// itself, and so with other features than the page's, for which cargo compiles the
// libraries once more.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { distDir, targetDir } from "./paths.mjs";
import { must, sideBySide } from "./run.mjs";
import { TARGET } from "./versions.mjs";

/** What web/workers and its three packages are linked to. */
const NAMES = ["hasher", "keeper", "merger", "reader", "sheets", "signer"];

export async function addWebWorkers() {
  await sideBySide(NAMES, addWebWorker);
}

async function addWebWorker(name) {
  const linked = path.join(targetDir, TARGET, "release", `${name}.wasm`);
  await must("wasm-bindgen", [linked, "--target", "web", "--no-typescript", "--out-dir", distDir]);
  writeFileSync(path.join(distDir, `${name}_loader.js`), `import init from "./${name}.js";\nawait init();\n`);
}
