// Real files: consecutive releases of a large npm package as plain tars, the
// way people save the next state of a big file over the last one. Fetched once
// into .tools/corpora.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { corporaDir } from "../../../scripts/lib/paths.mjs";

/** 91.5 MB each; cut into blocks, about a fourteenth of the second is new. */
export const bigFile = { name: "next.tar", releases: ["14.2.30", "14.2.31"].map((v) => () => release("next", v)) };

/** The path of a package's tar. */
function release(name, version) {
  const tar = path.join(corporaDir, `${name}-${version}.tar`);
  if (existsSync(tar)) return tar;
  mkdirSync(corporaDir, { recursive: true });
  execFileSync("npm", ["pack", "--silent", `${name}@${version}`], { cwd: corporaDir, stdio: ["ignore", "ignore", "inherit"] });
  const packed = path.join(corporaDir, `${name}-${version}.tgz`);
  writeFileSync(`${tar}.part`, gunzipSync(readFileSync(packed)));
  renameSync(`${tar}.part`, tar);
  rmSync(packed);
  return tar;
}
