// The versions of everything that is not in package.json or Cargo.toml, and of the
// release tools, which are in scripts/tools.
import { readFileSync } from "node:fs";
import { inRoot } from "./paths.mjs";

/** What page and Workers are compiled to. */
export const TARGET = "wasm32-unknown-unknown";

export const minimum = {
  // The edition and the language features in use; also in Cargo.toml.
  rustc: "1.95.0",
  // What wrangler 4.86 runs on.
  node: "20.0.0",
};

/** The version of a release tool's crate. */
export function toolVersion(crate) {
  const lock = readFileSync(inRoot("scripts/tools/Cargo.lock"), "utf8");
  return lock.match(new RegExp(`name = "${crate}"\nversion = "([^"]+)"`))[1];
}

/** The first thing in a text that looks like a version. */
export const versionIn = (text) => text?.match(/\d+\.\d+\.\d+/)?.[0] ?? null;

/** Whether one version is at least another. */
export function atLeast(version, wanted) {
  const [a, b] = [version, wanted].map((v) => v.split(".").map(Number));
  for (let i = 0; i < 3; i += 1) {
    if (a[i] !== b[i]) return a[i] > b[i];
  }
  return true;
}
