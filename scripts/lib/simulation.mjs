// Builds the simulator with its own profile and runs it. Deliberate bugs are in
// the program only where their score is asked for.
import { inRoot } from "./paths.mjs";
import { must, run } from "./run.mjs";
import { step } from "./say.mjs";

/** Resolves to the program's exit code. */
export async function simulate(args) {
  step("Building the simulator");
  const features = args.includes("--bugs") ? ["--features", "seeded-bugs"] : [];
  const program = ["-p", "driftless-tests", "--bin", "simulate"];
  await must("cargo", ["build", "--profile", "simulation", "--locked", "-q", ...program, ...features]);
  return run(inRoot("target/simulation/simulate"), args);
}
