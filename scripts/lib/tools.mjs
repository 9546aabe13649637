// The release tools: each is taken from PATH if its version fits, else from a folder
// of the user's that all clones share, and made there where it is missing. A folder
// has one tool of one version for one platform, and never changes: it is made
// elsewhere and renamed, so that several set-ups at a time do not see each other's
// half.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { timed } from "./clock.mjs";
import { toolsDir } from "./paths.mjs";
import { ask, must, putOnPath, run } from "./run.mjs";
import { Stop, note, step } from "./say.mjs";
import { tools, versionIn, wasmBindgenVersion } from "./versions.mjs";

// Without default features: with them they speak TLS, which nobody asks them to.
const WANTED = [
  { crate: "wasm-bindgen-cli", version: wasmBindgenVersion(), programs: ["wasm-bindgen", "wasm-bindgen-test-runner"], locked: false, flags: ["--no-default-features"] },
  { crate: "worker-build", version: tools["worker-build"], programs: ["worker-build"], locked: true },
  { crate: "trunk", version: tools.trunk, programs: ["trunk"], locked: true, flags: ["--no-default-features"] },
  { crate: "wasm_split_cli_support", version: tools["wasm_split_cli_support"], programs: ["wasm-split-cli"], locked: true, flags: ["--features", "build-binary"], tellsVersion: false },
];

export async function installTools() {
  for (const tool of WANTED) putOnPath(path.join(placeOf(tool), "bin"));
  const missing = WANTED.filter((tool) => !fits(tool));
  if (missing.length === 0) return;
  const binstall = ask("cargo", ["binstall", "-V"]) !== null;
  if (!binstall) {
    step(`Compiling ${missing.map((tool) => tool.crate).join(", ")} (once for all clones, some minutes)`);
    note("They turn the Rust code into what browsers and Workers run; no package manager has them all.");
    note("With cargo-binstall installed, they would be downloaded instead.");
  }
  mkdirSync(toolsDir, { recursive: true });
  sweep();
  const making = mkdtempSync(path.join(toolsDir, `${MAKING}${process.pid}-`));
  try {
    for (const tool of missing) {
      step(`${tool.crate} ${tool.version}`);
      await timed("set-up", `${tool.crate} ${tool.version}`, () => make(tool, making, binstall));
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

async function make(tool, making, binstall) {
  const made = path.join(making, tool.crate);
  const downloaded = binstall && (await download(tool, made));
  if (!downloaded) await compile(tool, made, path.join(making, "target"));
  put(made, tool);
  if (!fits(tool)) throw new Stop(`${tool.crate} ${tool.version} was installed into ${placeOf(tool)} but does not start.`);
}

/** Where a tool is. */
const placeOf = ({ crate, version }) => path.join(toolsDir, `${crate}-${version}-${platform()}`);

/** As the compiler says it: programs of one C library do not start with another one. */
let host = null;
const platform = () => (host ??= ask("rustc", ["-vV"])?.match(/^host: (.+)$/m)?.[1] ?? `${process.arch}-${process.platform}`);

function fits(tool) {
  const { programs, version, tellsVersion = true } = tool;
  if (tellsVersion) return programs.every((program) => versionIn(ask(program, ["--version"])) === version);
  // Its folder does.
  return programs.every((program) => ask(path.join(placeOf(tool), "bin", program), ["--help"]) !== null);
}

/** Another set-up may have been faster; what it made is as good, unless it does not start. */
function put(made, tool) {
  const place = placeOf(tool);
  try {
    renameSync(made, place);
  } catch (error) {
    if (fits(tool)) return;
    if (!["ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
    rmSync(place, { recursive: true, force: true });
    renameSync(made, place);
  }
}

const MAKING = ".making-";

/** Removes what set-ups have left that were interrupted. */
function sweep() {
  for (const name of readdirSync(toolsDir)) {
    if (name.startsWith(MAKING) && !isAlive(Number.parseInt(name.slice(MAKING.length), 10))) {
      rmSync(path.join(toolsDir, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

async function download({ crate, version }, made) {
  const code = await run("cargo", [
    "binstall", "--no-confirm", "--disable-telemetry", "--strategies", "crate-meta-data",
    "--root", made, "--install-path", path.join(made, "bin"), `${crate}@${version}`,
  ]);
  if (code !== 0) note("There is no ready-made one; compiling it instead.");
  return code === 0;
}

/** What works through whole modules; at level 0 it would take tens of seconds for one. */
const HOT = ["walrus", "wasmparser", "wasm-encoder", "wasm-bindgen-cli-support", "gimli", "id-arena", "leb128fmt"];

/** As little optimised as can be: these tools run for seconds, and compile for minutes. */
async function compile({ crate, version, locked, flags = [] }, made, target) {
  const optimised = HOT.flatMap((name) => ["--config", `profile.release.package.${name}.opt-level=1`]);
  await must(
    "cargo",
    ["install", "--quiet", ...(locked ? ["--locked"] : []), ...flags, ...optimised, "--root", made, `${crate}@${version}`],
    {
      // Away from the project's .cargo/config.toml and toolchain components.
      cwd: toolsDir,
      env: {
        CARGO_TARGET_DIR: target,
        CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
        CARGO_PROFILE_RELEASE_LTO: "off",
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
        CARGO_PROFILE_RELEASE_STRIP: "debuginfo",
      },
    },
  );
}
