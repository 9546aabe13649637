// A page with very many names. Started by `npm run bench -- --only large`, which has built
// everything.
//
// A new user makes a folder and a file in it. Then their browser's database is filled with
// copies of the two under other names: a million (`DRIFTLESS_BENCH_ITEMS` says how many), of
// which a tenth is in the one folder, and the others in folders of a hundred. The server
// knows nothing of them. Measured are:
//
//  - until the rows of that folder are drawn, and until the page's thread is free, from the
//    navigation on, with the API cut off;
//  - the same for a page that is opened again, which shows the first rows before it has read
//    all names;
//  - scrolling through the folder: the longest task of the page's thread;
//  - the search, for its first text, whose index is made then;
//  - memory of the browser's renderers once all is there (Linux only);
//  - what the server sends when the page then asks for what is new: none of what is there.
//
// Then the server gets such a drive of its own (`support/copying_worker.mjs`), and another
// browser that has nothing signs in. Measured are:
//
//  - how long it takes until that has everything, and the longest task of its page's thread;
//  - a new name for one file of the long folder, by another device, until it is shown;
//  - of both, the rows that D1 has read for the page's requests, as D1 itself counts them.
//    Of two runs these are the same, but for requests that do not depend on the drive.
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { bytes, note, table } from "../../scripts/lib/say.mjs";
import { SOON, newUser } from "./support/app.mjs";
import { COPIES } from "./support/copying_worker.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";
import { rendererMemory } from "./support/memory.mjs";

const COUNT = Number(process.env.DRIFTLESS_BENCH_ITEMS ?? 1_000_000);
const IN_ONE = Math.floor(COUNT / 10);
const LONG = 600_000;

const results = { items: COUNT, inOne: IN_ONE };
const figures = [];
const told = (what, figure) => {
  figures.push([what, figure]);
  note(`${what}: ${figure}`);
};
const longest = (all) => (all.length === 0 ? "none over 50 ms" : `${Math.max(...all).toFixed(0)} ms, ${all.length} over 50 ms`);
const journey = await new Journey().begin(null, { around: inRoot("tests/browser/support/copying_worker.mjs"), vars: { MAX_ITEMS: 2 * COUNT } });
try {
  const user = newUser();
  const profile = await journey.profile("a", { serviceWorkers: "block" });
  const { app, proxy } = profile;
  const { page } = app;
  await app.signUp(user);
  await app.newFolder("Many");
  await app.openFolder("Many");
  await app.drop([journey.file("template.txt", "a file")]);
  await app.appears("template.txt", { version: 1 });
  const address = page.url();
  const of = Object.fromEntries((await app.items()).map(({ id, file }) => [file ? "file" : "folder", id]));
  const made = await app.api("/api/v1/devices/tokens", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "bench" }) });
  const { token } = made.json;
  await page.waitForTimeout(1000);
  // A file of the same origin, so that no page writes meanwhile.
  await page.goto(`${app.url}/robots.txt`);
  const since = Date.now();
  await page.evaluate(fill, { count: COUNT, inOne: IN_ONE });
  note(`${COUNT} names were written in ${((Date.now() - since) / 1000).toFixed(0)} s`);

  await page.addInitScript(watch);
  proxy.cutApi();
  await page.goto(address);
  results.listedMs = await eventually(() => page.evaluate(() => globalThis.listedAt), "the rows", LONG);
  told("navigation to the rows of the folder", `${results.listedMs.toFixed(0)} ms`);
  const rows = await app.rowCount();
  if (rows < IN_ONE) throw new Error(`${rows} rows are listed`);
  await page.waitForTimeout(3000);
  const tasks = () => tasksOf(page);
  results.openTasks = await tasks();
  told("longest task of the page's thread meanwhile", longest(results.openTasks));

  // Somebody comes to the rows.
  await app.list().hover();
  const list = await app.list().elementHandle();
  for (let step = 0; step < 60; step += 1) {
    await list.evaluate((node, share) => (node.scrollTop = node.scrollHeight * share), ((step * 37) % 60) / 60);
    await page.waitForTimeout(50);
  }
  results.scrollTasks = await tasks();
  told(`scrolling through ${IN_ONE} rows, longest task`, longest(results.scrollTasks));

  await page.keyboard.press("Control+k");
  await page.getByTestId("found").first().waitFor({ timeout: LONG });
  const typed = Date.now();
  await page.getByTestId("find").fill("name 777");
  await page.locator('[data-found="name 777"]').waitFor({ state: "attached", timeout: LONG });
  results.foundMs = Date.now() - typed;
  results.searchTasks = await tasks();
  told("search, from the first text to the whole list", `${results.foundMs} ms; longest task: ${longest(results.searchTasks)}`);
  await page.keyboard.press("Escape");

  results.memory = rendererMemory(journey, profile, "VmRSS");
  told("memory of the renderers", results.memory === null ? "only measured on Linux" : bytes(results.memory));

  await page.goto(address);
  results.firstRowsMs = await eventually(() => page.evaluate(() => globalThis.firstRowsAt), "the first rows", LONG);
  told("opened again, navigation to the first rows of the folder", `${results.firstRowsMs.toFixed(0)} ms`);
  results.listedAgainMs = await eventually(() => page.evaluate(() => globalThis.listedAt), "the rows", LONG);
  told("and to all of its rows", `${results.listedAgainMs.toFixed(0)} ms`);

  const before = proxy.requests.length;
  proxy.mend();
  await app.connectionIs("live", 4 * SOON);
  results.receivedBytes = proxy.received(/ \/api\//, before);
  told("received until up to date", bytes(results.receivedBytes));
  await profile.close();
  await fromTheServer(user, { of, token, path: new URL(address).pathname });
  console.log(`\n${COUNT} names, ${IN_ONE} in one folder\n\n${table([["what", "figure"], ...figures])}`);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} catch (error) {
  await journey.keepEvidence(error);
  throw error;
} finally {
  await journey.end();
}

