// Builds the simulator with its own profile and runs it. Deliberate bugs are in
// the program only where their score is asked for.
import { must, run } from "./run.mjs";
import { inRoot } from "./paths.mjs";

/** Resolves to the program's exit code. */
export async function simulate(args) {
  const withBugs = args.includes("--bugs");
  const features = withBugs ? ["--features", "seeded-bugs"] : [];
  // Two programs, so that neither makes the other be built again.
  const folder = inRoot("target", withBugs ? "seeded-bugs" : "");
  await must("cargo", [
    "build", "--profile", "simulation", "--locked", "-q", "-p", "driftless-tests", "--bin", "simulate",
    ...features,
  ], withBugs ? {} : {});
  return run(inRoot("target", "simulation", "simulate"), args);
}
