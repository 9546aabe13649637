// What other programs send for the same edit: rsync over a pipe, with its default
// and with -z, and xdelta3 -9. Either may be missing: null then.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onPath } from "../../../scripts/lib/run.mjs";

/** How to get what is missing. */
export const howToInstallPeers = () => {
  const missing = ["rsync", "xdelta3"].filter((name) => !onPath(name));
  return missing.length === 0 ? null : `not installed: ${missing.join(", ")}. On Debian: apt-get install ${missing.join(" ")}`;
};

/** Bytes that each sends to make `to` of `from`. */
export function peers(from, to) {
  const folder = mkdtempSync(path.join(tmpdir(), "driftless-peers-"));
  try {
    return { rsync: rsync(folder, from, to, []), rsyncZ: rsync(folder, from, to, ["-z"]), xdelta: xdelta(folder, from, to) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Up and down, as its --stats have them. */
function rsync(folder, from, to, more) {
  if (!onPath("rsync")) return null;
  // In place of ssh: runs the other end here, at the end of a pipe.
  const shell = path.join(folder, "shell");
  writeFileSync(shell, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  const target = path.join(folder, "target");
  copyFileSync(from, target);
  const args = ["--no-whole-file", "--ignore-times", "--no-human-readable", "--stats", ...more, "-e", shell, to, `here:${target}`];
  const { status, stdout, stderr } = spawnSync("rsync", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`rsync: ${stderr}`);
  const total = (what) => Number(stdout.match(new RegExp(`Total bytes ${what}: ([\\d,]+)`))[1].replaceAll(",", ""));
  return total("sent") + total("received");
}

function xdelta(folder, from, to) {
  if (!onPath("xdelta3")) return null;
  const patch = path.join(folder, "patch");
  // All of the old file is in its window.
  const window = Math.max(statSync(from).size, 1 << 26);
  const { status, stderr } = spawnSync("xdelta3", ["-e", "-9", "-f", "-B", String(window), "-s", from, to, patch], { encoding: "utf8" });
  if (status !== 0) throw new Error(`xdelta3: ${stderr}`);
  return statSync(patch).size;
}
