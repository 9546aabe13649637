// Running other programs.
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { root } from "./paths.mjs";
import { Stop } from "./say.mjs";

/** Folders that come before the user's PATH for every program started here. */
const extraPath = [];
export function putOnPath(folder) {
  if (!extraPath.includes(folder)) extraPath.unshift(folder);
}

export function environment(extra = {}) {
  const PATH = [...extraPath, process.env.PATH].join(path.delimiter);
  return { ...process.env, PATH, ...extra };
}

/**
 * Runs a program with its output on the terminal and waits for its end.
 * Resolves to its exit code, 130 if a signal ended it.
 */
export function run(command, args, { env, cwd = root, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"];
    const child = spawn(command, args, { cwd, env: environment(env), stdio });
    const kept = [];
    child.stdout?.on("data", (chunk) => kept.push(chunk));
    child.stderr?.on("data", (chunk) => kept.push(chunk));
    child.on("error", (error) => reject(new Stop(`${command} could not be started: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(kept));
      resolve(signal ? 130 : code);
    });
  });
}

/** Like [`run`], but anything else than success stops the script. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) {
    throw new Stop(`This failed (exit code ${code}): ${path.basename(command)} ${args.join(" ")}`);
  }
}

/** Waits for all of them, also where one fails, so that nothing runs on behind its message. */
export async function together(all) {
  const ends = await Promise.allSettled(all);
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
}

/** Does something with each of them, with as many at a time as there are cores. */
export async function sideBySide(all, body) {
  const waiting = [...all];
  const lane = async () => {
    while (waiting.length > 0) await body(waiting.shift());
  };
  await together(Array.from({ length: availableParallelism() }, lane));
}

/** A program's output, or null if it is not there or fails. */
export function ask(command, args, { env, cwd = root } = {}) {
  const answer = spawnSync(command, args, { cwd, env: environment(env), encoding: "utf8" });
  return answer.status === 0 ? answer.stdout.trim() : null;
}

/** The first executable file of this name on PATH, or null. */
export function onPath(name) {
  for (const folder of environment().PATH.split(path.delimiter)) {
    const file = path.join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not here.
    }
  }
  return null;
}
