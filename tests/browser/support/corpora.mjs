// Real files: consecutive releases of large npm packages as plain tars, the way
// people save the next state of a big file over the last one, and the files in
// them. Fetched once into a folder that all clones share; each tar is what its sum says.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { corporaDir } from "../../../scripts/lib/paths.mjs";

/** The SHA-256 of each release's tar. */
const SUMS = {
  "docx-9.5.1": "8ca824e1f22029b370d88c03094cdaf497cceeef1639b4071501434b1d1fc94d",
  "exceljs-4.4.0": "f1627b3bc5b1963dae0efc1aa96a6e4f25df47fc0d66ef243d62664b1c070bb7",
  "next-14.2.30": "f4aff7037e640a73cd297975a86ac3497c4ef7f9625a144f1fd219d84df4ab07",
  "next-14.2.31": "ea5a54db7cae7323fba81788788685366ffb20fb78c3cf9ddfa702118bc3eefb",
  "typescript-5.4.4": "1bca7d16ad3b621c8270de912105ccd698a7d22a2be26b1fc290f87b43a26313",
  "typescript-5.4.5": "3587765e869cf00ac26065fc293897f6b6a724e1e719efcd23a63d18e8f1e3d9",
  "typescript-5.5.4": "48ac07261e9dd1e87ab829b47f9399303f49e08e3fe267b0010bbc600855edc7",
  "typescript-5.9.2": "991b76c817d14d187cdfced000f937599bef121eead3de3cedd71835701f7acd",
  "typescript-5.9.3": "fb543d975f44ded11a2915b94fcc3b7868692e4162478690b61e237974f8bda9",
};

/** 91.5 MB each; cut into blocks, about a fourteenth of the second is new. */
export const bigFile = { name: "next.tar", releases: ["14.2.30", "14.2.31"].map((v) => () => release("next", v)) };

/** 23.7 MB each. */
export const middleFile = { name: "typescript.tar", releases: ["5.9.2", "5.9.3"].map((v) => () => release("typescript", v)) };

/** The path of a package's tar. */
export function release(name, version) {
  const tar = path.join(corporaDir, `${name}-${version}.tar`);
  if (existsSync(tar)) return tar;
  return made(tar, (making) => {
    execFileSync("npm", ["pack", "--silent", `${name}@${version}`], { cwd: making, stdio: ["ignore", "ignore", "inherit"] });
    const bytes = gunzipSync(readFileSync(path.join(making, `${name}-${version}.tgz`)));
    const sum = createHash("sha256").update(bytes).digest("hex");
    if (sum !== SUMS[`${name}-${version}`]) throw new Error(`${name} ${version} is not what it was: ${sum}`);
    const whole = path.join(making, "whole");
    writeFileSync(whole, bytes);
    return whole;
  });
}

/**
 * A path under which there is what `make` made, whole: in a folder of its own, from
 * which it is renamed, because others may be making the same.
 */
function made(place, make) {
  mkdirSync(corporaDir, { recursive: true });
  const making = mkdtempSync(path.join(corporaDir, ".making-"));
  try {
    renameSync(make(making), place);
    return place;
  } catch (error) {
    // Somebody else was faster.
    if (existsSync(place)) return place;
    throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** The path of a package's files, unpacked. */
export function unpacked(name, version) {
  const tar = release(name, version);
  const folder = tar.replace(/\.tar$/, "");
  if (existsSync(folder)) return folder;
  return made(folder, (making) => {
    execFileSync("tar", ["-xf", tar, "-C", making]);
    return making;
  });
}

/**
 * Real files with contents of their own: those of a package whose sizes are next
 * to `size` bytes, as their names in the package and their bytes.
 */
export function smallFiles(count, size) {
  const folder = unpacked("next", "14.2.31");
  const seen = new Set();
  return readdirSync(folder, { recursive: true })
    .map((name) => ({ name, size: statSync(path.join(folder, name)).isFile() ? statSync(path.join(folder, name)).size : null }))
    .filter((file) => file.size)
    .sort((x, y) => Math.abs(x.size - size) - Math.abs(y.size - size) || (x.name < y.name ? -1 : 1))
    .map(({ name }) => ({ name: name.split(path.sep).join("/"), bytes: readFileSync(path.join(folder, name)) }))
    .filter(({ bytes }) => {
      const sum = createHash("sha256").update(bytes).digest("hex");
      return !seen.has(sum) && seen.add(sum);
    })
    .slice(0, count);
}
