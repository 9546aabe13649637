// Where things lie. Everything that the scripts make for this clone is in ignored
// folders: local data and notes in .state/. What any clone can use is in a folder of
// the user's.
import { homedir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const inRoot = (...parts) => path.join(root, ...parts);

export const stateDir = inRoot(".state");
export const distDir = inRoot("dist");

/** Release tools and corpora. DRIFTLESS_CACHE names another folder. */
const cacheDir = process.env.DRIFTLESS_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "driftless");
export const toolsDir = path.join(cacheDir, "tools");
export const corporaDir = path.join(cacheDir, "corpora");

/** What cargo has compiled. */
export const targetDir = path.resolve(root, process.env.CARGO_TARGET_DIR || "target");

/** The two Workers, in the order in which they must be deployed. */
export const workers = [
  { name: "driftless-notify", folder: "edge/notify", config: "edge/notify/wrangler.toml" },
  { name: "driftless", folder: "edge/api", config: "wrangler.toml" },
];

/** A program that an npm package brings. */
export const npmBin = (name) => inRoot("node_modules", ".bin", name);
