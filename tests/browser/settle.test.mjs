// Deciding on several conflicts at once, and decisions that come too late.
//  1. Three computers that changed one file: both later versions are kept beside
//     it, under two names, with one press.
//  2. Of some files the other computer's versions are kept, of others the newest
//     of one's own: both computers have what was chosen.
//  3. A merge that was saved offline, while somebody else was faster, overwrites
//     nothing: it is kept, can be saved as a file, and is made on the newest
//     version then.
//  4. The edit of a file that was deleted meanwhile is let go of, which takes
//     nothing but the new file away.
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const LONG = 4 * SOON;
const text = async (app, name) => readFileSync(await app.download(name), "utf8");
const closeDialog = ({ page }) => page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
const nothingToDecide = ({ page }) => page.getByRole("heading", { name: "Nothing to decide" }).waitFor({ timeout: SOON });
const several = ({ page }, name) => page.getByRole("toolbar", { name: "Decide on several" }).getByRole("button", { name }).click();

async function openCentre({ page }, link) {
  await page.getByRole("banner").getByRole("link", { name: link }).click({ timeout: LONG });
}

test("two late versions of one file are both kept, under two names", () =>
  journey(async (journey) => {
    const { a, b, c } = await journey.computers("a", "b", "c");
    await a.app.drop([journey.file("base/plan.txt", "as it was")]);
    for (const { app } of [a, b, c]) await app.appears("plan.txt", { version: 1 });
    for (const [profile, side] of [[b, "b"], [c, "c"]]) {
      await profile.goOffline();
      await profile.app.connectionIs("offline");
      await profile.app.drop([journey.file(`${side}/plan.txt`, `as ${side} has it`)]);
      await profile.app.uploadIs("plan.txt", ["offline", "waiting"]);
    }
    await a.app.drop([journey.file("a/plan.txt", "as a has it")]);
    await a.app.appears("plan.txt", { version: 2 });
    for (const profile of [b, c]) {
      await profile.goOnline();
      await profile.app.conflictDialog().waitFor({ timeout: LONG });
      await closeDialog(profile.app);
    }
    const { page } = b.app;
    await openCentre(b.app, "2 conflicts");
    await eventually(async () => (await page.getByTestId("conflict").count()) === 2, "both conflicts are listed");
    await page.getByRole("checkbox", { name: "Choose all" }).check();
    await several(b.app, "Keep both");
    await nothingToDecide(b.app);
    for (const { app, label } of [a, b, c]) {
      await app.goTo("Files");
      await eventually(async () => (await app.names()).length === 3, `both copies are on ${label}`);
      const copies = (await app.names()).filter((name) => name !== "plan.txt");
      expect(await text(app, "plan.txt"), `the file on ${label}`).toBe("as a has it");
      const contents = [await text(app, copies[0]), await text(app, copies[1])].sort();
      expect(contents, `the copies on ${label}`).toBe(["as b has it", "as c has it"]);
    }
  }));

test("theirs of some files and mine of others", () =>
  journey(async (journey) => {
    const sides = (name) => ({ base: `${name} as it was`, a: `${name} by A`, b: `${name} by B` });
    const { a, b } = await bothEdit(journey, {
      "one.txt": sides("one"),
      "two.txt": sides("two"),
      "three.txt": sides("three"),
    });
    await closeDialog(b.app);
    await openCentre(b.app, "3 conflicts");
    const { page } = b.app;
    await page.getByRole("checkbox", { name: "Choose two.txt" }).check();
    await several(b.app, "Keep theirs");
    await eventually(async () => (await page.getByTestId("conflict").count()) === 2, "one is settled");
    await page.getByRole("checkbox", { name: "Choose all" }).check();
    await several(b.app, "Keep newest of mine");
    await nothingToDecide(b.app);
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears("one.txt", { version: 3 });
      await app.appears("three.txt", { version: 3 });
      await app.appears("two.txt", { version: 2 });
      expect(await text(app, "one.txt"), `one.txt on ${label}`).toBe("one by B");
      expect(await text(app, "two.txt"), `two.txt on ${label}`).toBe("two by A");
      expect(await text(app, "three.txt"), `three.txt on ${label}`).toBe("three by B");
      expect((await app.names()).length, `rows on ${label}`).toBe(3);
    }
  }));

test("a merge that comes too late is kept and made again", () =>
  journey(async (journey) => {
    const lines = (changes) => Array.from({ length: 12 }, (_, i) => `${changes[i] ?? `line ${i}`}\n`).join("");
    const { a, b } = await bothEdit(journey, {
      "list.txt": { base: lines({}), a: lines({ 3: "3 by A" }), b: lines({ 3: "3 by B" }) },
    });
    const { page } = b.app;
    await page.getByRole("button", { name: "Compare and merge" }).click();
    await page.getByRole("button", { name: "Second", exact: true }).click();
    await page.getByTestId("merge-count").getByText("1 of 1 resolved", { exact: true }).waitFor({ timeout: SOON });
    await b.goOffline();
    await b.app.connectionIs("offline");
    await page.getByRole("button", { name: "Save the result" }).click();
    await page.getByText("Merged. It is sent once there is a connection").waitFor({ timeout: SOON });
    await a.app.drop([journey.file("third/list.txt", lines({ 3: "3 by A", 9: "9 by A, later" }))]);
    await a.app.appears("list.txt", { version: 3 });
    await b.goOnline();

    await openCentre(b.app, "1 conflict");
    await page.getByRole("link", { name: "Decide on list.txt" }).click();
    await page.getByTestId("stopped-merge").waitFor({ timeout: LONG });
    await look(page, "stopped-merge");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download what I merged" }).click();
    expect(readFileSync(await (await saved).path(), "utf8"), "what was merged").toBe(lines({ 3: "3 by B" }));

    const count = page.getByTestId("merge-count");
    await count.waitFor({ timeout: SOON });
    await count.getByText("1 of 1 resolved", { exact: true }).waitFor({ timeout: SOON });
    await page.getByRole("button", { name: "Save the result" }).click();
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears("list.txt", { version: 4 });
      expect(await text(app, "list.txt"), `the result on ${label}`).toBe(lines({ 3: "3 by B", 9: "9 by A, later" }));
    }
  }));

test("the edit of a deleted file is let go of", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop([journey.file("base/plan.txt", "as it was"), journey.file("base/other.txt", "something else")]);
    for (const { app } of [a, b]) for (const name of ["plan.txt", "other.txt"]) await app.appears(name, { version: 1 });
    await b.goOffline();
    await b.app.connectionIs("offline");
    await b.app.drop([journey.file("b/plan.txt", "changed by B")]);
    await a.app.choose("plan.txt", "Move to trash");
    await a.app.disappears("plan.txt");
    await eventually(async () => (await a.app.items()).length === 1, "the server has it in the trash");
    await b.goOnline();

    await openCentre(b.app, "1 conflict");
    await b.app.page.getByTestId("matter").getByRole("button", { name: /^Let my version go/ }).click();
    await nothingToDecide(b.app);
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await eventually(async () => (await app.names()).join() === "other.txt", `only the other file is on ${label}`);
    }
    // Both are in the trash, and can be restored.
    await b.app.goTo("Trash");
    await eventually(async () => (await b.app.page.getByRole("button", { name: /^Restore/ }).count()) === 2, "both versions are in the trash");
  }));
