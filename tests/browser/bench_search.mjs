// How long the page takes to find, as WebAssembly in a browser. Started by
// `npm run bench -- --only search`, which has built everything.
//
// The feed of a new user is answered here, with 100,000 items in folders of a hundred
// (`DRIFTLESS_BENCH_ITEMS` says how many), so that nothing has to be uploaded. Then the
// search is opened and queries are typed, letter by letter. Each figure is from a key until
// the list says that it is of what was typed. Beside it is what of that the page's thread
// worked, which a busy machine does not change, and the tasks over 50 ms of which the
// browser tells.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { table } from "../../scripts/lib/say.mjs";
import { newUser } from "./support/app.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";

const COUNT = Number(process.env.DRIFTLESS_BENCH_ITEMS ?? 100_000);
const PAGE = 5_000;
const WORDS = "annual report Invoice March Überblick photo holiday draft final budget meeting notes Müller contract scan IMG screenshot backup résumé project plan letter summer release".split(" ");
const ENDINGS = ["pdf", "jpg", "docx", "txt", "png", "xlsx", "mp4", "zip"];
const QUERIES = ["invoice", "report march", "muller draft", "screnshot", "kind:picture holiday", "zzzzzzzz"];

let seed = 1;
const random = (sides) => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return (seed >>> 8) % sides;
};
const of = (all) => all[random(all.length)];

function made(device) {
  const items = [];
  let folder = null;
  for (let n = 0; n < COUNT; n += 1) {
    const words = [of(WORDS), of(WORDS), of(WORDS)];
    const id = randomUUID();
    const common = { id, place_version: 1, created_at_ms: 1_700_000_000_000 + n, trashed_at_ms: null };
    if (n % 100 === 0) {
      folder = id;
      items.push({ ...common, parent: null, name: `${words.join(" ")} ${n}`, file: null });
      continue;
    }
    const file = {
      version: 1,
      size: random(10_000_000),
      size_class: 18,
      modified_at_ms: 1_700_000_000_000 + n * 1000,
      committed: { user_name: "ann", device_id: device, device_name: "Chrome on Linux", at_ms: 1_700_000_000_000 + n },
    };
    items.push({ ...common, parent: folder, name: `${words.join("_")} ${2000 + random(30)} ${n}.${of(ENDINGS)}`, file });
  }
  return items;
}

const journey = await new Journey().begin();
try {
  const { app } = await journey.profile("a", { serviceWorkers: "block" });
  const { page } = app;
  const items = made(randomUUID());
  await app.signUp(newUser());
  let at = 0;
  await page.route("**/api/v1/changes/list**", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    const some = items.slice(at, at + PAGE);
    at += PAGE;
    const changes = some.map((item) => ({ kind: "item", item }));
    await route.fulfill({ response: answer, json: { ...body, changes: [...body.changes, ...changes], has_more: at < COUNT } });
  });
  // One change, after which the page asks for all of them.
  await app.newFolder("The first");
  await eventually(async () => (await app.rowCount()) >= COUNT / 100, "the folders", 600_000);
  await app.connectionIs("live", 600_000);
  await page.waitForTimeout(5_000);

  await page.evaluate(() => {
    globalThis.longTasks = [];
    new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
  });
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
  const worked = async () => {
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
  };
  const figures = [];
  const results = { items: COUNT };
  const opened = Date.now();
  await page.keyboard.press("Control+k");
  await page.getByTestId("found").first().waitFor();
  results.openMs = Date.now() - opened;
  const field = page.getByTestId("find");
  for (const query of QUERIES) {
    await field.fill("");
    await page.waitForTimeout(300);
    const before = await worked();
    const took = await page.evaluate(async (query) => {
      const input = document.querySelector("[data-testid=find]");
      const took = [];
      for (let letters = 1; letters <= query.length; letters += 1) {
        const text = query.slice(0, letters);
        const since = performance.now();
        const done = new Promise((resolve) => {
          const look = () => {
            const dialog = document.querySelector("[data-found]");
            if (dialog?.dataset.found === text) resolve(performance.now() - since);
            else setTimeout(look, 0);
          };
          look();
        });
        input.value = text;
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        took.push(await done);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      return took;
    }, query);
    const each = ((await worked()) - before) / took.length;
    const sorted = [...took].sort((x, y) => x - y);
    const words = await page.getByTestId("find-words").textContent();
    results[query] = { took, worked: each };
    figures.push([query, `${sorted[Math.floor(sorted.length / 2)].toFixed(0)} ms`, `${sorted.at(-1).toFixed(0)} ms`, `${each.toFixed(0)} ms`, words]);
  }
  const long = await page.evaluate(() => globalThis.longTasks);
  results.longTasks = long;
  console.log(`\n${COUNT} items; from Ctrl-K to the list: ${results.openMs} ms\n`);
  console.log(table([["typed", "median of its keys", "longest", "worked for each", "says"], ...figures]));
  console.log(`\ntasks of the page's thread over 50 ms: ${long.length === 0 ? "none" : long.map((ms) => `${ms.toFixed(0)} ms`).join(", ")}`);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  await journey.end();
}
