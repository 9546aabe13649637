// Merging two versions of a text in the page.
//  1. By the keyboard alone: from the dialog to the merge, each kind of choice,
//     undo, an edit by hand, and the saved result on both computers, byte for
//     byte, with the line ends and the byte order mark that the file had.
//  2. What was picked survives a reload, is applied to a version that arrives
//     meanwhile, and that version is not overwritten.
//  3. Two files that were made under one name have no base and are merged, too. A
//     comparison that hangs says so after some seconds, and can be tried again.
//  4. A file in an old encoding keeps the bytes of every line that nobody
//     touched; a letter that it lacks is told before anything is saved; what is
//     typed stays through Escape and a reload, in a dialog for a name as well.
//     Nothing covers a conflict that somebody works on. Other line ends, and
//     edits far apart in one long line, conflict with nothing.
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const NAME = "recipe.txt";
const BOM = "\uFEFF";
const lines = (changes = {}) => {
  const all = Array.from({ length: 30 }, (_, i) => changes[i] ?? `line ${i} of the recipe`);
  return all;
};
/** As Notepad writes it. */
const notepad = (list) => `${BOM}${list.map((line) => `${line}\r\n`).join("")}`;

const count = (app) => app.page.getByTestId("merge-count");
const resolved = (app, words) => count(app).getByText(words, { exact: true }).waitFor({ timeout: SOON });
const regionIs = (app, words) => app.page.getByTestId("region-name").getByText(words, { exact: true }).waitFor({ timeout: SOON });

/** Tab until something with this name has the focus, then Enter. */
async function pressByKeyboard({ page }, name) {
  const there = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent?.trim());
  await eventually(async () => {
    await page.keyboard.press("Tab");
    return (await there()) === name;
  }, `Tab reaches “${name}”`);
  await page.keyboard.press("Enter");
}

test("a text is merged by the keyboard alone", () =>
  journey(async (journey) => {
    const { a, b } = await bothEdit(journey, {
      [NAME]: {
        base: notepad(lines()),
        a: notepad(lines({ 2: "A alone", 9: "nine by A", 15: "fifteen by A", 21: "twenty-one by A" })),
        b: notepad(lines({ 5: "B alone", 9: "nine by B", 15: "fifteen by B", 21: "twenty-one by B" })),
      },
    });
    await pressByKeyboard(b.app, "Compare and merge");
    const { keyboard } = b.app.page;
    await resolved(b.app, "0 of 3 resolved");
    await look(b.app.page, "merge-keys");
    // Opening changed nothing.
    await b.app.page.getByRole("button", { name: "Save the result" }).and(b.app.page.locator(":disabled")).waitFor();

    await eventually(async () => {
      await keyboard.press("Tab");
      return b.app.page.evaluate(() => Boolean(document.activeElement?.closest("[data-testid=merge]")));
    }, "Tab reaches the merge");
    await regionIs(b.app, "Conflict 1 of 3");
    await keyboard.press("1");
    await resolved(b.app, "1 of 3 resolved");
    await keyboard.press("u");
    await resolved(b.app, "0 of 3 resolved");
    await keyboard.press("r");
    await resolved(b.app, "1 of 3 resolved");
    await keyboard.press("n");
    await regionIs(b.app, "Conflict 2 of 3");
    await keyboard.press("4");
    await resolved(b.app, "2 of 3 resolved");
    await keyboard.press("n");
    await regionIs(b.app, "Conflict 3 of 3");
    await keyboard.press("e");
    await b.app.page.getByRole("dialog", { name: "Edit by hand" }).waitFor();
    await look(b.app.page, "editor");
    await keyboard.press("Control+A");
    await keyboard.type("typed by hand\nin two lines\n");
    await pressByKeyboard(b.app, "Use this");
    await resolved(b.app, "3 of 3 resolved");
    await pressByKeyboard(b.app, "Save the result");

    const merged = lines({ 2: "A alone", 5: "B alone", 9: "nine by A", 15: "fifteen by B\r\nfifteen by A", 21: "typed by hand\r\nin two lines" });
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears(NAME, { version: 3 });
      expect(readFileSync(await app.download(NAME), "utf8"), `the result on ${label}`).toBe(notepad(merged));
      await eventually(async () => (await app.page.getByRole("link", { name: /conflict/ }).count()) === 0, `no conflict is open on ${label}`);
    }
  }));

