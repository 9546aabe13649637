// The local runtime: wrangler dev with both Workers behind one address, its
// data in a folder of its own, and the secret that sign-in needs.
//
// Tests run it with a configuration derived from wrangler.toml (see
// `derivedConfigs`), because some limits that are right for production would
// only get in their way, and others can only be tested when they are tiny.
import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { cpSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fingerprint } from "./fingerprint.mjs";
import { inRoot, root, stateDir, workers } from "./paths.mjs";
import { environment, must } from "./run.mjs";
import { Stop } from "./say.mjs";

const WRANGLER = inRoot("node_modules", "wrangler", "bin", "wrangler.js");
const START_SECONDS = 90;

/** What every wrangler call gets: no telemetry, no look for updates, no banner. */
export const wranglerEnvironment = {
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_LOG_PATH: path.join(stateDir, "wrangler-logs"),
  NO_UPDATE_NOTIFIER: "1",
};

export const newSecret = () => randomBytes(32).toString("hex");

/** Makes `.dev.vars`, which wrangler reads secrets from, if it is not there. */
export function ensureLocalSecret() {
  const file = inRoot(".dev.vars");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (/^SIGN_IN_SECRET=/m.test(text)) return false;
  writeFileSync(file, `${text}SIGN_IN_SECRET=${newSecret()}\n`, { mode: 0o600 });
  return true;
}

/** Brings the local database in `state` up to the newest migration. */
export async function migrate(state) {
  const print = fingerprint(["edge/migrations"]);
  const stamp = path.join(state, "migrated");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === print) return false;
  await must(
    process.execPath,
    [WRANGLER, "d1", "migrations", "apply", "driftless", "--local", "--persist-to", state, "-c", inRoot("wrangler.toml")],
    { quiet: true, env: { ...wranglerEnvironment, CI: "true" } },
  );
  writeFileSync(stamp, print);
  return true;
}

/** An empty, migrated database, made when it is first asked for. */
export async function emptyState() {
  const state = path.join(stateDir, "template", fingerprint(["edge/migrations"]).slice(0, 16));
  mkdirSync(state, { recursive: true });
  await migrate(state);
  return state;
}

/** A new folder with a copy of the empty state; migrating takes seconds, a copy none. */
export async function freshState() {
  const template = await emptyState();
  const state = newState();
  cpSync(template, state, { recursive: true });
  return state;
}

/** A new folder for the data of a server. */
export function newState() {
  const runs = path.join(stateDir, "runs");
  mkdirSync(runs, { recursive: true });
  return mkdtempSync(path.join(runs, "run-"));
}

export const removeState = (state) => rmSync(state, { recursive: true, force: true, maxRetries: 5 });

/** Below what systems give to outgoing connections, which would take a port between the look and its use. */
const PORTS = { from: 20_000, to: 32_000 };
const given = new Set();

/** A port of the loopback address that nothing listens on and that was not given before. */
export async function freePort() {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (given.has(port) || (await isTaken(port))) continue;
    given.add(port);
    return port;
  }
}

export function isTaken(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.on("error", () => resolve(true));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(false)));
  });
}

/**
 * Starts the runtime and waits until the API answers. `changes` derives a
 * configuration; without it, the project's own files are used as they are.
 */
