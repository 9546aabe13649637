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

/** As many as `scripts/lib/tools.mjs` wants. */
const TOOLS = 4;

const CARGO = `#!/bin/sh
# install … --root ROOT CRATE@VERSION
[ "$1" = install ] || exit 1
while [ "$1" != --root ]; do shift; done
echo "$3" >> "$COMPILED"
case $3 in
  wasm-bindgen-cli*) programs="wasm-bindgen wasm-bindgen-test-runner" ;;
  wasm_split_cli_support*) programs=wasm-split-cli ;;
  *) programs=\${3%@*} ;;
esac
mkdir -p "$2/bin"
for program in $programs; do
  : > "$2/bin/$program"
  chmod +x "$2/bin/$program"
  sleep 0.2
  printf '#!/bin/sh\\necho %s %s\\n' "$program" "\${3#*@}" > "$2/bin/$program"
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
      const setUp = (more = {}) =>
        promisify(execFile)(
          process.execPath,
          ["--input-type=module", "-e", `import { installTools } from ${JSON.stringify(inRoot("scripts/lib/tools.mjs"))}; await installTools();`],
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
  assert.deepEqual(compiled().slice(TOOLS).map((what) => what.split("@")[0]), ["trunk"]);
  assert.equal(readdirSync(tools).length, TOOLS);
}));

test("the shared folder can be elsewhere", machine(async ({ folder, setUp }) => {
  await setUp({ XDG_CACHE_HOME: path.join(folder, "xdg") });
  assert.equal(readdirSync(path.join(folder, "xdg/driftless/tools")).length, TOOLS);
  await setUp({ DRIFTLESS_CACHE: path.join(folder, "own") });
  assert.equal(readdirSync(path.join(folder, "own/tools")).length, TOOLS);
}));
