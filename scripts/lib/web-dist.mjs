// What happens to dist/ after Trunk has written it and the page is split into its parts:
//  1. the style sheets become two;
//  2. every wasm file goes through wasm-opt, every script through esbuild, and what modules
//     import gets names that compress;
//  3. names get the hash of the final bytes, since Trunk's came before step 2, and the
//     folder of the web workers that of all that is in it;
//  4. the service worker is told which files the page consists of, and their hashes;
//  5. the result is checked: nothing inline, because the page's
//     Content-Security-Policy forbids it, no sum of other bytes, no dead link.
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { numbered, renamed } from "./import-names.mjs";
import { distDir, inRoot, npmBin } from "./paths.mjs";
import { ask, must, sideBySide } from "./run.mjs";
import { Stop, bytes, note } from "./say.mjs";
import { nameWebWorkers } from "./web-workers.mjs";

const HASHED = /^(.+)-[0-9a-f]{8,16}((?:_bg|_loader)?\.(?:wasm|js|css))$/;
const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)/i;

/** Features that rustc and wasm-bindgen emit; wasm-opt must know to read them. */
export const wasmFeatures = [
  "bulk-memory", "bulk-memory-opt", "extended-const", "multivalue", "mutable-globals",
  "nontrapping-float-to-int", "reference-types", "sign-ext", "simd",
].map((feature) => `--enable-${feature}`);

/**
 * The page's own module is worth more small, as it travels: the more is done here to
 * make it shorter, the less alike its functions are, and Brotli finds less. Those
 * that were compiled of one source stand side by side, where it finds how alike they are.
 */
const SMALL = [
  "-O1", "--shrink-level=1", "--merge-blocks", "--remove-unused-brs", "--remove-unused-names", "--rse", "--vacuum",
  "--reorder-functions-by-name",
];
/** A web worker's module is worth more fast. */
const FAST = ["-O3"];

export async function finishDist() {
  joinStyles();
  await optimise();
  numberImports();
  const workers = nameWebWorkers(hashOf);
  renameByContent();
  listFiles();
  check();
  keepOldNames(workers);
}

/** Of what only parts of the page show. static/fetch-part.js has it fetched with the first of them. */
const OF_PARTS = /^(?:administration|beside_rows|conflicts|found|in_dialogs|settings|storage|viewer|visit)-/;

/**
 * One style sheet instead of many, without comments, and another one of the parts: nothing is
 * painted before the last one of the document is here. And nothing is fetched before that which
 * is not seen yet: Trunk would have the page's module fetched beside it, static/boot.js does so
 * afterwards.
 */
function joinStyles() {
  const page = path.join(distDir, "index.html");
  const html = readFileSync(page, "utf8");
  const links = [...html.matchAll(/<link rel="stylesheet" href="\/([^"]+)"[^>]*>\s*/g)];
  const names = links.map(([, name]) => name);
  const first = join("style", names.filter((name) => !OF_PARTS.test(name)));
  const ofParts = join("parts", names.filter((name) => OF_PARTS.test(name)));
  const tags = `<link rel="stylesheet" href="/${first}">\n    <meta name="style-of-parts" content="/${ofParts}">\n    `;
  const text = links
    .reduce((text, [link], i) => text.replace(link, i === 0 ? tags : ""), html)
    .replace(/<link rel="(?:modulepreload|preload)"[^>]*>/g, "");
  writeFileSync(page, text.replace(/^\s+\n/gm, ""));
}

function join(stem, names) {
  if (names.length === 0) throw new Stop(`dist/index.html names no style sheet for ${stem}.css.`);
  const joined = `${stem}-${"0".repeat(16)}.css`;
  const file = path.join(distDir, joined);
  writeFileSync(file, names.map((name) => readFileSync(path.join(distDir, name), "utf8")).join("\n"));
  const small = ask(npmBin("esbuild"), [file, "--minify", "--legal-comments=none", "--log-level=error"]);
  if (small === null) throw new Stop("esbuild can't read the style sheets.");
  writeFileSync(file, small);
  for (const name of names) rmSync(path.join(distDir, name));
  return joined;
}

async function optimise() {
  // The largest first, so that no core waits for it in the end.
  const modules = filesOf(".wasm").sort((a, b) => statSync(b).size - statSync(a).size);
  await sideBySide(modules, optimiseModule);
  for (const file of filesOf(".js")) {
    // No format and no bundling: names that other files see stay as they are.
    const small = ask(npmBin("esbuild"), [file, "--minify", "--legal-comments=none", "--log-level=error"]);
    if (small === null) throw new Stop(`esbuild can't read ${file}`);
    writeFileSync(file, small);
  }
}