export async function startServer({ port, state, changes = null, onLine = () => {} }) {
  const missing = workers.map(({ folder }) => `${folder}/build/index.js`).concat("dist/index.html");
  for (const file of missing) {
    if (!existsSync(inRoot(file))) throw new Stop(`${file} is not there; npm start and npm test build it.`);
  }
  const configs = changes ? derivedConfigs(state, changes) : workers.map(({ config }) => inRoot(config)).reverse();
  const log = createWriteStream(path.join(state, "server.log"), { flags: "a" });
  const child = spawn(
    process.execPath,
    [
      WRANGLER, "dev", ...configs.flatMap((config) => ["-c", config]),
      "--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await freePort()),
      "--persist-to", state, "--show-interactive-dev-session=false", "--log-level", "info",
    ],
    {
      cwd: root,
      // A group of its own, so that the runtime below wrangler ends with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: environment({
        ...wranglerEnvironment,
        NO_COLOR: "1",
        FORCE_COLOR: "0",
        // Where servers on one machine look for each other: not beyond this one.
        WRANGLER_REGISTRY_PATH: path.join(state, "registry"),
      }),
    },
  );
  let last = "";
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream.on("data", (chunk) => {
      log.write(chunk);
      const lines = (rest + chunk).split("\n");
      rest = lines.pop();
      for (const line of lines) onLine(line);
      last = (last + chunk).slice(-4000);
    });
  }
  const ended = new Promise((resolve) => child.on("exit", (code) => resolve(code ?? 0)));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended already.
    }
  };
  // A script that fails or is interrupted must not leave a server behind.
  const onExit = () => signal("SIGKILL");
  process.once("exit", onExit);
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    if (process.listenerCount(name) === 0) process.once(name, () => process.exit(130));
  }
  ended.then(() => process.off("exit", onExit));

  const url = `http://127.0.0.1:${port}`;
  const server = {
    url,
    port,
    /** All its processes. */
    group: child.pid,
    state,
    changes,
    ended,
    /** Ends it and waits for the end. */
    async stop() {
      signal("SIGTERM");
      await Promise.race([ended, sleep(5000)]);
      signal("SIGKILL");
      await ended;
    },
    /** `kill -9` of the whole group, in the middle of whatever it does. */
    async kill() {
      signal("SIGKILL");
      await ended;
    },
    /** Leaves it to the end of this process, which does not wait for it. */
    leave() {
      for (const handle of [child, child.stdout, child.stderr]) handle.unref();
    },
  };

  let gone = false;
  ended.then(() => (gone = true));
  for (const start = performance.now(); ; await sleep(100)) {
    if (gone) throw new Stop(`The local runtime ended while it started:\n${last}`);
    try {
      const refusal = await refusalOf(url, changes?.assets === false ? [API] : ["/", API]);
      if (!refusal) return server;
      last = `${last}\n${refusal}`.slice(-4000);
    } catch {
      // Not yet.
    }
    if (performance.now() - start > START_SECONDS * 1000) {
      await server.kill();
      throw new Stop(`The local runtime did not answer within ${START_SECONDS} s:\n${last}`);
    }
  }
}

const API = "/api/v1/server";

/** Asks for the page and for the API, twice: wrangler's own proxy may refuse a
 *  first request in the moment in which it has just said that it is ready. */
async function refusalOf(url, addresses) {
  for (const address of [...addresses, ...addresses]) {
    const status = await statusOf(url + address);
    if (status !== 200) return `GET ${address} answered ${status}`;
  }
  return null;
}

const ANSWER_SECONDS = 5;

/** Not by `fetch`: an answer whose signal aborts it while it is read may hang for ever. */
function statusOf(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
      answer.on("close", () => reject(new Error("the answer broke off")));
    });
    const timer = setTimeout(() => request.destroy(new Error("no answer")), ANSWER_SECONDS * 1000);
    request.on("close", () => clearTimeout(timer));
    request.on("error", reject);
  });
}

/** What most tests run with: many sign-ins from one address are no attack. */
export const testChanges = { signInsPerMinute: 100_000 };

/**
 * Copies of both configurations in `state`, with absolute paths and `changes`:
 * `signInsPerMinute`, `vars` by name, `assets: false` for a server without the page, and
 * `around`, a module whose `around` makes the API server into another Worker. The runtime
 * hands a scheduled event only to a Worker without assets.
 */
function derivedConfigs(state, { signInsPerMinute, vars = {}, assets = true, around = null }) {
  return [...workers].reverse().map(({ name, config }) => {
    const from = inRoot(config);
    const absolute = (_whole, key, value) => `${key} = ${JSON.stringify(path.resolve(path.dirname(from), value))}`;
    let text = readFileSync(from, "utf8").replace(/^(main|directory|migrations_dir) = "([^"]+)"/gm, absolute);
    if (signInsPerMinute) {
      text = text.replace(/(simple = \{ limit = )\d+/, `$1${signInsPerMinute}`);
      text = text.replace(/^GUESSES_PER_NETWORK = .*$/m, `GUESSES_PER_NETWORK = "${signInsPerMinute}"`);
    }
    if (!assets) text = text.replace(/^\[assets\]\n(?:.+\n)*/m, "");
    for (const [key, value] of Object.entries(vars)) {
      text = text.replace(new RegExp(`^${key} = .*$`, "m"), `${key} = ${JSON.stringify(String(value))}`);
    }
    const folder = path.join(state, "config", name);
    mkdirSync(folder, { recursive: true });
    if (around && name === "driftless") text = text.replace(/^main = (.*)$/m, (_line, inner) => putAround(folder, around, JSON.parse(inner)));
    writeFileSync(path.join(folder, "wrangler.toml"), text);
    const secrets = path.join(folder, ".dev.vars");
    if (!existsSync(secrets)) writeFileSync(secrets, `SIGN_IN_SECRET=${newSecret()}\n`);
    return path.join(folder, "wrangler.toml");
  });
}

/** Writes the Worker that `around` makes of `inner`; returns the line that names it. */
function putAround(folder, around, inner) {
  const file = path.join(folder, "around.mjs");
  writeFileSync(file, `import Inner from ${JSON.stringify(inner)};\nimport { around } from ${JSON.stringify(around)};\nexport default around(Inner);\n`);
  return `main = ${JSON.stringify(file)}`;
}
