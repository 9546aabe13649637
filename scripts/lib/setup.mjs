// From a machine with rustup and Node to one that can build: checks versions,
// installs the npm packages, the wasm32 target and the release tools. Nothing
// here imports an npm package, because none may be there yet.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { inRoot, toolsDir } from "./paths.mjs";
import { ask, must, putOnPath, run } from "./run.mjs";
import { Stop, note, seconds, step } from "./say.mjs";
import { TARGET, atLeast, minimum, tools, versionIn, wasmBindgenVersion } from "./versions.mjs";

const toolsBin = path.join(toolsDir, "bin");

export async function setUp() {
  checkNode();
  checkRust();
  await installPackages();
  await addTarget();
  await installTools();
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
  const since = performance.now();
  await must("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    env: { npm_config_update_notifier: "false" },
  });
  note(`done in ${seconds(since)}`);
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
  await must("rustup", ["target", "add", TARGET]);
}

/** The release tools: each is taken from PATH if its version fits. */
async function installTools() {
  putOnPath(toolsBin);
  const bindgen = wasmBindgenVersion();
  // Without default features: with them they speak TLS, which nobody asks them to.
  const wanted = [
    { crate: "wasm-bindgen-cli", version: bindgen, programs: ["wasm-bindgen", "wasm-bindgen-test-runner"], locked: false, flags: ["--no-default-features"] },
    { crate: "worker-build", version: tools["worker-build"], programs: ["worker-build"], locked: true },
    { crate: "trunk", version: tools.trunk, programs: ["trunk"], locked: true, flags: ["--no-default-features"] },
    { crate: "wasm_split_cli_support", version: tools["wasm_split_cli_support"], programs: ["wasm-split-cli"], locked: true, flags: ["--features", "build-binary"], tellsVersion: false },
  ];
  const missing = wanted.filter((tool) => !isThere(tool));
  if (missing.length === 0) return;

  const buildDir = path.join(toolsDir, "build");
  mkdirSync(toolsBin, { recursive: true });
  const binstall = ask("cargo", ["binstall", "-V"]) !== null;
  if (!binstall) {
    step(`Compiling ${missing.map((tool) => tool.crate).join(", ")} into .tools/ (once, a few minutes)`);
    note("They turn the Rust code into what browsers and Workers run; no package manager has them all.");
    note("With cargo-binstall installed, they would be downloaded instead.");
  }
  for (const tool of missing) {
    const since = performance.now();
    step(`${tool.crate} ${tool.version}`);
    const downloaded = binstall && (await download(tool));
    if (!downloaded) await compile(tool, buildDir);
    if (!isThere(tool)) {
      throw new Stop(`${tool.crate} ${tool.version} was installed into ${toolsBin} but does not start.`);
    }
    note(`done in ${seconds(since)}`);
  }
  rmSync(buildDir, { recursive: true, force: true });
}

/** What does not tell its version has to be the one that was installed here. */
function isThere({ crate, version, programs, tellsVersion = true }) {
  if (tellsVersion) return programs.every((program) => versionIn(ask(program, ["--version"])) === version);
  const installed = ask("cargo", ["install", "--list", "--root", toolsDir]) ?? "";
  return installed.includes(`${crate} v${version}:`) && programs.every((program) => ask(program, ["--help"]) !== null);
}

async function download({ crate, version }) {
  const code = await run("cargo", [
    "binstall", "--no-confirm", "--disable-telemetry", "--strategies", "crate-meta-data",
    "--root", toolsDir, "--install-path", toolsBin, `${crate}@${version}`,
  ]);
  if (code !== 0) note("There is no ready-made one; compiling it instead.");
  return code === 0;
}

/** What works through whole modules; at level 0 it would take tens of seconds for one. */
const HOT = ["walrus", "wasmparser", "wasm-encoder", "wasm-bindgen-cli-support", "gimli", "id-arena", "leb128fmt"];

/** As little optimised as can be: these tools run for seconds, and compile for minutes. */
async function compile({ crate, version, locked, flags = [] }, buildDir) {
  const optimised = HOT.flatMap((name) => ["--config", `profile.release.package.${name}.opt-level=1`]);
  await must(
    "cargo",
    ["install", "--quiet", "--force", ...(locked ? ["--locked"] : []), ...flags, ...optimised, "--root", toolsDir, `${crate}@${version}`],
    {
      // Away from the project's .cargo/config.toml and toolchain components.
      cwd: toolsDir,
      env: {
        CARGO_TARGET_DIR: buildDir,
        CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
        CARGO_PROFILE_RELEASE_LTO: "off",
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
        CARGO_PROFILE_RELEASE_STRIP: "debuginfo",
      },
    },
  );
}
