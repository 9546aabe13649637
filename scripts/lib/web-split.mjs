// Parts of the page that only some people open are modules of their own: see
// web/app/src/ui/parts.rs. Trunk knows nothing of that, so of what it made of the page's
// main module nothing is kept but the names:
//  1. wasm-split-cli takes what the compiler made apart, by its relocations;
//  2. wasm-bindgen makes the scripts for the main module, as Trunk had it do;
//  3. the script that fetches the parts becomes one with them, since each of the two
//     names the other, and a name here has the hash of its file.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { distDir, inRoot, npmBin, stateDir, targetDir } from "./paths.mjs";
import { must } from "./run.mjs";
import { Stop } from "./say.mjs";
import { TARGET } from "./versions.mjs";

/** In place of the hash, until the bytes are final. */
const NO_HASH = "0".repeat(16);

export async function splitPage() {
  const html = readFileSync(path.join(distDir, "index.html"), "utf8");
  const [, js, wasm] = html.match(/data-js="\/([^"]+)" data-wasm="\/([^"]+)"/) ?? [];
  if (!wasm) throw new Stop("dist/index.html does not name the page's module.");
  mkdirSync(stateDir, { recursive: true });
  const folder = mkdtempSync(path.join(stateDir, "split-"));
  const within = (name) => path.join(folder, name);
  try {
    const linked = path.join(targetDir, TARGET, "release", "app.wasm");
    await must("wasm-split-cli", [linked, folder], { quiet: true });
    await must("wasm-bindgen", [within("main.wasm"), "--target", "web", "--no-typescript", "--keep-lld-exports", "--out-dir", folder]);
    await must(npmBin("esbuild"), [within("main.js"), "--bundle", "--format=esm", "--log-level=error", `--outfile=${within("app.js")}`]);
    let script = readFileSync(within("app.js"), "utf8");
    for (const name of readdirSync(folder).filter((name) => /^(split|chunk)_.*\.wasm$/.test(name))) {
      const part = `app-${path.parse(name).name.replace("split_", "")}-${NO_HASH}.wasm`;
      const fetched = (by, file) => `${by}(new URL("./${file}", import.meta.url))`;
      script = replaceOnce(script, fetched("fetch", name), fetched("fetchPart", part));
      copyFileSync(within(name), path.join(distDir, part));
    }
    writeFileSync(path.join(distDir, js), `${script}\n${readFileSync(inRoot("static", "fetch-part.js"), "utf8")}`);
    copyFileSync(within("main_bg.wasm"), path.join(distDir, wasm));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function replaceOnce(text, from, to) {
  const [before, after, ...more] = text.split(from);
  if (after === undefined || more.length > 0) throw new Stop(`${from} is not once in the page's script.`);
  return before + to + after;
}
