// Where things lie. Everything that the scripts make is in ignored folders:
// tools and downloads in .tools/, local data and notes in .state/.
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const inRoot = (...parts) => path.join(root, ...parts);

export const toolsDir = inRoot(".tools");
export const stateDir = inRoot(".state");
export const distDir = inRoot("dist");
export const corporaDir = inRoot(".tools", "corpora");

/** The two Workers, in the order in which they must be deployed. */
export const workers = [
  { name: "driftless-notify", folder: "edge/notify", config: "edge/notify/wrangler.toml" },
  { name: "driftless", folder: "edge/api", config: "wrangler.toml" },
];

/** A program that an npm package brings. */
export const npmBin = (name) => inRoot("node_modules", ".bin", name);
