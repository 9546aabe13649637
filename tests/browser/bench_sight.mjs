// How fast the page is seen. Started by `npm run bench`, which has built everything.
//
//  - sign-in: the page at its address, with an empty browser;
//  - list: somebody comes again whose browser has their 200 files in its database and the
//    page's files in its caches, with the service worker.
//
// Each is judged by Lighthouse as a desktop and as a phone, three times, of which the one
// with the middle score counts. The runtime compresses the page's files as the edge does.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { note, table } from "../../scripts/lib/say.mjs";
import { App, UPLOAD, newUser } from "./support/app.mjs";
import { eventually } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";
import { judge, openBrowser } from "./support/lighthouse.mjs";

const TIMES = process.env.DRIFTLESS_BENCH_QUICK ? 1 : 3;

const results = {};
const rows = [["Lighthouse", "performance", "first paint", "largest paint", "speed index", "blocked", "shift"]];
const journey = await new Journey().begin();
const { url } = journey.server;
const browser = await openBrowser(path.join(journey.folder, "profile-sight"));
try {
  for (const desktop of [true, false]) await measure("sign-in", { desktop });
  await signUpWithFiles();
  for (const desktop of [true, false]) await measure("list, here again", { desktop, kept: true });
  console.log(`\n${table(rows)}`);
  if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));
} finally {
  await browser.context.close();
  await journey.end();
}

async function measure(what, how) {
  const label = `${what}, ${how.desktop ? "desktop" : "phone"}`;
  const all = [];
  for (let i = 0; i < TIMES; i += 1) all.push(await judge(browser, url, how));
  all.sort((a, b) => a.score - b.score);
  const middle = (results[label] = all[Math.floor(all.length / 2)]);
  const ms = (value) => `${Math.round(value)} ms`;
  rows.push([label, middle.score, ms(middle.firstPaintMs), ms(middle.largestPaintMs), ms(middle.speedIndexMs), ms(middle.blockedMs), middle.shift.toFixed(3)]);
  note(rows.at(-1).join(", "));
}

async function signUpWithFiles() {
  const page = await browser.context.newPage();
  const app = new App(page, url);
  await app.signUp(newUser());
  const names = Array.from({ length: 200 }, (_, i) => `listed-${String(i).padStart(3, "0")}.txt`);
  await app.pickFiles(names.map((name) => journey.file(name, name)));
  await eventually(async () => (await app.items()).length >= 200, "200 files on the server", UPLOAD);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForTimeout(1000);
  // A page beside the one that is judged would take its part of the machine.
  await page.goto("about:blank");
}
