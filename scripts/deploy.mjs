// `npm run deploy`: puts both Workers online, the Notification Service first,
// because the API server is bound to it. `-- --dry-run` builds and checks all
// that can be checked without an account, and changes nothing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "./lib/build.mjs";
import { distDir, inRoot, workers } from "./lib/paths.mjs";
import { ask, environment } from "./lib/run.mjs";
import { LIST, secretAdvice, secretStanding } from "./lib/secret.mjs";
import { Stop, bytes, green, main, note, step, table } from "./lib/say.mjs";
import { wranglerEnvironment } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";

const wranglerFile = inRoot("node_modules", "wrangler", "bin", "wrangler.js");
const PLACEHOLDER = "00000000-0000-0000-0000-000000000000";
const FIRST_TIME = `Once, before the first deploy:
  npx wrangler login
  npx wrangler d1 create driftless           and put the id that it prints into
                                             wrangler.toml and edge/notify/wrangler.toml
  npx wrangler r2 bucket create driftless-packs
  npx wrangler queues create driftless-events`;

await main(async () => {
  const { values } = parseArgs({ options: { "dry-run": { type: "boolean" } } });
  await setUp();
  if (values["dry-run"]) {
    await build();
    return dryRun();
  }
  checkDatabaseId();
  checkSignedIn();
  await build();
  step("Bringing the database up to date");
  wrangler(["d1", "migrations", "apply", "driftless", "--remote", "-c", inRoot("wrangler.toml")]);
  for (const { name, config } of workers) {
    step(`Deploying ${name}`);
    wrangler(["deploy", "-c", inRoot(config)]);
  }
  checkSecret();
  console.log(`\n${green("✓")} Deployed. The address is in the lines above.`);
});

function dryRun() {
  const folder = mkdtempSync(path.join(tmpdir(), "driftless-deploy-"));
  try {
    const rows = [["", "bytes", "gzip"]];
    for (const { name, config } of workers) {
      step(`${name}: wrangler deploy --dry-run`);
      const out = path.join(folder, name);
      wrangler(["deploy", "-c", inRoot(config), "--dry-run", "--outdir", out]);
      rows.push(sizes(`Worker ${name}`, out, /\.(js|wasm)$/));
    }
    rows.push(sizes("web app", distDir, /./));
    console.log(`\n${table(rows)}`);
    if (placeholders().length > 0) note(`Still to be done: the database's id in ${placeholders().join(" and ")}.`);
    console.log(`\n${green("✓")} Dry run: both Workers and the web app can be deployed.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sizes(label, folder, pattern) {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile() && pattern.test(file) && !file.endsWith(".map"));
  const total = (measure) => files.reduce((sum, file) => sum + measure(file), 0);
  return [label, bytes(total((file) => statSync(file).size)), bytes(total((file) => gzipSync(readFileSync(file)).length))];
}

/** The configurations in which no real database is named yet. */
function placeholders() {
  return workers.map(({ config }) => config).filter((config) => readFileSync(inRoot(config), "utf8").includes(PLACEHOLDER));
}

function checkDatabaseId() {
  if (placeholders().length === 0) return;
  throw new Stop(`${placeholders().join(" and ")} still name no database: database_id is ${PLACEHOLDER}.\n${FIRST_TIME}`);
}

function checkSignedIn() {
  const account = process.env.CLOUDFLARE_API_TOKEN ?? ask(process.execPath, [wranglerFile, "whoami"], { env: wranglerEnvironment });
  if (!account || /not authenticated/i.test(account)) throw new Stop(`wrangler is not signed in: npx wrangler login`);
}

/** Asked last, because a Worker that was never deployed has no list of secrets. */
function checkSecret() {
  const answer = spawnSync(process.execPath, [wranglerFile, ...LIST, "-c", inRoot("wrangler.toml")], {
    encoding: "utf8",
    env: environment(wranglerEnvironment),
  });
  const standing = secretStanding(answer);
  const advice = secretAdvice(standing);
  if (standing === "missing") throw new Stop(advice);
  if (advice) note(advice);
}

function wrangler(args) {
  const { status } = spawnSync(process.execPath, [wranglerFile, ...args], {
    // wrangler may have to ask.
    stdio: "inherit",
    env: environment(wranglerEnvironment),
  });
  if (status !== 0) throw new Stop(`wrangler ${args.join(" ")} failed.\n${FIRST_TIME}`);
}
