// Which build steps can be skipped: a step's inputs are hashed, and the hash is
// kept when the step has succeeded.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inRoot, root, stateDir } from "./paths.mjs";

const SKIPPED = new Set(["target", "build", "node_modules", ".wrangler", ".git"]);
const stamps = path.join(stateDir, "stamps");

function* filesBelow(entry) {
  if (!existsSync(entry)) return;
  if (statSync(entry).isFile()) {
    yield entry;
    return;
  }
  const names = readdirSync(entry).filter((name) => !SKIPPED.has(name)).sort();
  for (const name of names) yield* filesBelow(path.join(entry, name));
}

/** A hash over files and folders (relative to the root) and further facts. */
export function fingerprint(inputs, facts = []) {
  const hash = createHash("sha256");
  for (const input of inputs) {
    for (const file of filesBelow(inRoot(input))) {
      hash.update(`${path.relative(root, file)}\0`);
      hash.update(createHash("sha256").update(readFileSync(file)).digest());
    }
  }
  hash.update(JSON.stringify(facts));
  return hash.digest("hex");
}

export function isFresh(name, print, output) {
  const stamp = path.join(stamps, name);
  return existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === print;
}

export function remember(name, print) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(path.join(stamps, name), print);
}