async function optimiseModule(file) {
  const before = statSync(file).size;
  const passes = path.basename(file).startsWith("app") ? SMALL : FAST;
  await must(npmBin("wasm-opt"), [...passes, ...wasmFeatures, file, "-o", `${file}.opt`], { quiet: true });
  renameSync(`${file}.opt`, file);
  note(`${path.relative(distDir, file)}: ${bytes(before)} → ${bytes(statSync(file).size)}`);
}

/** Of each module and the script that loads it: see import-names.mjs. */
function numberImports() {
  for (const module of filesOf("_bg.wasm")) {
    const script = module.replace(/_bg\.wasm$/, ".js");
    const texts = [readFileSync(module, "latin1"), readFileSync(script, "latin1")];
    const numbers = numbered(texts.join());
    writeFileSync(module, renamed(texts[0], numbers), "latin1");
    writeFileSync(script, renamed(texts[1], numbers), "latin1");
  }
}

/** Files that are named by others come first, so that a new name is in the bytes that are hashed. */
function renameByContent() {
  const order = [".wasm", ".css", ".js"];
  const names = readdirSync(distDir).filter((name) => HASHED.test(name));
  names.sort((a, b) => order.indexOf(path.extname(a)) - order.indexOf(path.extname(b)));
  for (const name of names) {
    const content = readFileSync(path.join(distDir, name));
    const [, stem, end] = name.match(HASHED);
    const renamed = `${stem}-${hashOf(content)}${end}`;
    if (renamed === name) continue;
    renameSync(path.join(distDir, name), path.join(distDir, renamed));
    for (const reader of [...filesOf(".js"), ...filesOf(".html")]) {
      const text = readFileSync(reader, "utf8");
      if (text.includes(name)) writeFileSync(reader, text.replaceAll(name, renamed));
    }
  }
}

/** The service worker changes whenever a file does, which is how browsers learn of a release. */
function listFiles() {
  const worker = path.join(distDir, "service-worker.js");
  const isFile = (name) => statSync(path.join(distDir, name)).isFile();
  const files = readdirSync(distDir, { recursive: true })
    .filter((name) => isFile(name) && name !== "_headers" && name !== "service-worker.js")
    .sort();
  const hashes = files.map((name) => hashOf(readFileSync(path.join(distDir, name))));
  const release = hashOf(hashes.join());
  const entries = files.map((name, i) => [name === "index.html" ? "/" : `/${name}`, hashes[i]]);
  const text = readFileSync(worker, "utf8");
  const filled = text.replaceAll("%RELEASE%", release).replace('"%FILES%"', entries.map((entry) => JSON.stringify(entry)).join());
  if (!filled.includes(release) || !filled.includes(hashes[0])) throw new Stop("static/service-worker.js has no place for its constants.");
  writeFileSync(worker, filled);
}

/**
 * Pages of releases before 30 November 2026 start workers by names without a hash, and what
 * those say has only been added to since. Nothing of this release asks for these copies, so
 * no browser keeps them; they can go once nobody has such a page open.
 */
function keepOldNames(workers) {
  cpSync(path.join(distDir, workers), distDir, { recursive: true });
}

function check() {
  const html = readFileSync(path.join(distDir, "index.html"), "utf8");
  const bad = (what) => {
    rmSync(path.join(distDir, "index.html"));
    throw new Stop(`dist/index.html ${what}`);
  };
  if (INLINE_SCRIPT.test(html)) bad("has an inline script; the Content-Security-Policy would block it.");
  if (/<[^>]+\son[a-z]+\s*=/i.test(html)) bad("has an inline event handler; the Content-Security-Policy would block it.");
  if (/<style|<[^>]+\sstyle\s*=/i.test(html)) bad("has an inline style; the Content-Security-Policy would block it.");
  if (/\sintegrity=/.test(html)) bad("names a sum of a file that has changed since.");
  for (const [, link] of html.matchAll(/(?:href|src|data-js|data-wasm|content)="\/([^"#?]+)"/g)) {
    if (!existsSync(path.join(distDir, link))) bad(`links to /${link}, which is not in dist.`);
  }
  for (const file of filesOf(".js")) {
    for (const [, part] of readFileSync(file, "utf8").matchAll(/"\.\/([^"]+\.wasm)"/g)) {
      if (!existsSync(path.join(distDir, part))) bad(`has a script that names ${part}, which is not in dist.`);
    }
  }
  if (!existsSync(path.join(distDir, "_headers")) && existsSync(inRoot("static", "_headers"))) {
    bad("is there, but static/_headers was not copied beside it.");
  }
}

function filesOf(extension) {
  return readdirSync(distDir, { recursive: true })
    .filter((name) => name.endsWith(extension))
    .map((name) => path.join(distDir, name));
}

const hashOf = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);
