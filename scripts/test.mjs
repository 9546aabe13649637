// `npm test`: everything, in the order in which a mistake is found soonest.
//
//   lint      cargo fmt --check, clippy natively and for wasm32, no warning allowed
//   native    cargo test --workspace, and the tests of the scripts
//   simulation  seeds of the simulator, the same and new ones; all deliberate bugs
//   wasm      the tests of shared and web as wasm: in Node, and in a headless browser
//   live      the API tests of tests/, against the built system on a free port
//   history   clients that hammer a server which is killed and started again,
//             and a judge of what they saw
//   browser   node --test tests/browser/: journeys with real browsers
//   deploy    npm run deploy -- --dry-run
//
// The page and the Workers are built beside the first of them. `npm test -- --only
// live,browser` runs some of them. At the end it says where the time went.
//
// The live tests are those marked #[ignore] in the crate `tests`. They get
//   DRIFTLESS_URL           a server with wrangler.toml's configuration, but
//                           without its limit on sign-ins
//   DRIFTLESS_STRICT_URL    a second one with that limit as it is, a quota of
//   DRIFTLESS_STRICT_QUOTA  these few bytes, and sign-up open
//   DRIFTLESS_STRICT_VERSIONS  a file has at most so many versions there
//   DRIFTLESS_CLOSED_URL    a third one where sign-up is closed
//   DRIFTLESS_ENDING_URL    a fourth one without the page, to which scheduled events can be
//                           sent, and where an account goes on for seconds that was ended
// and each server begins with an empty database. The journeys start their own.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { run as runTests } from "node:test";
import { spec } from "node:test/reporters";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { build } from "./lib/build.mjs";
import { timed, times } from "./lib/clock.mjs";
import { findChromedriver, findChromium, howToInstall, missingForBrowserTests } from "./lib/chromium.mjs";
import { inRoot, targetDir } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";
import { Stop, bold, green, heading, main, note, red, seconds, step, table } from "./lib/say.mjs";
import { emptyState, freePort, freshState, removeState, startServer, testChanges } from "./lib/server.mjs";
import { simulate } from "./lib/simulation.mjs";
import { setUp } from "./lib/setup.mjs";
import { installTools } from "./lib/tools.mjs";
import { TARGET } from "./lib/versions.mjs";

const STRICT_QUOTA = 8 * 1024 * 1024;
const STRICT_VERSIONS = 6;
/** In seconds. */
const ACCOUNT_END = 20;
const HAMMER_SECONDS = 45;
/** They wait for the server most of the time, some of them for half a minute. */
const LIVE_TESTS_AT_ONCE = 4;

/**
 * Of the whole workspace whatever is run of it: with fewer packages the libraries have
 * other features, and are compiled once more.
 */
const NATIVE = ["test", "--workspace", "--locked", "--no-fail-fast"];
/** All at once, so that what they stand on is compiled once. */
const WASM_TESTS = [
  "test", "--target", TARGET, "-p", "driftless-blocks", "-p", "driftless-protocol", "-p", "driftless-sync", "-p", "driftless-merge",
  "-p", "driftless-platform", "-p", "driftless-workers", "-p", "driftless-app",
  "--tests", "--locked", "--no-fail-fast",
];

/** Runs in turn until one fails; the exit code of the last one that ran. */
async function inTurn(...bodies) {
  for (const body of bodies) {
    const code = await body();
    if (code !== 0) return code;
  }
  return 0;
}

/**
 * Clippy is a compiler that sees more: in the place of the usual one, it makes what the
 * tests run, and nothing is compiled for the lints alone. So `cargo clippy` works, too: the
 * letters between the words are how it has arguments in a variable.
 */
const LINTED = { RUSTC_WORKSPACE_WRAPPER: "clippy-driver", CLIPPY_ARGS: "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__" };
const native = (more = [], env = {}) => run("cargo", [...NATIVE, ...more], { env: { ...LINTED, ...env } });
const compileNative = () => native(["--all-targets", "--no-run"]);

/** Journeys that measure time, which have the machine to themselves. */
const MEASURING = ["hashing", "live_view", "many_files", "merge_many_lines"].map((name) => `${name}.test.mjs`);

