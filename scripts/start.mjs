// `npm start`: builds what has changed and serves it on this machine.
//
//   npm start                  http://localhost:8787
//   npm start -- --port 9000   or PORT=9000 npm start
//   npm start -- --fresh       begins with an empty drive
//
// The data is in .state/local and stays there.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { build } from "./lib/build.mjs";
import { stateDir } from "./lib/paths.mjs";
import { Stop, bold, green, main, note, step } from "./lib/say.mjs";
import { ensureLocalSecret, isTaken, migrate, removeState, startServer } from "./lib/server.mjs";
import { setUp } from "./lib/setup.mjs";

await main(async () => {
  const { values } = parseArgs({ options: { port: { type: "string" }, fresh: { type: "boolean" } } });
  const port = Number(values.port ?? process.env.PORT ?? 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Stop("The port must be a number from 1 to 65535.");
  // Asked before the minutes of a first build, not after them.
  if (await isTaken(port)) {
    throw new Stop(`Something listens on port ${port} already. Choose another: npm start -- --port ${port + 1}`);
  }

  await setUp();
  await build();

  const state = path.join(stateDir, "local");
  if (values.fresh) removeState(state);
  mkdirSync(state, { recursive: true });
  if (ensureLocalSecret()) note("made .dev.vars with a secret for this machine");
  if (await migrate(state)) note("brought the local database up to date");

  step("Starting the local runtime");
  const problem = /\[ERROR\]|✘|Uncaught|panicked|▲ \[WARNING\]/;
  const server = await startServer({ port, state, onLine: (line) => problem.test(line) && console.log(line) });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.removeAllListeners(name);
    process.on(name, () => server.stop());
  }

  console.log(`\n${green("✓")} Driftless is at ${bold(`http://localhost:${port}`)}`);
  note(`its data is in .state/local, its log in .state/local/server.log; Ctrl-C ends it\n`);
  await server.ended;
});
