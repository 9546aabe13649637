// Files and what becomes of them, the same at each run: what the benchmark of the
// wire edits. Each is { name, make(folder) → { from, to }, how?, needs?, isDocument? }:
// `how` is "rename" or "copy", `needs` a program that makes it, and a document is held
// to bounds of its own (see bounds.mjs).
import { execFileSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { appendFileSync, copyFileSync, cpSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { targetDir } from "../../../scripts/lib/paths.mjs";
import { bigFile, middleFile, release, unpacked } from "./corpora.mjs";

const MIB = 1 << 20;

/** Bytes that look like chance: a cipher's key stream. */
function noise(size, seed) {
  const key = Buffer.alloc(32, seed);
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** 64 MiB of noise, and what `change` makes of a copy. */
const random = (change) => (folder) => {
  const old = noise(64 * MIB, 1);
  return write(folder, old, change(Buffer.from(old)));
};

function write(folder, old, next) {
  const [from, to] = [path.join(folder, "from"), path.join(folder, "to")];
  writeFileSync(from, old);
  writeFileSync(to, next);
  return { from, to };
}

const releases = ({ releases }) => () => {
  const [from, to] = releases.map((fetch) => fetch());
  return { from, to };
};

const database = (...kind) => (folder) => {
  const [from, to] = [path.join(folder, "from"), path.join(folder, "to")];
  execFileSync(path.join(targetDir, "release", "make-database"), [from, to, ...kind]);
  return { from, to };
};

/** 27 MB of records, one a line; 50 are taken out, 50 put in. */
function jsonLines(folder) {
  const number = (n) => (Math.imul(n ^ (n >>> 15), 2654435761) ^ Math.imul(n + 7, 40503)) >>> 0;
  const record = (n) =>
    JSON.stringify({ id: n, at: 1_700_000_000 + n * 37, user: `user-${number(n) % 5_000}`, action: ["open", "save", "share", "close"][number(n + 1) % 4], path: `/team/${number(n + 2) % 40}/file-${number(n + 3) % 100_000}.txt`, bytes: number(n + 4) });
  const lines = Array.from({ length: 210_000 }, (_, n) => record(n));
  const edited = [...lines];
  for (let n = 49; n >= 0; n -= 1) {
    edited.splice(n * 4_200 + 2_900, 1);
    edited.splice(n * 4_200 + 800, 0, record(1_000_000 + n));
  }
  return write(folder, `${lines.join("\n")}\n`, `${edited.join("\n")}\n`);
}

/** A document that a library made, and the same after that library has changed and saved it. */
const document = (kind, library) => (folder) => {
  const [from, to] = [path.join(folder, "from"), path.join(folder, "to")];
  const program = path.join(import.meta.dirname, "documents.mjs");
  execFileSync(process.execPath, [program, kind, unpacked(...library), from, to], { stdio: ["ignore", "ignore", "inherit"] });
  return { from, to };
};

/** A package's files, and the same after `change`: by itself, a few are changed, gone and new. */
function trees(folder, name, version, change = someOfAll) {
  const [old, next] = ["old-tree", "new-tree"].map((tree) => path.join(folder, tree));
  cpSync(unpacked(name, version), old, { recursive: true });
  cpSync(old, next, { recursive: true });
  change(next, filesIn(next));
  for (const tree of [old, next]) for (const file of filesIn(tree)) utimesSync(path.join(tree, file), LONG_AGO, LONG_AGO);
  return [old, next];
}

function someOfAll(tree, files) {
  const every = (part) => files.filter((_, n) => n % Math.floor(files.length / 5) === part);
  for (const file of every(3)) appendFileSync(path.join(tree, file), `// changed: ${file}\n`);
  for (const file of every(7)) rmSync(path.join(tree, file));
  writeFileSync(path.join(tree, "package", "a-new-file.md"), noise(20_000, 9).toString("base64"));
}

/** A line more in the middle of each of five large files. */
function middles(tree, files) {
  const large = files.filter((file) => statSync(path.join(tree, file)).size > 200_000);
  for (const file of large.slice(0, 5)) {
    const lines = readFileSync(path.join(tree, file), "utf8").split("\n");
    lines.splice(lines.length / 2, 0, `// changed: ${file}`);
    writeFileSync(path.join(tree, file), lines.join("\n"));
  }
}

const LONG_AGO = 1_700_000_000;

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();

const zips = (change) => (folder) => {
  const [from, to] = trees(folder, "typescript", "5.9.2", change).map((tree, i) => {
    const zip = path.join(folder, `${i}.zip`);
    execFileSync("zip", ["-X", "-q", zip, "-@"], { cwd: tree, input: filesIn(tree).join("\n") });
    return zip;
  });
  return { from, to };
};

/** File systems that are made anew, with names for their inodes that do not change. */
function images(folder) {
  const [from, to] = trees(folder, "next", "14.2.31").map((tree, i) => {
    const image = path.join(folder, `${i}.ext4`);
    writeFileSync(image, "");
    truncateSync(image, 128 * MIB);
    const id = "7f2c1a54-8f0e-4d4e-9c6b-2f6d1d6f0a11";
    const args = ["-q", "-F", "-t", "ext4", "-d", tree, "-U", id, "-E", `hash_seed=${id},root_owner=0:0`, image];
    execFileSync("mke2fs", args, { env: { ...process.env, E2FSPROGS_FAKE_TIME: String(LONG_AGO), SOURCE_DATE_EPOCH: String(LONG_AGO) } });
    return image;
  });
  return { from, to };
}

/** 30 MB of lines; 50 are taken out and 50 put in, all over it. */
function csv(folder) {
  const cell = (n) => noise(24, n % 251).readUInt32LE((n % 5) * 4) ^ Math.imul(n, 2654435761);
  const line = (n) => `${n},customer ${cell(n) >>> 8},${(cell(n + 1) >>> 0) / 100},2026-${1 + (n % 12)}-${1 + (n % 28)},note ${cell(n + 2) >>> 0}`;
  const lines = Array.from({ length: 500_000 }, (_, n) => line(n));
  const edited = [...lines];
  for (let n = 49; n >= 0; n -= 1) {
    edited.splice(n * 10_000 + 7_000, 1);
    edited.splice(n * 10_000 + 2_000, 0, line(1_000_000 + n));
  }
  return write(folder, `${lines.join("\n")}\n`, `${edited.join("\n")}\n`);
}

const unchanged = (folder) => {
  const { from } = random((bytes) => bytes)(folder);
  copyFileSync(from, path.join(folder, "to"));
  return { from, to: path.join(folder, "to") };
};

export const edits = [
  { name: "1 byte of 64 MiB overwritten", make: random((bytes) => (bytes[33 * MIB] ^= 1, bytes)) },
  { name: "100 bytes inserted near the front", make: random((bytes) => Buffer.concat([bytes.subarray(0, 5_000), noise(100, 2), bytes.subarray(5_000)])) },
  {
    name: "160 × 4 KB overwritten",
    make: random((bytes) => {
      for (let i = 0; i < 160; i += 1) noise(4_096, 10 + (i % 200)).copy(bytes, Math.floor(((i + 0.37) * bytes.length) / 160));
      return bytes;
    }),
  },
  { name: "64 KB appended", make: random((bytes) => Buffer.concat([bytes, noise(65_536, 3)])) },
  { name: "SQLite, 700 rows changed", make: database() },
  { name: "tar of the next release of next", make: releases(bigFile) },
  { name: "tar of the next release of typescript", make: releases(middleFile) },
  { name: "CSV, 50 lines out and 50 in", make: csv },
  { name: "tar of typescript 5.4.5 → 5.5.4", make: releases({ releases: ["5.4.5", "5.5.4"].map((v) => () => release("typescript", v)) }) },
  { name: "tar of typescript 5.4.4 → 5.4.5", make: releases({ releases: ["5.4.4", "5.4.5"].map((v) => () => release("typescript", v)) }) },
  { name: "ext4 image made anew", make: images, needs: { program: "mke2fs", package: "e2fsprogs" } },
  { name: "3 tables with 6 indexes, 700 rows (SQLite)", make: database("tables") },
  { name: "JSON lines, 50 out and 50 in", make: jsonLines },
  { name: "xlsx, 20 cells changed", make: document("xlsx", ["exceljs", "4.4.0"]), isDocument: 5 },
  { name: "docx saved again", make: document("docx", ["docx", "9.5.1"]), isDocument: 10 },
  { name: "zip made anew", make: zips(), needs: { program: "zip", package: "zip" }, isDocument: 10 },
  { name: "zip made anew, lines put into 5 files", make: zips(middles), needs: { program: "zip", package: "zip" }, isDocument: 10 },
  { name: "renamed", make: unchanged, how: "rename" },
  { name: "copied", make: unchanged, how: "copy" },
];
