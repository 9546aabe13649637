// What a person did is taken back, and done again: by the keyboard, and from the notice
// that tells of it. What was changed elsewhere since stays as it is.
//  1. A file is renamed in its row; undone, done again, and undone from the notice.
//  2. Two files are cut and pasted into a folder. B renames one of them. Undo brings the
//     other one back and names the one that stays.
//  3. Many files go into the trash together, and come back together.
//  4. Without a connection it is said that it is still to come.
//  5. A text field keeps its own undo, and an empty memory does nothing.
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const notice = (page, text) => page.getByTestId("notice").filter({ hasText: text }).first();
const told = (page, text) => notice(page, text).waitFor({ timeout: SOON });
const chosen = (page, names) =>
  eventually(
    async () => (await page.locator("[data-testid=row][aria-selected=true]").evaluateAll((rows) => rows.map((row) => row.dataset.name))).join() === names.join(),
    `${names} are chosen`,
  );

/** Renames the active row by the keyboard, but for its ending. */
async function typeName(page, stem) {
  await page.keyboard.press("F2");
  await page.getByRole("grid").getByRole("textbox").waitFor({ timeout: SOON });
  await page.keyboard.type(stem);
  await page.keyboard.press("Enter");
}

test("a name, a move and the trash are undone and done again", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;
    const { keyboard } = page;
    const names = ["a.txt", "b.txt", "c.txt"];
    await a.app.newFolder("Docs");
    await a.app.drop(names.map((name) => journey.file(name, name)));
    for (const name of ["Docs", ...names]) await b.app.appears(name);

    // 1
    await a.app.row("a.txt").click();
    await typeName(page, "new");
    await told(page, "“a.txt” is “new.txt” now");
    await b.app.appears("new.txt");
    await look(page, "undo-notice");
    await keyboard.press("Control+z");
    await told(page, "“a.txt” is called so again");
    await b.app.appears("a.txt");
    await keyboard.press("Control+Shift+z");
    await b.app.appears("new.txt");
    await keyboard.press("Control+z");
    await b.app.appears("a.txt");
    await keyboard.press("Control+y");
    await b.app.appears("new.txt");
    expect(await b.app.names(), "B's rows").toBe(["Docs", "b.txt", "c.txt", "new.txt"]);

    // 2
    await a.app.row("b.txt").click();
    await keyboard.press("Shift+ArrowDown");
    await chosen(page, ["b.txt", "c.txt"]);
    await keyboard.press("Control+x");
    await eventually(async () => (await page.locator(".row-cut").count()) === 2, "both rows look cut");
    await look(page, "cut-rows");
    await a.app.openFolder("Docs");
    await page.getByText("This folder is empty").waitFor({ timeout: SOON });
    await page.getByRole("toolbar", { name: "Cut or copied items" }).getByText("2 items cut").waitFor({ timeout: SOON });
    await keyboard.press("Control+v");
    await told(page, "2 items moved to “Docs”");
    await b.app.openFolder("Docs");
    await b.app.rename("c.txt", "other.txt");
    await a.app.appears("other.txt");
    await keyboard.press("Control+z");
    await told(page, "1 of 2 items was moved back; “other.txt” was changed by somebody else or elsewhere since then");
    expect(await a.app.names(), "what stays in the folder").toBe(["other.txt"]);
    await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Files" }).click();
    await a.app.appears("b.txt");
    // That one alone is moved again.
    await keyboard.press("Control+Shift+z");
    await told(page, "“b.txt” was moved to “Docs” again");
    await b.app.appears("b.txt");
    await keyboard.press("Control+z");
    await a.app.appears("b.txt");

    // 3
    await a.app.list().focus();
    await keyboard.press("Control+a");
    await keyboard.press("Delete");
    await page.getByRole("dialog").getByRole("button", { name: "Move to trash" }).click();
    await told(page, "3 items moved to the trash");
    expect((await a.app.items()).filter(({ parent }) => parent === null).length, "items at the top").toBe(0);
    await notice(page, "3 items moved to the trash").getByRole("button", { name: "Undo" }).click();
    await told(page, "3 items are back out of the trash");
    expect(await a.app.names(), "A's rows").toBe(["Docs", "b.txt", "new.txt"]);
    expect((await a.app.items()).length, "items on the server").toBe(4);
  }));

test("without a connection it is still to come, and a text field keeps its own undo", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;
    const { keyboard } = page;
    await keyboard.press("Control+z");
    await a.app.drop([journey.file("a.txt", "a")]);
    await b.app.appears("a.txt", { version: 1 });
    await a.app.row("a.txt").click();
    await typeName(page, "b");
    await b.app.appears("b.txt");

    // 4
    await a.goOffline();
    await a.app.connectionIs("offline");
    await keyboard.press("Control+z");
    await told(page, "“a.txt” will be called so again once there is a connection");
    expect(await a.app.names(), "A's row").toBe(["a.txt"]);
    await a.goOnline();
    await b.app.appears("a.txt", { timeout: 4 * SOON });

    // 5
    await a.app.row("a.txt").click();
    await typeName(page, "c");
    await b.app.appears("c.txt");
    await a.app.new("New folder");
    await page.getByRole("dialog", { name: "New folder" }).getByRole("textbox").waitFor({ timeout: SOON });
    await keyboard.type("x");
    await keyboard.press("Control+z");
    await keyboard.press("Control+z");
    await page.getByRole("textbox").last().fill("");
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await a.app.names(), "A's row").toBe(["c.txt"]);
    // Somebody deletes it: there is nothing to bring back.
    await b.app.choose("c.txt", "Move to trash");
    await a.app.disappears("c.txt");
    await keyboard.press("Control+z");
    await told(page, "Nothing was undone: “c.txt” was changed by somebody else or elsewhere since then");
  }));