/** The server has the drive, and a browser gets it. */
async function fromTheServer(user, { of, token, path }) {
  const since = Date.now();
  for (let from = 0; from < COUNT; from += 50_000) {
    const to = Math.min(COUNT, from + 50_000);
    const answer = await fetch(journey.server.url + COPIES, { method: "POST", body: JSON.stringify({ of, from, to, inOne: IN_ONE }) });
    const { items } = await answer.json();
    if (items !== to - from) throw new Error(`${items} items were made of ${to - from}`);
  }
  note(`the server got ${COUNT} items in ${((Date.now() - since) / 1000).toFixed(0)} s`);

  const { app, proxy } = await journey.profile("b", { serviceWorkers: "block" });
  const { page } = app;
  await page.addInitScript(watch);
  await page.goto(app.url + path);
  const began = proxy.requests.length;
  const signedIn = Date.now();
  await app.trySignIn(user);
  await app.connectionIs("live", LONG);
  results.fillMs = Date.now() - signedIn;
  const list = proxy.matching(/^GET \/api\/v1\/changes\/list/, began);
  results.fill = { requests: list.length, rows: rowsRead(list) };
  told("another browser, from signing in to having all", `${(results.fillMs / 1000).toFixed(0)} s, ${list.length} requests for the list`);
  told("rows that D1 read for these", results.fill.rows.toLocaleString("en"));
  results.fillTasks = await tasksOf(page);
  told("longest task of the page's thread meanwhile", longest(results.fillTasks));
  await eventually(async () => (await app.rowCount()) > IN_ONE, "all rows are listed", LONG);
  await page.waitForTimeout(3000);
  await tasksOf(page);

  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const url = `${journey.server.url}/api/v1/items/${of.file}`;
  const { place_version } = await (await fetch(url, { headers })).json();
  const change = { operation_id: randomUUID(), base_place_version: place_version, parent: of.folder, name: "0 is first of all" };
  const before = proxy.requests.length;
  const asked = proxy.requests.findLast(({ path }) => path.startsWith("/api/v1/notifications"));
  const changedAt = Date.now();
  const changed = await fetch(url, { method: "PATCH", headers, body: JSON.stringify(change) });
  if (!changed.ok) throw new Error(`the file was not renamed: ${changed.status} ${await changed.text()}`);
  await app.appears(change.name, { timeout: LONG });
  results.changeMs = Date.now() - changedAt;
  await page.waitForTimeout(2000);
  results.changeTasks = await tasksOf(page);
  const pulled = proxy.matching(/^GET \/api\/v1\/changes\/list/, before);
  results.change = { poll: rowsRead([asked]), pull: rowsRead(pulled), pulls: pulled.length, rename: timing(changed.headers.get("server-timing")).rows };
  told("another device's new name, until it is shown", `${results.changeMs} ms; longest task: ${longest(results.changeTasks)}`);
  told("rows that D1 read for it", `${results.change.rename} to rename, ${results.change.poll} by the poll, ${results.change.pull} by what follows it`);
}

/** What requests were told in `Server-Timing` of rows. */
function rowsRead(requests) {
  return requests.reduce((sum, request) => {
    const { rows } = timing(request.timing);
    if (rows === undefined) throw new Error(`${request.method} ${request.path} says nothing of rows`);
    return sum + rows;
  }, 0);
}

function timing(header = "") {
  return Object.fromEntries(header.split(", ").map((one) => one.split(";dur=")).map(([name, value]) => [name, Number(value)]));
}

function tasksOf(page) {
  return page.evaluate(() => globalThis.longTasks.splice(0).map(({ duration }) => duration));
}

/** In the page, before it runs: notes long tasks, and when rows are there. */
function watch() {
  globalThis.longTasks = [];
  new PerformanceObserver((list) => globalThis.longTasks.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })))).observe({ type: "longtask", buffered: true });
  const look = () => {
    if (document.querySelector("[data-testid=first-rows] .row")) globalThis.firstRowsAt ??= performance.now();
    if (document.querySelectorAll("[data-testid=row]").length >= 10) globalThis.listedAt ??= performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

/** In the page: copies what is there. */
async function fill({ count, inOne }) {
  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await done(indexedDB.open("driftless"));
  const items = (await done(database.transaction("items").objectStore("items").getAll())).map((text) => JSON.parse(text));
  const [folder, file] = [items.find(({ file }) => !file), items.find(({ file }) => file)];
  let parent = folder.id;
  for (let n = 0; n < count; ) {
    const transaction = database.transaction("items", "readwrite");
    const store = transaction.objectStore("items");
    for (const end = Math.min(count, n + 20_000); n < end; n += 1) {
      const id = crypto.randomUUID();
      const isFolder = n >= inOne && n % 100 === 0;
      const item = isFolder
        ? { ...folder, id, parent: null, name: `Folder ${n}` }
        : { ...file, id, parent, name: `A file with a name ${(n * 7919) % count}.txt` };
      if (isFolder) parent = id;
      store.put(JSON.stringify(item), id);
    }
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
  }
  database.close();
}
