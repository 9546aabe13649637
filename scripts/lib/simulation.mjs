// Builds the simulator with its own profile and runs it.
import path from "node:path";
import { targetDir } from "./paths.mjs";
import { must, run } from "./run.mjs";
import { step } from "./say.mjs";

/**
 * Resolves to the program's exit code. It is built from a copy of the source that has
 * the deliberate bugs of tests/bugs; none is at work unless a score is asked for, so one
 * program does for both. Only what has changed is written there, and compiled.
 */
export async function simulate(args) {
  step("Building the simulator");
  const copy = path.join(targetDir, "with-bugs");
  await must("cargo", ["run", "--locked", "-q", "-p", "driftless-bugs", "--", copy]);
  const source = ["--manifest-path", path.join(copy, "Cargo.toml"), "--target-dir", targetDir];
  const program = ["-p", "driftless-tests", "--bin", "simulate"];
  await must("cargo", ["build", "--profile", "simulation", "--locked", "-q", ...source, ...program]);
  return run(path.join(targetDir, "simulation", "simulate"), args);
}
