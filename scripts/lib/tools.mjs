// The release tools: each is taken from PATH if its version fits, else from a folder
// of the user's that all clones share, and made there where it is missing. A folder
// has one tool of one version for one platform, and never changes: it is made
// elsewhere and renamed, so that several set-ups at a time do not see each other's
// half.
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { timed } from "./clock.mjs";
import { inRoot, toolsDir } from "./paths.mjs";
import { ask, must, putOnPath, run } from "./run.mjs";
import { Stop, note, step } from "./say.mjs";
import { toolVersion, versionIn } from "./versions.mjs";

/**
 * What each is downloaded as and what it is compiled of: they differ for wasm-bindgen,
 * which we compile without the half that only the runner needs.
 */
const WANTED = [
  { program: "wasm-bindgen", crate: "wasm-bindgen-cli", source: "driftless-tools" },
  { program: "worker-build", crate: "worker-build" },
  { program: "trunk", crate: "trunk" },
  { program: "wasm-split-cli", crate: "wasm_split_cli_support", tellsVersion: false },
].map(withVersion);
/** Only the tests in wasm need it. */
const RUNNER = withVersion({ program: "wasm-bindgen-test-runner", crate: "wasm-bindgen-cli", features: ["--features", "runner"] });

function withVersion(tool) {
  return { ...tool, version: toolVersion(tool.crate) };
}

export async function installTools({ runner = false } = {}) {
  const wanted = runner ? [...WANTED, RUNNER] : WANTED;
  for (const tool of wanted) putOnPath(path.join(placeOf(tool), "bin"));
  let missing = wanted.filter((tool) => !fits(tool));
  if (missing.length === 0) return;
  mkdirSync(toolsDir, { recursive: true });
  sweep();
  const making = mkdtempSync(path.join(toolsDir, `${MAKING}${process.pid}-`));
  try {
    if (ask("cargo", ["binstall", "-V"]) !== null) {
      for (const tool of missing) await download(tool, path.join(making, tool.program));
      missing = missing.filter((tool) => !fits(tool));
    }
    if (missing.length > 0) await compile(missing, making);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Where a tool is. */
const placeOf = ({ program, version }) => path.join(toolsDir, `${program}-${version}-${platform()}`);

/** As the compiler says it: programs of one C library do not start with another one. */
let host = null;
const platform = () => (host ??= ask("rustc", ["-vV"])?.match(/^host: (.+)$/m)?.[1] ?? `${process.arch}-${process.platform}`);

function fits(tool) {
  const { program, version, tellsVersion = true } = tool;
  if (tellsVersion) return versionIn(ask(program, ["--version"])) === version;
  // Its folder does.
  return ask(path.join(placeOf(tool), "bin", program), ["--help"]) !== null;
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

async function download(tool, made) {
  step(`${tool.program} ${tool.version}`);
  const code = await run("cargo", [
    "binstall", "--no-confirm", "--disable-telemetry", "--strategies", "crate-meta-data",
    "--root", made, "--install-path", path.join(made, "bin"), `${tool.crate}@${tool.version}`,
  ]);
  if (code === 0) put(made, tool);
  else note("There is no ready-made one; compiling it instead.");
}

/**
 * All that are missing at once, so that what they share is compiled once and no core
 * waits for the last library of one.
 */
async function compile(missing, making) {
  step(`Compiling ${missing.map((tool) => tool.program).join(", ")} (once for all clones, some minutes)`);
  note("They turn the Rust code into what browsers and Workers run; no package manager has them all.");
  note("With cargo-binstall installed, they would be downloaded where somebody offers them.");
  const target = path.join(making, "target");
  await timed("set-up", "release tools", async () => {
    // The runner's package has a wasm-bindgen, too, which must not take the place of ours.
    await cargoBuild(missing.filter((tool) => tool !== RUNNER), target);
    await cargoBuild(missing.filter((tool) => tool === RUNNER), target);
  });
  for (const tool of missing) {
    const made = path.join(making, tool.program);
    mkdirSync(path.join(made, "bin"), { recursive: true });
    copyFileSync(path.join(target, "release", tool.program), path.join(made, "bin", tool.program));
    put(made, tool);
    if (!fits(tool)) throw new Stop(`${tool.program} ${tool.version} was installed into ${placeOf(tool)} but does not start.`);
  }
}

async function cargoBuild(missing, target) {
  if (missing.length === 0) return;
  const chosen = missing.flatMap(({ program, crate, source = crate, features = [] }) => ["-p", source, "--bin", program, ...features]);
  await must(
    "cargo",
    // The package with the lock file is always named, because it says what features the others have.
    ["build", "--quiet", "--release", "--locked", "--manifest-path", inRoot("scripts/tools/Cargo.toml"), "-p", "driftless-tools", ...chosen],
    {
      // Away from the project's .cargo/config.toml and toolchain components.
      cwd: toolsDir,
      env: { CARGO_TARGET_DIR: target },
    },
  );
}
