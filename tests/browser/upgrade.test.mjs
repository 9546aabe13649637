// Whoever comes from an earlier version loses nothing: the server starts on data that
// that version has written, and the page on what it has left in a browser, with
// something of every kind that was not sent (tests/fixtures/make.mjs says of what).
//  1. It opens with the session that it has, and sends everything. What the server had
//     taken already, without the browser having heard of it, is told as a repeat:
//     each version, file and folder is there once.
//  2. Another browser signs in with the password, and reads every version of every
//     file, byte for byte.
//  3. What was begun goes on: a merge, and a matter that waits to be seen. Ids of
//     deleted items stay taken, and tokens work.
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { migrate, newState } from "../../scripts/lib/server.mjs";
import { SOON, sha256 } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { restore } from "./support/stored.mjs";
import { copies, edits, resolutions } from "./support/unsent.mjs";

const FIXTURES = inRoot("tests/fixtures");

for (const { name: version } of readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  test(`what ${version} left is sent once, and all that it stored is read`, async () => {
    const folder = path.join(FIXTURES, version);
    const state = newState();
    execFileSync("tar", ["-xzf", path.join(folder, "server.tar.gz"), "-C", state]);
    await migrate(state);
    const expected = JSON.parse(readFileSync(path.join(folder, "expected.json"), "utf8"));
    await journey(async (journey) => {
      const before = await journey.profile("before");
      const { app } = before;
      await restore(before, JSON.parse(gunzipSync(readFileSync(path.join(folder, "browser.json.gz")))));
      const unsent = { edits: (await edits(app.page)).length, resolutions: (await resolutions(app.page)).length };
      expect(unsent, "what waits in the browser").toBe(expected.unsent);
      await app.open();
      await app.isSignedIn();
      await eventually(async () => (await edits(app.page)).length + (await resolutions(app.page)).length === 0, "all is sent", 4 * SOON);
      await eventually(async () => (await copies(app.page)).length === 0, "no copy is left");
      expect(before.proxy.matching(/accounts\/sign-/).length, "sign-ins").toBe(0);

      const after = await journey.profile("after");
      await after.app.signIn(expected.user);
      await holds(after.app, expected);
      await goesOn(app);
    }, { state });
  });
}

/** The whole drive, by the API. */
async function holds(app, { files, conflicts, deleted, tokens }) {
  const get = async (path) => (await app.api(`/api/v1${path}`)).json;
  const items = new Map();
  for (let token = ""; ; ) {
    const page = await get(`/changes/list${token && `?since_token=${encodeURIComponent(token)}`}`);
    for (const change of page.changes) if (change.kind === "item") items.set(change.item.id, change.item);
    token = page.next_token;
    if (!page.has_more) break;
  }
  const pathOf = ({ parent, name }) => (parent ? `${pathOf(items.get(parent))}/${name}` : name);
  const there = {};
  for (const item of items.values()) {
    const versions = Array.from({ length: item.file?.version ?? 0 }, (_, i) => i + 1);
    const path = pathOf(item);
    expect(there[path], `a second ${path}`).toBe(undefined);
    there[path] = { versions: await hashes(app, versions.map((version) => `/api/v1/files/${item.id}/content?version=${version}`)) };
    if (item.trashed_at_ms) there[path].trashed = true;
  }
  const sorted = (all) => Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  expect(sorted(there), "the drive").toBe(sorted(files));

  const nameOf = ({ item }) => items.get(item).name;
  const open = {};
  for (const conflict of (await get("/conflicts")).conflicts) {
    expect(open[nameOf(conflict)], `a second conflict of ${nameOf(conflict)}`).toBe(undefined);
    [open[nameOf(conflict)]] = await hashes(app, [`/api/v1/conflicts/${conflict.id}/content`]);
  }
  expect(sorted(open), "what came second and is not decided on").toBe(sorted(conflicts.open));
  const resolved = (await get("/conflicts?state=resolved")).conflicts.map((conflict) => [nameOf(conflict), conflict.resolved.choice.choice]);
  expect(sorted(Object.fromEntries(resolved)), "what was decided").toBe(sorted(conflicts.resolved));
  expect(resolved.length, "decisions").toBe(Object.keys(conflicts.resolved).length);

  const again = { operation_id: crypto.randomUUID(), id: deleted, parent: null, name: "again" };
  const made = await app.api("/api/v1/folders", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(again) });
  expect(made.json.code, "an item with a deleted one's id").toBe("deleted_for_good");
  const papers = [...items.values()].find(({ name }) => name === "Papers");
  for (const [token, path, status] of [
    [tokens.whole, "/accounts/me", 200],
    [tokens.folder, `/items/${papers.id}`, 200],
    [tokens.folder, "/accounts/me", 403],
  ]) {
    const answer = await fetch(`${new URL(app.url).origin}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status, `${path} with a token`).toBe(status);
  }
}

/** The SHA-256 of what is answered at each path. */
async function hashes(app, paths) {
  const bytes = await app.page.evaluate(
    (paths) =>
      Promise.all(
        paths.map(async (path) => {
          const answer = await fetch(path);
          if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
          return Array.from(new Uint8Array(await answer.arrayBuffer()));
        }),
      ),
    paths,
  );
  return bytes.map((all) => sha256(Buffer.from(all)));
}

async function goesOn(app) {
  const { page } = app;
  // One of them is the matter.
  await page.getByRole("banner").getByRole("link", { name: "2 conflicts" }).click({ timeout: 4 * SOON });
  await page.getByTestId("matter").getByText(/your change to “matter-by-b.txt” was not made/).waitFor({ timeout: SOON });
  await page.getByRole("link", { name: "Decide on open.txt" }).click();
  await page.getByText(/^You have been here before: 1 choice holds/).waitFor({ timeout: 4 * SOON });
}
