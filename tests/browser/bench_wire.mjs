// What travels for an edit, from the real page in a real browser. Started by
// `npm run bench`, which has built everything.
//
// For each edit of tests/browser/support/edits.mjs, a new person: A drops the
// first version, B downloads it by the row's menu; A drops the next one over it;
// B downloads that. Counted are all requests of the API, with headers, at the
// proxy of each browser: up is A from its drop until B shows the version, down is
// B's download. A parked poll is not counted: it is there without the edit, too.
// "No cache": the same once more with a new person, and what each browser keeps
// in its file system is deleted before the edit, and before the second download.
//
// Beside it, what rsync and xdelta3 send for the same files (see support/peers.mjs), and
// whether what travelled is within the bounds of support/bounds.mjs.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { onPath } from "../../scripts/lib/run.mjs";
import { note, table } from "../../scripts/lib/say.mjs";
import { UPLOAD, newUser, sha256OfFile } from "./support/app.mjs";
import { missed } from "./support/bounds.mjs";
import { edits } from "./support/edits.mjs";
import { expect } from "./support/expect.mjs";
import { Journey } from "./support/journey.mjs";
import { howToInstallPeers, peers } from "./support/peers.mjs";

const quick = Boolean(process.env.DRIFTLESS_BENCH_QUICK);
const API = /^\w+ \/api\/v1\/(?!notifications\/)/;
const NAME = "edited.bin";
const only = process.env.DRIFTLESS_BENCH_EDITS;
const count = (bytes) => (bytes === null ? "–" : bytes.toLocaleString("en"));
const sum = ({ sent, received }) => count(sent + received);

const results = [];
const missing = howToInstallPeers();
if (missing) note(missing);
for (const edit of edits.filter(({ name }) => !only || name.includes(only))) {
  if (edit.needs && !onPath(edit.needs.program)) {
    note(`left out: ${edit.name}, because there is no ${edit.needs.program}. On Debian: apt-get install ${edit.needs.package}`);
    continue;
  }
  const journey = await new Journey().begin();
  try {
    results.push(await measure(journey, edit));
  } catch (error) {
    await journey.keepEvidence(error);
    throw error;
  } finally {
    await journey.end();
  }
}
console.log(
  `\n${table([
    ["edit", "whole file", "up", "down", "up, no cache", "down, no cache", "rsync", "rsync -z", "xdelta3 -9"],
    ...results.map(({ edit, size, cached, uncached, peers }) => [
      edit, count(size), sum(cached.up), sum(cached.down), uncached ? sum(uncached.up) : "–", uncached ? sum(uncached.down) : "–",
      ...[peers.rsync, peers.rsyncZ, peers.xdelta].map(count),
    ]),
  ])}`,
);
note("bytes in both directions with headers; each request is in the JSON");
for (const result of results.filter(({ edit }) => !["renamed", "copied"].includes(edit))) {
  note(`${result.edit}: ${result.misses.length === 0 ? "within all bounds" : `misses ${result.misses.join("; ")}`}`);
}
if (process.env.DRIFTLESS_BENCH_JSON) writeFileSync(process.env.DRIFTLESS_BENCH_JSON, JSON.stringify(results));

async function measure(journey, { name, make, how, isDocument }) {
  const folder = mkdtempSync(path.join(journey.folder, "edit-"));
  const { from, to } = make(folder);
  // Both under one name, as a person has them.
  const [first, second] = [from, to].map((file, i) => {
    const named = path.join(folder, `version-${i + 1}`, how === "copy" && i === 1 ? "copy.bin" : NAME);
    mkdirSync(path.dirname(named));
    copyFileSync(file, named);
    return named;
  });
  const result = { edit: name, size: statSync(to).size, isDocument, peers: peers(from, to) };
  result.cached = await travel(journey, "", first, second, how);
  if (!quick && !how) result.uncached = await travel(journey, "-no-cache", first, second, how);
  rmSync(folder, { recursive: true, force: true });
  result.misses = missed(result);
  const { up, down } = result.cached;
  note(`${name}: up ${count(up.sent)} + ${count(up.received)} in ${up.requests.length}, down ${count(down.received)} + ${count(down.sent)} in ${down.requests.length}`);
  return result;
}

async function travel(journey, label, first, second, how) {
  const user = newUser();
  const a = await journey.profile(`a${label}`);
  const b = await journey.profile(`b${label}`);
  await a.app.signUp(user);
  await b.app.signIn(user);
  await a.app.drop([first]);
  await a.app.uploadIs(NAME, ["done"], UPLOAD);
  await b.app.appears(NAME, { version: 1, timeout: UPLOAD });
  expect(sha256OfFile(await b.app.download(NAME)), "the first version").toBe(sha256OfFile(first));
  const shown = how ? path.basename(how === "rename" ? "renamed.bin" : second) : NAME;
  const version = how ? 1 : 2;

  if (label) await forget(a.app);
  await a.app.page.waitForTimeout(500);
  const markA = a.proxy.requests.length;
  if (how === "rename") await a.app.rename(NAME, shown);
  else await a.app.drop([second]);
  await b.app.appears(shown, { version, timeout: UPLOAD });
  await a.app.appears(shown, { version, timeout: UPLOAD });
  await a.app.page.waitForTimeout(500);
  const up = counted(a, markA);

  if (label) await forget(b.app);
  await b.app.page.waitForTimeout(500);
  const markB = b.proxy.requests.length;
  expect(sha256OfFile(await b.app.download(shown)), "the second version").toBe(sha256OfFile(second));
  const down = counted(b, markB);
  await Promise.all([a.close(), b.close()]);
  return { up, down };
}

function counted({ proxy }, mark) {
  const requests = proxy.matching(API, mark).map(({ method, path, sent, received }) => ({ request: `${method} ${path}`, sent, received }));
  return { sent: proxy.sent(API, mark), received: proxy.received(API, mark), requests };
}

/** Deletes what the page keeps in the browser's file system, and opens it anew. */
async function forget(app) {
  await app.page.goto(`${app.url}/robots.txt`).catch(() => {});
  await app.page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    for await (const name of root.keys()) await root.removeEntry(name, { recursive: true });
  });
  await app.open();
  await app.isSignedIn();
  await app.appears(NAME);
}
