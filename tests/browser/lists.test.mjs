// Lists by the keyboard: copies, names in their rows, where the keyboard is, and what the
// page says of itself.
//  1. A folder of many files is copied: no bytes travel, and it is told how far it is and
//     how much there is. It can't be copied into itself. Its copy is taken back.
//  2. Escape lets go of what was cut. Files on the clipboard are uploaded.
//  3. F2 makes the name a field: what is refused is said beside it and nothing is lost.
//  4. A folder is made in the dialog that asks where to move something.
//  5. Tab shows where the keyboard is; after the menu it is back on the row.
//  6. "?" lists the keys. The title says where one is; an unknown address says so.
//  7. A refused sign-in keeps the keyboard in the form, and is tied to its field.
import { test } from "node:test";
import { SOON, UPLOAD, newUser, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import path from "node:path";

const MANY = 60;
const told = (page, text) => page.getByTestId("notice").filter({ hasText: text }).first().waitFor({ timeout: UPLOAD });
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.tagName);

test("a folder is copied without bytes, and nothing into itself", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;
    const { keyboard } = page;
    const [, sample] = Array.from({ length: MANY }, (_, i) =>
      journey.file(`Tree/${i % 2 ? "deep/" : ""}file-${i}.txt`, `file number ${i}\n`.repeat(40)),
    );
    await a.app.pickFolder(path.dirname(path.dirname(sample)));
    await eventually(async () => (await a.app.items()).length === MANY + 2, "the tree is on the server", UPLOAD);

    // What the page does not know to be on the server is not copied.
    await page.getByRole("heading", { name: `${MANY} files uploaded` }).waitFor({ timeout: UPLOAD });

    // What is in it and below, and whose it is: this device's, and on the other another's.
    const cells = async (app) => Promise.all(["kind", "size", "device"].map((cell) => app.row("Tree").locator(`.cell-${cell}`).textContent()));
    const bytes = "36 kB";
    expect(await cells(a.app), "what the folder's row says").toBe([`Folder, ${MANY / 2 + 1} items`, bytes, ""]);
    await eventually(async () => (await cells(b.app))[1] === bytes, "the other computer knows its size");
    await b.app.openFolder("Tree");
    await b.app.appears("file-0.txt", { version: 1 });
    expect(await b.app.row("file-0.txt").locator(".cell-device").textContent(), "whose a file is").toBe("You, another Chrome on Linux");
    await b.app.page.goBack();
    await b.app.choose("Tree", "Details");
    await b.app.page.getByTestId("details").getByText(`${bytes} in ${MANY} files`).waitFor({ timeout: SOON });
    await b.app.page.keyboard.press("Escape");

    // 1
    const mark = a.proxy.requests.length;
    await a.app.row("Tree").click();
    await keyboard.press("Control+c");
    await keyboard.press("Control+v");
    await told(page, `“Tree (2)” is in “Files”, ${MANY + 2} items in all`);
    expect((await a.app.items()).length, "items on the server").toBe(2 * (MANY + 2));
    expect(a.proxy.matching(/^POST \/api\/v1\/blocks/, mark).length, "requests for blocks").toBe(0);
    expect(await page.getByTestId("progress").count(), "what tells how far it is").toBe(0);
    const requests = a.proxy.requests.length - mark;
    console.log(`  a copy of ${MANY + 2} items took ${requests} requests`);
    await b.app.openFolder("Tree (2)");
    await b.app.openFolder("deep");
    const name = path.basename(sample);
    await b.app.appears(name, { version: 1 });
    expect(sha256OfFile(await b.app.download(name)), "the bytes of the copy").toBe(sha256OfFile(sample));

    // Into itself, and into what is in it.
    await a.app.openFolder("Tree");
    await a.app.openFolder("deep");
    await a.app.appears(name);
    await a.app.list().focus();
    await keyboard.press("Control+v");
    await told(page, "Nothing was copied: “Tree” can't be copied into itself");
    await page.getByRole("navigation", { name: "Path" }).getByRole("link", { name: "Files" }).click();
    await a.app.row("Tree").click();
    await keyboard.press("Control+x");
    await a.app.openFolder("Tree");
    await a.app.appears("deep");
    await keyboard.press("Control+v");
    await told(page, "“Tree” can't be moved into itself");

    // A single file, by the menus; and all of it taken back.
    await a.app.choose("file-0.txt", /^Copy$/);
    await page.getByRole("toolbar", { name: "Cut or copied items" }).getByRole("button", { name: "Paste here" }).click();
    await told(page, "“file-0 (2).txt” is in “Tree”");
    await a.app.appears("file-0 (2).txt", { version: 1 });
    await a.app.list().focus();
    await keyboard.press("Control+z");
    await told(page, "“file-0 (2).txt” was moved to the trash");
    await keyboard.press("Control+z");
    await told(page, "“Tree (2)” was moved to the trash");
    await keyboard.press("Control+Shift+z");
    await told(page, "“Tree (2)” is back in “Files”");

    // 2
    await a.app.choose("file-2.txt", "Cut");
    await eventually(async () => (await page.locator(".row-cut").count()) === 1, "the row looks cut");
    await keyboard.press("Escape");
    await eventually(async () => (await page.locator(".row-cut").count()) === 0, "the row is as ever");
    await keyboard.press("Control+v");
    await a.app.paste({ "added.txt": "from the clipboard" });
    await a.app.appears("added.txt", { version: 1 });
    expect(await a.app.row("file-2.txt").count(), "the file that was not moved").toBe(1);
  }));