const stages = {
  lint: [
    ["cargo fmt", () => run("cargo", ["fmt", "--all", "--", "--check"])],
    ["clippy", compileNative],
    ["clippy for wasm32", () => run("cargo", ["clippy", "--target", TARGET, ...wasmCrates(), "--all-targets", "--locked", "--", "-D", "warnings"])],
  ],
  native: [
    ["native tests", () => inTurn(() => compiled("native tests", compileNative), native)],
    ["the scripts' own", () => run(process.execPath, ["--test", "--test-reporter=spec", ...testFiles("tests/scripts")])],
  ],
  simulation: [
    ["simulation, known seeds", () => simulate(["--steps", "1500000", "--seed", "1"])],
    ["simulation, new seeds", newSeeds],
    ["deliberate bugs", () => simulate(["--bugs", "--starts", "1"])],
  ],
  wasm: [
    ["shared in Node, web in a browser", wasmTests],
  ],
  live: [["live API tests", liveTests]],
  history: [["a server that is killed", historyTest]],
  browser: [["browser journeys", browserTests]],
  deploy: [["deploy, dry run", () => run(process.execPath, [inRoot("scripts/deploy.mjs"), "--dry-run"])]],
};
const needsBuild = new Set(["live", "history", "browser", "deploy"]);
/** The name and the error of each. */
const journeyFailures = [];
/** The build of the page and the Workers, until it has been waited for. */
let building = null;

await main(async () => {
  const { values } = parseArgs({ options: { only: { type: "string" } } });
  const chosen = values.only?.split(",") ?? Object.keys(stages);
  for (const name of chosen) {
    if (!stages[name]) throw new Stop(`There is no stage "${name}". There are: ${Object.keys(stages).join(", ")}.`);
  }

  if (chosen.includes("wasm") || chosen.includes("browser")) {
    const missing = missingForBrowserTests({ driver: chosen.includes("wasm") });
    if (missing.length > 0) {
      throw new Stop(
        `The browser tests can't run:\n  ${missing.join("\n  ")}\n\nTo install what is missing:${howToInstall}\n\n` +
          "Without a browser: npm test -- --only lint,native,simulation,live,history,deploy",
      );
    }
  }
  await setUp();

  // It ends with minutes on one core. What comes before the first stage that needs it
  // does not measure time.
  if (chosen.some((name) => needsBuild.has(name))) {
    building = build({ runner: chosen.includes("wasm") });
    // Said where it is waited for.
    building.catch(() => {});
  }
  const results = [];
  for (const name of chosen) {
    if (needsBuild.has(name)) await built();
    for (const [label, body] of stages[name]) {
      heading(label);
      const since = performance.now();
      let code;
      try {
        code = await timed(name, label, body);
      } catch (error) {
        console.error(error instanceof Stop ? error.message : error.stack);
        code = 1;
      }
      results.push([label, code === 0 ? "passed" : "FAILED", seconds(since)]);
    }
  }

  sayJourneyFailures();
  heading("Where the time went");
  console.log(times());
  note("The build runs beside the stages up to the wasm tests: those overlap. What is in a stage counts twice.");
  heading("Summary");
  console.log(table([["", "result", "took"], ...results]));
  const failed = results.filter(([, verdict]) => verdict === "FAILED");
  console.log(failed.length === 0 ? `\n${green("✓")} ${bold("All passed")}` : `\n${red("✗")} ${bold(`Failed: ${failed.map(([label]) => label).join(", ")}`)}`);
  return failed.length === 0 ? 0 : 1;
});

/** Waits for the build, which leaves the machine to what comes then. */
async function built() {
  if (building) await timed("build", "waited for", () => building);
  building = null;
  return 0;
}

/** Seeds that nobody has run; a failure says which one it was. */
function newSeeds() {
  const seed = String(Date.now());
  note(`from seed ${seed} on`);
  // Of one person: what new seeds of several people show is looked at before it stops others.
  return simulate(["--steps", "500000", "--seed", seed, "--people", "1"]);
}

/** What is ever compiled to wasm. */
function wasmCrates() {
  return ["driftless-blocks", "driftless-protocol", "driftless-sync", "driftless-merge", "driftless-client", "driftless-platform", "driftless-workers", "driftless-hasher", "driftless-keeper", "driftless-sheets", "driftless-app", "driftless-core", "driftless-api", "driftless-notify"].flatMap((crate) => ["-p", crate]);
}

/** wasm-bindgen-test-runner is the target's runner in .cargo/config.toml. */
function wasmTests() {
  const env = {
    CHROMEDRIVER: findChromedriver(),
    WASM_BINDGEN_TEST_WEBDRIVER_JSON: inRoot("scripts/lib/webdriver.json"),
    WASM_BINDGEN_TEST_TIMEOUT: "300",
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60",
  };
  return inTurn(
    () => compiled("wasm tests", () => run("cargo", [...WASM_TESTS, "--no-run"])),
    // Some measure time.
    built,
    // It is there already if there was a build.
    () => installTools({ runner: true }).then(() => 0),
    () => run("cargo", WASM_TESTS, { env }),
  );
}

/** Apart from what runs then, so that it is seen what takes the time. */
function compiled(label, compile) {
  return timed("compile", label, compile);
}

