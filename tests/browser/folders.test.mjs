// Folders: many files at once, new folders, names, the trash, and the list
// without a server.
import path from "node:path";
import { test } from "node:test";
import { SOON, UPLOAD, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

/** More than the hundred entries that a browser hands out in one go. */
const FILES = 260;

function makeTree(journey) {
  for (let i = 0; i < FILES; i += 1) {
    // 130 files in one folder; the others spread over nested ones.
    const place = i < 130 ? "flat" : `deep/${i % 5}/${i % 3}`;
    journey.file(`tree/${place}/file-${i}.txt`, `file number ${i}\n`.repeat(1 + (i % 50)));
  }
  return path.join(journey.folder, "files", "tree");
}

const filesOf = async (app) => (await app.items()).filter((item) => item.file !== null).length;

for (const [how, send] of [
  ["picked", (app, tree) => app.pickFolder(tree)],
  ["dropped", (app, tree) => app.drop([tree])],
]) {
  test(`a ${how} folder of ${FILES} files arrives whole`, () =>
    journey(async (journey) => {
      const { a, b } = await journey.computers("a", "b");
      await send(a.app, makeTree(journey));
      await b.app.appears("tree");
      await eventually(async () => (await filesOf(a.app)) === FILES, `${FILES} files on the server`, UPLOAD);
      const blocks = a.proxy.matching(/^POST \/api\/v1\/blocks/).length;
      console.log(`  ${FILES} files took ${blocks} requests for their blocks, ${a.proxy.requests.length} in all`);

      await b.app.openFolder("tree");
      await b.app.openFolder("flat");
      await b.app.appears("file-0.txt");
      expect(await b.app.rowCount(), "rows of the folder").toBe(130);
      await b.app.page.goBack();
      await b.app.openFolder("deep");
      await b.app.openFolder("4");
      await b.app.appears("2");
    }));
}

test("new folder, rename, drop into it, trash and restore", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;

    // Its row stays when the server has taken it: a press on it may be under way.
    a.proxy.refuse(/^\/api\/v1\/folders/);
    await a.app.newFolder("Drafts");
    const row = await a.app.row("Drafts").elementHandle();
    a.proxy.mend();
    await b.app.appears("Drafts");
    await page.locator("[data-testid=row][data-name=Drafts]:not([data-pending])").waitFor({ timeout: SOON });
    expect(await row.evaluate((row) => row.isConnected), "the row of the folder is as it was").toBe(true);

    await a.app.rename("Drafts", "Papers");
    await b.app.appears("Papers");
    await b.app.disappears("Drafts");

    await a.app.drop([journey.file("thesis.txt", "to be written")], "Papers");
    await b.app.openFolder("Papers");
    await b.app.appears("thesis.txt", { version: 1 });
    expect(await a.app.names(), "A's root").toBe(["Papers"]);

    await b.app.goTo("Activity");
    const done = (text) => b.app.page.getByTestId("done").filter({ hasText: text }).waitFor({ timeout: SOON });
    await done("You added “Drafts” in Files");
    await done("You renamed “Drafts” to “Papers”");
    await done("You added “thesis.txt” in “Papers”");

    await a.app.choose("Papers", "Move to trash");
    await a.app.disappears("Papers");
    await a.app.goTo("Trash");
    await page.getByText("Papers", { exact: true }).first().waitFor({ timeout: SOON });
    await page.getByRole("button", { name: /^Restore/ }).first().click();
    await a.app.goTo("Files");
    await a.app.appears("Papers");
    // B was told while it looked.
    await done("You moved “Papers” to the trash");
    await done("You took “Papers” out of the trash");
    await look(b.app.page, "activity");
  }));

test("a reload shows the list although the server does not answer", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    await a.app.drop([journey.file("one.txt", "1"), journey.file("two.txt", "2")]);
    for (const name of ["one.txt", "two.txt"]) await a.app.appears(name, { version: 1 });
    await a.app.uploadIs("two.txt", ["done"]);

    a.proxy.cutApi();
    const since = performance.now();
    await a.app.page.reload();
    for (const name of ["one.txt", "two.txt"]) await a.app.appears(name, { timeout: 5_000 });
    console.log(`  the list was there ${Math.round(performance.now() - since)} ms after the reload`);

    a.proxy.mend();
    await a.app.connectionIs("live", 60_000);
  }));
