// Builds the simulator with its own profile and runs it.
import path from "node:path";
import { targetDir } from "./paths.mjs";
import { must, run } from "./run.mjs";
import { step } from "./say.mjs";

/**
 * Resolves to the program's exit code. Deliberate bugs are in the program only
 * where their score is asked for, or `withBugs` says so, although not at work:
 * to build one program for both.
 */
export async function simulate(args, { withBugs = args.includes("--bugs") } = {}) {
  step("Building the simulator");
  const features = withBugs ? ["--features", "seeded-bugs"] : [];
  const program = ["-p", "driftless-tests", "--bin", "simulate"];
  await must("cargo", ["build", "--profile", "simulation", "--locked", "-q", ...program, ...features]);
  return run(path.join(targetDir, "simulation", "simulate"), args);
}
