// From a machine with rustup and Node to one that can build: checks versions,
// installs the npm packages and the wasm32 target. The release tools are made beside the
// first build. Nothing here imports an npm package, because none may be there yet.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { timed } from "./clock.mjs";
import { inRoot } from "./paths.mjs";
import { ask, must } from "./run.mjs";
import { Stop, step } from "./say.mjs";
import { TARGET, atLeast, minimum, versionIn } from "./versions.mjs";

export async function setUp() {
  checkNode();
  checkRust();
  await installPackages();
  await addTarget();
}

function checkNode() {
  if (process.platform === "win32") {
    throw new Stop("On Windows, use WSL: https://learn.microsoft.com/windows/wsl/install");
  }
  if (!atLeast(process.versions.node, minimum.node)) {
    throw new Stop(
      `Node ${minimum.node} or newer is needed; this is ${process.versions.node}.\n` +
        `  Install a current one from https://nodejs.org or with your version manager.`,
    );
  }
}

function checkRust() {
  const howTo = "Install Rust with rustup, from https://rustup.rs, and open a new terminal.";
  if (ask("rustup", ["--version"]) === null) {
    throw new Stop(`rustup was not found: it is needed for the compiler and its wasm32 target.\n  ${howTo}`);
  }
  for (const program of ["rustc", "cargo"]) {
    const version = versionIn(ask(program, ["--version"]));
    if (version === null) throw new Stop(`${program} was not found or does not start.\n  ${howTo}`);
    if (!atLeast(version, minimum.rustc)) {
      throw new Stop(
        `${program} ${minimum.rustc} or newer is needed; this is ${version}.\n  Update it: rustup update stable`,
      );
    }
  }
}

async function installPackages() {
  if (packagesFit()) return;
  step("Installing the npm packages (the local Workers runtime is about 100 MB; once)");
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  await timed("set-up", "npm packages", () => must("npm", args, { env: { npm_config_update_notifier: "false" } }));
}

/** Whether what npm says it has installed is what the lock file asks for. */
function packagesFit() {
  const record = inRoot("node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packages(record);
  return Object.entries(packages(inRoot("package-lock.json"))).every(
    // Optional packages are mostly for other systems.
    ([place, { version, optional }]) => place === "" || optional || installed[place]?.version === version,
  );
}

async function addTarget() {
  const sysroot = ask("rustc", ["--print", "sysroot"]);
  if (sysroot && existsSync(path.join(sysroot, "lib", "rustlib", TARGET, "lib"))) return;
  step(`Adding the ${TARGET} target to the Rust toolchain`);
  await timed("set-up", `the ${TARGET} target`, () => must("rustup", ["target", "add", TARGET]));
}