test("a merge goes on after a reload, and on a version that arrives meanwhile", () =>
  journey(async (journey) => {
    const unix = (list) => list.map((line) => `${line}\n`).join("");
    const { a, b } = await bothEdit(journey, {
      [NAME]: { base: unix(lines()), a: unix(lines({ 3: "3 A", 12: "12 A" })), b: unix(lines({ 3: "3 B", 12: "12 B" })) },
    });
    await b.app.page.getByRole("button", { name: "Compare and merge" }).click();
    await resolved(b.app, "0 of 2 resolved");
    await b.app.page.getByRole("button", { name: "Second", exact: true }).click();
    await resolved(b.app, "1 of 2 resolved");
    await b.app.page.reload();
    await b.app.page.getByText(/^You have been here before: 1 choice holds/).waitFor({ timeout: SOON });
    await resolved(b.app, "1 of 2 resolved");

    await a.app.drop([journey.file(`third/${NAME}`, unix(lines({ 3: "3 A", 12: "12 A", 25: "25 A, later" })))]);
    await a.app.appears(NAME, { version: 3 });
    await b.app.page.getByTestId("rebased").getByText(/^A newer version has arrived, from .* goes on with it: 1 choice holds/).waitFor({ timeout: SOON });
    await b.app.page.getByRole("button", { name: "Next conflict" }).click();
    await regionIs(b.app, "Conflict 2 of 2");
    await b.app.page.getByRole("button", { name: "First", exact: true }).click();
    await resolved(b.app, "2 of 2 resolved");
    await b.app.page.getByRole("button", { name: "Save the result" }).click();

    const merged = unix(lines({ 3: "3 B", 12: "12 A", 25: "25 A, later" }));
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears(NAME, { version: 4 });
      expect(readFileSync(await app.download(NAME), "utf8"), `the result on ${label}`).toBe(merged);
    }
  }));

/** Letters as Windows wrote them in Russian. */
const windows1251 = (text) =>
  Buffer.from(
    Array.from(text, (letter) => {
      const code = letter.codePointAt(0);
      if (code < 0x80) return code;
      if (code >= 0x410 && code <= 0x44f) return code - 0x410 + 0xc0;
      throw new Error(`${letter} is not among the letters that are used here`);
    }),
  );