test("names are typed in their rows, and the keyboard is where one sees it", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;
    const { keyboard } = page;
    await a.app.drop(["one.txt", "two.txt"].map((name) => journey.file(name, name)));
    for (const name of ["one.txt", "two.txt"]) await a.app.appears(name, { version: 1 });
    const field = page.getByRole("grid").getByRole("textbox");
    const open = async () => {
      await keyboard.press("F2");
      await field.waitFor({ timeout: SOON });
    };

    // 3
    await a.app.row("one.txt").click();
    await open();
    expect(await field.evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd)), "what is chosen of the name").toBe("one");
    await keyboard.type("two");
    await keyboard.press("Enter");
    const error = page.getByRole("grid").getByRole("alert");
    await error.waitFor({ timeout: SOON });
    expect(await error.getAttribute("id"), "what the field is described by").toBe(await field.getAttribute("aria-describedby"));
    expect(await field.inputValue(), "what was typed").toBe("two.txt");
    await look(page, "rename-refused");
    await field.fill("bad/name");
    await keyboard.press("Enter");
    await error.waitFor({ timeout: SOON });
    await keyboard.press("Escape");
    await field.waitFor({ state: "detached" });
    expect(await a.app.names(), "the rows").toBe(["one.txt", "two.txt"]);
    expect(await focused(page), "what has the keyboard").toBe("Files");
    // The keyboard goes on where it was, and leaving the field takes the name.
    await open();
    await keyboard.type("uno");
    // Somebody saves a version meanwhile: what is typed stays.
    await b.app.drop([journey.file("b/one.txt", "by B")], "one.txt");
    await a.app.appears("one.txt", { version: 2 });
    expect(await field.inputValue(), "what was typed").toBe("uno.txt");
    await page.getByRole("heading", { name: "Files", exact: true }).click();
    await b.app.appears("uno.txt");

    // 4
    await a.app.choose("two.txt", "Move…");
    const dialog = page.getByRole("dialog", { name: "Move “two.txt”" });
    await dialog.getByRole("button", { name: "New folder" }).click();
    await keyboard.type("uno.txt");
    await keyboard.press("Enter");
    await dialog.getByRole("alert").waitFor({ timeout: SOON });
    await look(page, "move-new-folder");
    await dialog.getByLabel("Name of the new folder").fill("Papers");
    await keyboard.press("Enter");
    await dialog.getByText("No folders in here").waitFor({ timeout: SOON });
    await dialog.getByRole("button", { name: "Move here" }).click();
    await told(page, "“two.txt” moved to “Papers”");
    await b.app.openFolder("Papers");
    await b.app.appears("two.txt");

    // 5
    await page.reload();
    await a.app.appears("uno.txt");
    for (let i = 0; i < 40 && (await focused(page)) !== "Files"; i += 1) await keyboard.press("Tab");
    const active = page.locator(".row-active");
    expect(await active.getAttribute("data-name"), "the row that the keyboard is at").toBe("Papers");
    expect(await active.evaluate((row) => getComputedStyle(row).outlineStyle), "its outline").toBe("solid");
    await keyboard.press("ArrowDown");
    await keyboard.press("Shift+F10");
    await page.getByRole("menuitem").first().waitFor({ timeout: SOON });
    await look(page, "row-menu");
    await keyboard.press("Escape");
    expect(await focused(page), "what has the keyboard after the menu").toBe("Files");
    await open();
    await keyboard.press("Escape");
    await page.getByRole("button", { name: "Actions for uno.txt" }).click();
    await keyboard.press("Escape");
    await keyboard.press("Delete");
    await a.app.disappears("uno.txt");
  }));

test("the page says where one is, which keys there are, and why nobody came in", () =>
  journey(async (journey) => {
    const user = newUser();
    const a = await journey.profile("a");
    const { page } = a.app;
    const { keyboard } = page;

    // 7
    await a.app.open();
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").filter({ hasText: /\S/ }).first().waitFor({ timeout: SOON });
    await eventually(async () => (await page.evaluate(() => document.activeElement.name)) === "username", "the field that lacks a name has the keyboard");
    await a.app.trySignIn({ name: user.name, password: "not the password" });
    const password = page.getByLabel("Password", { exact: true });
    await eventually(async () => (await password.getAttribute("aria-describedby")) !== null, "the password says why it was refused");
    await eventually(() => password.evaluate((field) => field === document.activeElement), "the password has the keyboard");
    const why = await password.getAttribute("aria-describedby");
    expect(await page.locator(`#${why}`).innerText()).toMatch(/\S/);
    await look(page, "sign-in-refused");

    // 6
    await a.app.signUp(user);
    await eventually(async () => (await page.title()) === "Files – Driftless", "the title at the top");
    await a.app.newFolder("Work");
    await a.app.openFolder("Work");
    await eventually(async () => (await page.title()) === "Work – Driftless", "the title in a folder");
    await a.app.goTo("Trash");
    await eventually(async () => (await page.title()) === "Trash – Driftless", "the title of the trash");
    await keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("Rename: Enter takes the name").waitFor({ timeout: SOON });
    await look(page, "keys");
    await keyboard.press("Escape");
    await help.waitFor({ state: "detached" });

    await page.goto(`${a.url}/nothing/like/that`);
    await page.getByRole("heading", { name: "There is nothing at this address" }).waitFor({ timeout: SOON });
    await look(page, "nothing-here");
    await page.getByRole("link", { name: "Go to your files" }).click();
    await a.app.appears("Work");
    for (const [file, type] of [["robots.txt", /^text\/plain/], ["favicon.ico", /^image\//]]) {
      const answer = await page.request.get(`${a.url}/${file}`);
      expect(answer.status(), file).toBe(200);
      expect(answer.headers()["content-type"]).toMatch(type);
    }
    await a.app.signOut();
    expect(await page.title(), "the title where nobody is signed in").toBe("Driftless");
  }));