async function liveTests() {
  const servers = [];
  const start = async (changes) => {
    const state = await freshState();
    const server = await startServer({ port: await freePort(), state, changes });
    servers.push(server);
    return server.url;
  };
  // Compiled first, so that no server waits for the compiler.
  const code = await compiled("live tests", compileNative);
  if (code !== 0) return code;
  try {
    step("Starting four servers with empty databases");
    await emptyState();
    const [usual, strict, closed, ending] = await Promise.all([
      start(testChanges),
      start({ vars: { QUOTA_BYTES: STRICT_QUOTA, MAX_VERSIONS_OF_A_FILE: STRICT_VERSIONS } }),
      start({ ...testChanges, vars: { SIGN_UP: "closed" } }),
      start({ ...testChanges, assets: false, vars: { ACCOUNT_END_SECONDS: ACCOUNT_END } }),
    ]);
    const env = {
      DRIFTLESS_URL: usual,
      DRIFTLESS_STRICT_URL: strict,
      DRIFTLESS_STRICT_QUOTA: String(STRICT_QUOTA),
      DRIFTLESS_STRICT_VERSIONS: String(STRICT_VERSIONS),
      DRIFTLESS_CLOSED_URL: closed,
      DRIFTLESS_ENDING_URL: ending,
      RUST_TEST_THREADS: String(LIVE_TESTS_AT_ONCE),
    };
    note(`DRIFTLESS_URL=${env.DRIFTLESS_URL}`);
    return await native(["--test", "live", "--test", "live_memory", "--", "--ignored"], env);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    for (const server of servers) removeState(server.state);
  }
}

/** Kills the server again and again while the clients of the hammer change it. */
async function historyTest() {
  const code = await compiled("the hammer", compileNative);
  if (code !== 0) return code;
  const settings = { port: await freePort(), state: await freshState(), changes: { ...testChanges, assets: false } };
  step("Starting a server to be killed");
  let server = await startServer(settings);
  try {
    let over = false;
    let kills = 0;
    const hammered = run(path.join(targetDir, "debug", "hammer"), [], {
      env: { DRIFTLESS_URL: server.url, HAMMER_SECONDS: String(HAMMER_SECONDS) },
    }).finally(() => (over = true));
    // The clients sign in first; the last seconds are for what is left to repeat.
    // Once they have ended, everything is read from a server that stays.
    for (const lastKill = performance.now() + (HAMMER_SECONDS - 5) * 1000; ; ) {
      await sleep(3000 + Math.random() * 4000);
      if (over || performance.now() > lastKill) break;
      await server.kill();
      kills += 1;
      server = await startServer(settings);
    }
    const verdict = await hammered;
    note(`the server was killed ${kills} times`);
    return kills > 2 ? verdict : 1;
  } finally {
    await server.stop();
    removeState(server.state);
  }
}

async function browserTests() {
  note(findChromium());
  const isMeasuring = (file) => MEASURING.includes(path.basename(file));
  const files = testFiles("tests/browser");
  // Copied by each server; two would make it at the same time.
  await emptyState();
  const codes = [
    // Two of them keep two cores busy.
    await timed("journeys", "side by side", () => journeys(files.filter((file) => !isMeasuring(file)), 2)),
    await timed("journeys", "one by one", () => journeys(files.filter(isMeasuring), 1)),
  ];
  return codes.find((code) => code !== 0) ?? 0;
}

/**
 * Runs the files with most journeys first, so that no long one is left alone at the end;
 * `node --test` would take them by their names. Resolves to 0 if none has failed.
 */
function journeys(files, atOnce) {
  const count = (file) => readFileSync(file, "utf8").split("journey(async").length;
  const longestFirst = [...files].sort((a, b) => count(b) - count(a));
  return new Promise((resolve, reject) => {
    let code = 0;
    const running = runTests({ files: longestFirst, concurrency: atOnce });
    running.on("test:fail", ({ name, details: { error } }) => {
      code = 1;
      if (error.failureType !== "subtestsFailed") journeyFailures.push([name, error]);
    });
    running.on("error", reject);
    running.compose(new spec()).on("end", () => resolve(code)).pipe(process.stdout, { end: false });
  });
}

/** Said once more at the very end: their own place is a thousand lines further up. */
function sayJourneyFailures() {
  if (journeyFailures.length === 0) return;
  heading("Journeys that failed");
  for (const [name, error] of journeyFailures) console.log(`${red("✗")} ${name}\n${(error.cause?.stack ?? String(error)).slice(0, 1500)}\n`);
}

function testFiles(folder) {
  return readdirSync(inRoot(folder)).filter((name) => name.endsWith(".test.mjs")).map((name) => inRoot(folder, name));
}