test("an old file keeps its bytes, and what is typed is never lost", () =>
  journey(async (journey) => {
    const old = (line) => windows1251(Array.from({ length: 20 }, (_, i) => `${i === 9 ? line : `Строка номер ${i} старого текста`}\r\n`).join(""));
    const ends = (end, line) => Array.from({ length: 40 }, (_, i) => `${i === 20 ? line : `line ${i}`}${end}`).join("");
    const long = (...changes) => Array.from({ length: 20_000 }, (_, i) => changes.find(([at]) => at === i)?.[1] ?? `{"id":${i},"price":${(i * 7919) % 1_000}}`).join(",");
    const { a, b } = await bothEdit(journey, {
      "old.txt": { base: old("Как было"), a: old("Это написал первый"), b: old("А это второй") },
      "ends.txt": { base: ends("\n", "as it was"), a: ends("\r\n", "as it was"), b: ends("\n", "edited") },
      "long.txt": { base: long(), a: long([10, "edited by A"]), b: long([19_990, "edited by B"]) },
    });
    const { page } = b.app;
    const { keyboard } = page;
    const editor = page.getByRole("dialog", { name: "Edit by hand" });
    const inEditor = () => editor.getByRole("textbox").inputValue();
    const button = (name) => page.getByRole("button", { name, exact: true });
    await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("banner").getByRole("link", { name: "3 conflicts" }).click();
    await page.getByRole("link", { name: "Decide on old.txt" }).click();
    await resolved(b.app, "0 of 1 resolved");

    // Nothing is put off any more, and still nothing covers what is worked on.
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    await resolved(b.app, "0 of 1 resolved");
    await page.getByRole("region", { name: "The two versions" }).getByText("Это написал первый").waitFor({ timeout: SOON });
    await page.getByLabel("Read as").selectOption("KOI8-R (Russian)");
    await page.getByRole("region", { name: "The two versions" }).getByText("Это написал первый").waitFor({ state: "detached", timeout: SOON });
    await page.getByLabel("Read as").selectOption("Windows-1251 (Cyrillic)");
    await page.getByRole("region", { name: "The two versions" }).getByText("Это написал первый").waitFor({ timeout: SOON });
    expect(await b.app.conflictDialog().count(), "dialogs over the conflict").toBe(0);

    await button("Edit…").click();
    await editor.waitFor();
    await keyboard.press("Control+a");
    await keyboard.type("Оба → вместе\n");
    await keyboard.press("Escape");
    await editor.waitFor({ state: "detached" });
    const lost = page.getByTestId("lost-edit");
    expect(await lost.getByRole("textbox").inputValue(), "what was typed").toBe("Оба → вместе\n");
    await look(page, "typed-kept");
    await button("Edit…").click();
    expect(await inEditor(), "the editor again").toBe("Оба → вместе\n");
    await keyboard.press("Control+End");
    await keyboard.type("и");
    await page.reload();
    await lost.waitFor({ timeout: SOON });
    await button("Go on with it").click();
    expect(await inEditor(), "the editor after a reload").toBe("Оба → вместе\nи");
    // Beside the dialog.
    await page.mouse.click(5, 5);
    await editor.waitFor({ state: "detached" });
    await button("Go on with it").click();
    await keyboard.press("Backspace");
    await button("Use this").click();
    await resolved(b.app, "1 of 1 resolved");
    const lacking = page.getByTestId("lacking");
    await lacking.getByText("Windows-1251 (Cyrillic), which the file is written in, does not have “→” (U+2192).").waitFor({ timeout: SOON });
    await button("Save the result").and(page.locator(":disabled")).waitFor();
    await look(page, "lacking");
    await button("Convert the whole file to UTF-8").click();
    await page.getByTestId("written").getByText("The result will be UTF-8.").waitFor({ timeout: SOON });
    await button("Do not convert it").click();
    await lacking.waitFor({ timeout: SOON });
    await button("Change the text").click();
    await editor.getByRole("textbox").fill("Оба вместе\n");
    await button("Use this").click();
    await lacking.waitFor({ state: "detached", timeout: SOON });
    await button("Save the result").click();

    // Where nobody works on a conflict, the next one is asked about.
    await b.app.conflictDialog().waitFor({ timeout: SOON });
    await b.app.conflictDialog().getByRole("button", { name: "Close", exact: true }).click();
    for (const name of ["ends.txt", "long.txt"]) {
      await page.getByRole("link", { name: `Decide on ${name}` }).click();
      await count(b.app).getByText(/^Nothing conflicts/).waitFor({ timeout: SOON });
      await look(page, `merged-${name}`);
      await button("Save the result").click();
    }
    await b.app.goTo("Files");
    const expected = { "old.txt": old("Оба вместе"), "ends.txt": Buffer.from(ends("\r\n", "edited")), "long.txt": Buffer.from(long([10, "edited by A"], [19_990, "edited by B"])) };
    for (const [name, content] of Object.entries(expected)) {
      await b.app.appears(name, { version: 3 });
      expect(readFileSync(await b.app.download(name)).equals(content), `${name} is what was merged`).toBe(true);
    }

    // A name that is typed is asked about before it is thrown away.
    const name = page.getByRole("dialog", { name: "New folder" });
    const ask = () => b.app.new("New folder");
    await ask();
    await name.getByRole("textbox").waitFor();
    await keyboard.press("Escape");
    await name.waitFor({ state: "detached" });
    await ask();
    await name.getByRole("textbox").waitFor();
    await keyboard.type("a new name");
    for (const leave of [() => keyboard.press("Escape"), () => keyboard.press("Escape"), () => page.mouse.click(5, 5), () => name.getByRole("button", { name: "Cancel" }).click()]) {
      await leave();
      await button("Go on typing").click();
    }
    expect(await name.getByRole("textbox").inputValue(), "the name").toBe("a new name");
    await keyboard.press("Escape");
    await look(page, "dialog-question");
    await button("Throw it away").click();
    await name.waitFor({ state: "detached" });
    // As with Caps Lock on.
    await b.app.row("old.txt").click();
    await keyboard.press("Control+A");
    await eventually(async () => (await page.locator("[data-testid=row][aria-selected=true]").count()) === 3, "all files are chosen");
  }));

test("two files that were made under one name are merged without a base", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    for (const profile of [a, b]) {
      await profile.goOffline();
      await profile.app.connectionIs("offline");
    }
    await a.app.drop([journey.file(`a/${NAME}`, "the same\nmade by A\n")]);
    await b.app.drop([journey.file(`b/${NAME}`, "the same\nmade by B\n")]);
    await a.goOnline();
    await a.app.appears(NAME, { version: 1, timeout: 4 * SOON });
    await b.goOnline();
    await b.app.conflictDialog().waitFor({ timeout: 4 * SOON });
    b.proxy.hang(/\/conflicts\/.*\/content/);
    await b.app.page.getByRole("button", { name: "Compare and merge" }).click();
    await b.app.page.getByTestId("comparing").getByText("This takes longer than usual.").waitFor({ timeout: SOON });
    b.proxy.mend();
    await b.app.page.getByTestId("comparing").getByRole("button", { name: "Try again" }).click();
    await resolved(b.app, "0 of 1 resolved");
    await b.app.page.getByRole("button", { name: "First, then second" }).click();
    await resolved(b.app, "1 of 1 resolved");
    await b.app.page.getByRole("button", { name: "Save the result" }).click();
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await app.appears(NAME, { version: 2 });
      expect(readFileSync(await app.download(NAME), "utf8"), `the result on ${label}`).toBe("the same\nmade by A\nmade by B\n");
    }
  }));
