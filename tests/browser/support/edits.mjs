// Files and what becomes of them, the same at each run: what the benchmark of the
// wire edits. Each is { name, make(folder) → { from, to }, rename?, copy? }.
import { execFileSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { copyFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { targetDir } from "../../../scripts/lib/paths.mjs";
import { bigFile, middleFile } from "./corpora.mjs";

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

function database(folder) {
  const [from, to] = [path.join(folder, "from"), path.join(folder, "to")];
  execFileSync(path.join(targetDir, "release", "make-database"), [from, to]);
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
  { name: "SQLite, 700 rows changed", make: database },
  { name: "tar of the next release of next", make: releases(bigFile) },
  { name: "tar of the next release of typescript", make: releases(middleFile) },
  { name: "CSV, 50 lines out and 50 in", make: csv },
  { name: "renamed", make: unchanged, how: "rename" },
  { name: "copied", make: unchanged, how: "copy" },
];
