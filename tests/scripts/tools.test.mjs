// The release tools in the folder that all clones share, with a cargo that only says
// that it has compiled something.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { toolVersion } from "../../scripts/lib/versions.mjs";

/** What a build needs. */
const VERSIONS = {
  "wasm-bindgen": toolVersion("wasm-bindgen-cli"),
  "worker-build": toolVersion("worker-build"),
  trunk: toolVersion("trunk"),
  "wasm-split-cli": toolVersion("wasm_split_cli_support"),
};
const TOOLS = Object.keys(VERSIONS).length;
const RUNNER = "wasm-bindgen-test-runner";

const CARGO = `#!/bin/sh
# build … --bin PROGRAM …
[ "$1" = build ] || exit 1
mkdir -p "$CARGO_TARGET_DIR/release"
while [ $# -gt 0 ]; do
  if [ "$1" = --bin ]; then
    echo "$2" >> "$COMPILED"
    case $2 in
      ${Object.entries(VERSIONS).map(([program, version]) => `${program}) version=${version} ;;`).join("\n      ")}
      ${RUNNER}) version=${VERSIONS["wasm-bindgen"]} ;;
    esac
    program="$CARGO_TARGET_DIR/release/$2"
    : > "$program"
    chmod +x "$program"
    sleep 0.2
    printf '#!/bin/sh\\necho %s %s\\n' "$2" "$version" > "$program"
  fi
  shift
done
`;

/** A machine without any tools; `setUp` is one clone's set-up there. */
function machine(body) {
  return async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "driftless-tools-"));
    const program = (name, text) => writeFileSync(path.join(folder, "bin", name), text, { mode: 0o755 });
    try {
      mkdirSync(path.join(folder, "bin"));
      program("cargo", CARGO);
      program("rustc", "#!/bin/sh\necho host: some-platform\n");
      const env = { PATH: `${folder}/bin:/usr/bin:/bin`, HOME: folder, COMPILED: path.join(folder, "compiled") };
      const setUp = (more = {}, options = {}) =>
        promisify(execFile)(
          process.execPath,
          ["--input-type=module", "-e", `import { installTools } from ${JSON.stringify(inRoot("scripts/lib/tools.mjs"))}; await installTools(${JSON.stringify(options)});`],
          { env: { ...env, ...more } },
        );
      const compiled = () => (existsSync(env.COMPILED) ? readFileSync(env.COMPILED, "utf8").trim().split("\n") : []);
      await body({ folder, setUp, compiled });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

test("a second clone compiles no tools", machine(async ({ folder, setUp, compiled }) => {
  await setUp();
  assert.equal(compiled().length, TOOLS);
  const places = readdirSync(path.join(folder, ".cache/driftless/tools"));
  assert.equal(places.length, TOOLS, `${places}`);
  for (const place of places) assert.match(place, /^[a-z_-]+-\d+\.\d+\.\d+-some-platform$/);
  await setUp();
  assert.equal(compiled().length, TOOLS);
}));

test("clones that set up at one time do not break each other", machine(async ({ folder, setUp }) => {
  const ends = await Promise.allSettled([setUp(), setUp(), setUp()]);
  assert.deepEqual(ends.filter(({ status }) => status === "rejected"), []);
  assert.equal(readdirSync(path.join(folder, ".cache/driftless/tools")).length, TOOLS, "nothing half made is left");
}));

test("a tool that does not start is made anew, and what an interrupted set-up left is removed", machine(async ({ folder, setUp, compiled }) => {
  await setUp();
  const tools = path.join(folder, ".cache/driftless/tools");
  const trunk = readdirSync(tools).find((name) => name.startsWith("trunk"));
  writeFileSync(path.join(tools, trunk, "bin/trunk"), "#!/bin/sh\nexit 1\n");
  // No process has so high a number.
  mkdirSync(path.join(tools, ".making-99999999-left"));
  await setUp();
  assert.deepEqual(compiled().slice(TOOLS), ["trunk"]);
  assert.equal(readdirSync(tools).length, TOOLS);
}));

test("the shared folder can be elsewhere", machine(async ({ folder, setUp }) => {
  await setUp({ XDG_CACHE_HOME: path.join(folder, "xdg") });
  assert.equal(readdirSync(path.join(folder, "xdg/driftless/tools")).length, TOOLS);
  await setUp({ DRIFTLESS_CACHE: path.join(folder, "own") });
  assert.equal(readdirSync(path.join(folder, "own/tools")).length, TOOLS);
}));

test("who tests gets the runner, and only then is it compiled", machine(async ({ setUp, compiled }) => {
  await setUp();
  assert.ok(!compiled().includes(RUNNER));
  await setUp({}, { runner: true });
  assert.deepEqual(compiled().slice(TOOLS), [RUNNER]);
  await setUp({}, { runner: true });
  assert.equal(compiled().length, TOOLS + 1);
}));

test("wasm-bindgen reads what the library of its name has written", () => {
  const library = readFileSync(inRoot("Cargo.lock"), "utf8").match(/name = "wasm-bindgen"\nversion = "([^"]+)"/)[1];
  assert.equal(toolVersion("wasm-bindgen-cli-support"), library);
  assert.equal(toolVersion("wasm-bindgen-cli"), library);
});
