// Two computers edit one file while both are offline. The first that comes back
// wins, the second is asked, and each of the three answers ends the same on
// both, with the bytes that it promises.
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const text = (who) => `${who}\n`.repeat(20_000);
const NAME = "notes.txt";

const bothEditNotes = (journey) =>
  bothEdit(journey, { [NAME]: { base: text("base"), a: text("from A"), b: text("from B") } });

const holds = async ({ app, label }, name, content) =>
  expect(sha256OfFile(await app.download(name)), `${name} on ${label}`).toBe(sha256(content));

const answer = async ({ app }, button) => {
  await app.conflictDialog().getByRole("button", { name: button, exact: true }).click();
  await app.conflictDialog().waitFor({ state: "detached", timeout: SOON });
};

test("keep mine: the second becomes the next version", () =>
  journey(async (journey) => {
    const { a, b } = await bothEditNotes(journey);
    await answer(b, "Keep mine");
    for (const profile of [a, b]) {
      await profile.app.appears(NAME, { version: 3 });
      await holds(profile, NAME, text("from B"));
      expect(await profile.app.names(), "the rows").toBe([NAME]);
    }
  }));

test("keep theirs: the first stays", () =>
  journey(async (journey) => {
    const { a, b } = await bothEditNotes(journey);
    await answer(b, "Keep theirs");
    for (const profile of [a, b]) {
      await profile.app.appears(NAME, { version: 2 });
      await holds(profile, NAME, text("from A"));
      expect(await profile.app.names(), "the rows").toBe([NAME]);
    }
  }));

test("keep both: two files on both computers", () =>
  journey(async (journey) => {
    const { a, b } = await bothEditNotes(journey);
    await answer(b, "Keep both");
    for (const profile of [a, b]) {
      await eventually(async () => (await profile.app.names()).length === 2, `two rows on ${profile.label}`);
      const copy = (await profile.app.names()).find((name) => name !== NAME);
      expect(copy, "the copy's name").toMatch(/^notes.*\.txt$/);
      await profile.app.appears(NAME, { version: 2 });
      await holds(profile, NAME, text("from A"));
      await holds(profile, copy, text("from B"));
    }
  }));

test("a conflict survives a reload and is asked about again", () =>
  journey(async (journey) => {
    const { a, b } = await bothEditNotes(journey);
    await b.app.page.reload();
    await b.app.conflictDialog().waitFor({ timeout: SOON });
    await answer(b, "Keep mine");
    for (const profile of [a, b]) await profile.app.appears(NAME, { version: 3 });
    await holds(a, NAME, text("from B"));
  }));

test("what was decided is taken back: the file is as before, and the conflict is open", () =>
  journey(async (journey) => {
    const { a, b } = await bothEditNotes(journey);
    await answer(b, "Keep mine");
    for (const profile of [a, b]) await profile.app.appears(NAME, { version: 3 });
    await b.app.goTo("Conflicts");
    await b.app.page.getByTestId("settled-conflict").getByText(/^The version of .* was kept/).waitFor({ timeout: SOON });
    await b.app.page.getByRole("button", { name: `Take back what was decided on ${NAME}` }).click();
    for (const profile of [a, b]) {
      await profile.app.page.getByRole("banner").getByRole("link", { name: "1 conflict" }).waitFor({ timeout: SOON });
      await profile.app.goTo("Files");
      await profile.app.appears(NAME, { version: 4 });
      await holds(profile, NAME, text("from A"));
    }
  }));
