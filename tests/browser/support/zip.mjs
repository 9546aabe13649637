// What is in a zip, as a program says that knows nothing of ours: Python's zipfile,
// which checks the CRC of everything that it reads.
import { execFileSync } from "node:child_process";

const READ = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
entries = {}
for info in archive.infolist():
    if info.filename in entries:
        raise ValueError("twice: " + info.filename)
    entries[info.filename] = {
        "folder": info.is_dir(),
        "size": info.file_size,
        "sha256": None if info.is_dir() else hashlib.sha256(archive.read(info)).hexdigest(),
        "time": list(info.date_time),
        "stored": info.compress_type == zipfile.ZIP_STORED,
    }
json.dump(entries, sys.stdout)
`;

/** Entries by their paths; fails for a zip that is not whole. */
export function readZip(file) {
  const output = execFileSync("python3", ["-X", "utf8", "-c", READ, file], { encoding: "utf8", maxBuffer: 1 << 28 });
  return JSON.parse(output);
}

/** A text file of a zip. */
export const textInZip = (file, name) =>
  execFileSync("python3", ["-X", "utf8", "-c", "import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())", file, name], {
    encoding: "utf8",
  });
