// The versions of everything that is not in package.json or Cargo.toml.
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

/** The release tools, built once for all clones where they are not on PATH. */
export const tools = {
  // 0.22 asks for a newer compiler than ours.
  trunk: "0.21.14",
  // The same release as the worker crate.
  "worker-build": "0.8.7",
  // Reads what wasm_split_helpers 0.2 writes, which comes with leptos.
  "wasm_split_cli_support": "0.2.4",
};

/** wasm-bindgen's tool must be of exactly the library's version. */
export function wasmBindgenVersion() {
  const lock = readFileSync(inRoot("Cargo.lock"), "utf8");
  const found = lock.match(/name = "wasm-bindgen"\nversion = "([^"]+)"/);
  return found?.[1] ?? "0.2.130";
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
