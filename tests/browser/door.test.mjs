// What is handed in: names that collide, names that are taken, what can't be
// taken in, and what is cancelled. Nothing of it is lost without a word.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UPLOAD } from "./support/app.mjs";
import { serious } from "./support/axe.mjs";
import { eventually } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

/** What the server has of each live file, by its path. */
async function contents(app) {
  const items = await app.items();
  const byId = new Map(items.map((item) => [item.id, item]));
  const path = (item) => (item.parent ? `${path(byId.get(item.parent))}/` : "") + item.name;
  const files = items.filter((item) => item.file);
  const texts = files.map(async (item) => [path(item), (await app.api(`/api/v1/files/${item.id}/content`)).text]);
  return Object.fromEntries((await Promise.all(texts)).sort());
}

const holds = (app, expected, what) => eventually(async () => {
  assert.deepEqual(await contents(app), expected);
  return true;
}, what, UPLOAD);
