// What two computers do to names, places and whole files while they do not hear
// of each other: each has its own words in the conflict centre and its own ways
// on, and stays there until the person has decided.
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const LONG = 4 * SOON;

/** B does something offline; then A something online; then B comes back. */
async function meanwhile({ a, b }, onB, onA) {
  await b.goOffline();
  await b.app.connectionIs("offline");
  await onB(b.app);
  await onA(a.app);
  await b.goOnline();
}

async function centre({ page }) {
  await page.getByRole("banner").getByRole("link", { name: "1 conflict" }).click({ timeout: LONG });
  const matter = page.getByTestId("matter");
  await matter.waitFor({ timeout: SOON });
  return matter;
}

const settled = ({ page }) => page.getByRole("heading", { name: "Nothing to decide" }).waitFor({ timeout: SOON });

test("an edit and a deletion: the file comes back with the edit", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop([journey.file("base/plan.txt", "as it was")]);
    for (const { app } of [a, b]) await app.appears("plan.txt", { version: 1 });
    await meanwhile(
      { a, b },
      (app) => app.drop([journey.file("b/plan.txt", "changed by B")]),
      async (app) => {
        await app.choose("plan.txt", "Move to trash");
        await app.disappears("plan.txt");
        await eventually(async () => (await app.items()).length === 0, "the server has it in the trash");
      },
    );
    const matter = await centre(b.app);
    await matter.getByText("The file was deleted while you changed it.").waitFor();
    await look(b.app.page, "matter-deleted");
    await matter.getByRole("button", { name: /^Bring the file back/ }).click();
    await settled(b.app);
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears("plan.txt", { version: 2, timeout: LONG });
      expect(await app.names(), `the rows on ${label}`).toBe(["plan.txt"]);
      expect(sha256OfFile(await app.download("plan.txt")), `the file on ${label}`).toBe(sha256("changed by B"));
    }
  }));

test("two renames: the second is made after all", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop([journey.file("plan.txt", "as it was")]);
    for (const { app } of [a, b]) await app.appears("plan.txt", { version: 1 });
    await meanwhile(
      { a, b },
      (app) => app.rename("plan.txt", "from-b.txt"),
      async (app) => {
        await app.rename("plan.txt", "from-a.txt");
        await eventually(async () => (await app.items())[0].name === "from-a.txt", "the server has A's name");
      },
    );
    const matter = await centre(b.app);
    await matter.getByText(/renamed or moved it first, so your change to “from-b.txt” was not made/).waitFor();
    await matter.getByRole("button", { name: /^Make my change after all/ }).click();
    await settled(b.app);
    for (const { app } of [a, b]) {
      await app.goTo("Files");
      await app.appears("from-b.txt");
    }
  }));

test("a move into a folder that was deleted: the folder comes back", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.newFolder("Papers");
    await a.app.drop([journey.file("plan.txt", "as it was")]);
    for (const { app } of [a, b]) {
      await app.appears("Papers");
      await app.appears("plan.txt", { version: 1 });
    }
    await meanwhile(
      { a, b },
      async (app) => {
        await app.choose("plan.txt", "Move…");
        await app.page.getByRole("dialog").getByRole("button", { name: "Papers" }).click();
        await app.page.getByRole("dialog").getByRole("button", { name: /^Move here/ }).click();
        await app.disappears("plan.txt");
      },
      async (app) => {
        await app.choose("Papers", "Move to trash");
        await app.disappears("Papers");
        await eventually(async () => (await app.items()).every(({ name }) => name !== "Papers"), "the server has the folder in the trash");
      },
    );
    const matter = await centre(b.app);
    await matter.getByText("You moved it into “Papers”, which was deleted meanwhile. It is where it was.").waitFor();
    await matter.getByRole("button", { name: /^Restore the folder and move it there/ }).click();
    await settled(b.app);
    for (const { app } of [a, b]) {
      await app.goTo("Files");
      await app.appears("Papers", { timeout: LONG });
      await app.openFolder("Papers");
      await app.appears("plan.txt", { timeout: LONG });
    }
  }));

test("a file and a folder of one name: the second has another one", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await meanwhile(
      { a, b },
      (app) => app.drop([journey.file("Plans", "a file without an ending")]),
      async (app) => {
        await app.newFolder("Plans");
        await eventually(async () => (await app.items()).length === 1, "the server has the folder");
      },
    );
    const matter = await centre(b.app);
    await matter.getByText(/^A file and a folder were both named “Plans”/).waitFor();
    await look(b.app.page, "matter-name");
    await b.app.page.reload();
    await matter.waitFor({ timeout: SOON });
    await matter.getByRole("button", { name: /^That is fine/ }).click();
    await settled(b.app);
    await b.app.goTo("Files");
    await eventually(async () => (await b.app.names()).length === 2, "both are there");
  }));
