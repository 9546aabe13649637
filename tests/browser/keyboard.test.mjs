// The whole drive by the keyboard alone, once through: signs up, makes a folder, uploads,
// renames, moves, opens, searches, trashes, undoes, shares, restores, looks at the devices
// and signs out. Whatever has the keyboard shows it.
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

/** What has the keyboard: its name, whether one sees that it has, and the active row in the list. */
const focused = ({ page }) =>
  page.evaluate(() => {
    const element = document.activeElement;
    const words = (element.getAttribute("aria-label") ?? element.labels?.[0]?.innerText ?? element.textContent).trim();
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const { top, bottom, height } = element.getBoundingClientRect();
    const row = document.getElementById(element.getAttribute("aria-activedescendant") ?? "");
    return {
      name: words,
      role: element.getAttribute("role") ?? element.localName,
      row: row?.dataset.name ?? null,
      shows: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" || row !== null,
      isSeen: height > 0 && bottom > 0 && top < innerHeight,
    };
  });

/** Tab until something of this name, and of this role, has the keyboard. */
async function reach(app, name, role = null) {
  for (let presses = 0; presses < 60; presses += 1) {
    const at = await focused(app);
    if (at.name === name && (role ?? at.role) === at.role) {
      expect({ name, shows: at.shows, isSeen: at.isSeen }, "what has the keyboard").toBe({ name, shows: true, isSeen: true });
      return;
    }
    await app.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach “${name}”, but ${JSON.stringify(await focused(app))}`);
}

async function press(app, name, role = null) {
  await reach(app, name, role);
  await app.page.keyboard.press("Enter");
}

/** In a menu that is open. */
async function choose(app, name) {
  await eventually(async () => (await focused(app)).role.startsWith("menuitem"), "the menu has the keyboard");
  for (let presses = 0; presses < 20 && (await focused(app)).name !== name; presses += 1) await app.page.keyboard.press("ArrowDown");
  expect((await focused(app)).name, "the entry").toBe(name);
  await app.page.keyboard.press("Enter");
}

/** Goes to a row of the list by the first letter of its name. */
async function toRow(app, name) {
  await reach(app, "Files", "grid");
  await eventually(async () => {
    await app.page.keyboard.press(name[0].toLowerCase());
    return (await focused(app)).row === name;
  }, `a letter leads to ${name}`);
}

test("the whole drive is used by the keyboard alone", () =>
  journey(async (journey) => {
    const [{ user: bob }] = await journey.people("bob");
    const { app } = await journey.profile("ann");
    const { page } = app;
    const { keyboard } = page;
    // Heard from the beginning, or the browser opens a chooser that nobody sees.
    const chosen = new Promise((resolve) => page.once("filechooser", resolve));
    const dialog = (name) => page.getByRole("dialog", { name });
    const isClosed = (name) => dialog(name).waitFor({ state: "detached", timeout: SOON });
    const user = newUser();
    await app.open();
    await page.getByRole("button", { name: "Create an account" }).waitFor({ timeout: SOON });
    await press(app, "Create an account");
    await reach(app, "Name");
    await keyboard.type(user.name);
    await reach(app, "Password");
    await keyboard.type("short");
    await keyboard.press("Enter");
    await page.getByRole("alert").getByText("at least 8 characters").waitFor({ timeout: SOON });
    await eventually(async () => (await focused(app)).name === "Password", "the keyboard stays in the field");
    await keyboard.press("Control+A");
    await keyboard.type(user.password);
    await keyboard.press("Enter");
    await app.isSignedIn();

    await press(app, "New");
    await choose(app, "New folder");
    await dialog("New folder").waitFor();
    await keyboard.type("a/b");
    await keyboard.press("Enter");
    const isTold = () => {
      const { activeElement: field } = document;
      return field.getAttribute("aria-invalid") === "true" && document.getElementById(field.getAttribute("aria-describedby"))?.getAttribute("role") === "alert";
    };
    await eventually(() => page.evaluate(isTold), "the field of the name says why it was refused");
    await keyboard.press("Control+A");
    await keyboard.type("Papers");
    await keyboard.press("Enter");
    await app.appears("Papers");

    await press(app, "New");
    await choose(app, "Upload files");
    await (await chosen).setFiles([journey.file("draft.txt", "By keyboard.\n")]);
    await app.appears("draft.txt", { version: 1 });

    await toRow(app, "draft.txt");
    await keyboard.press("F2");
    await app.row("draft.txt").getByRole("textbox").waitFor();
    await keyboard.press("Control+A");
    await keyboard.type("notes.txt");
    await keyboard.press("Enter");
    await app.appears("notes.txt");
    await eventually(async () => (await focused(app)).row === "notes.txt", "the keyboard is back in the list");

    await keyboard.press("Shift+F10");
    await eventually(async () => (await focused(app)).role.startsWith("menuitem"), "the menu has the keyboard");
    await keyboard.press("Escape");
    await eventually(async () => (await focused(app)).row === "notes.txt", "the keyboard is back on the row");
    await keyboard.press("Shift+F10");
    await choose(app, "Move…");
    await dialog("Move “notes.txt”").waitFor();
    await press(app, "Papers");
    await press(app, "Move here");
    await app.disappears("notes.txt");

    await toRow(app, "Papers");
    await keyboard.press("Enter");
    await app.appears("notes.txt");
    await toRow(app, "notes.txt");
    await keyboard.press("Enter");
    const viewer = page.locator("dialog.viewer");
    await viewer.getByText("By keyboard.").waitFor({ timeout: SOON });
    await keyboard.press("Escape");
    await viewer.waitFor({ state: "detached", timeout: SOON });
    await eventually(async () => (await focused(app)).row === "notes.txt", "the keyboard is back on its row");

    await keyboard.press("/");
    await page.getByRole("combobox").waitFor({ timeout: SOON });
    await keyboard.type("paper");
    await page.getByRole("option", { name: /Papers/ }).waitFor({ timeout: SOON });
    await keyboard.press("Escape");
    await page.getByRole("combobox").waitFor({ state: "detached", timeout: SOON });

    await toRow(app, "notes.txt");
    await keyboard.press("Delete");
    await app.disappears("notes.txt");
    await keyboard.press("Control+Z");
    await app.appears("notes.txt");
    await toRow(app, "notes.txt");
    await keyboard.press("Delete");
    await app.disappears("notes.txt");

    await press(app, "Files", "a");
    await app.appears("Papers");
    await toRow(app, "Papers");
    await keyboard.press("Shift+F10");
    await choose(app, "Share…");
    await reach(app, "Share with");
    await keyboard.type(bob.name);
    await keyboard.press("Enter");
    await app.access(bob.name).waitFor({ timeout: SOON });
    await keyboard.press("Escape");
    await isClosed("Share “Papers”");

    await press(app, "Trash");
    await page.getByTestId("trashed").waitFor({ timeout: SOON });
    await press(app, "Restore notes.txt");
    await page.getByRole("heading", { name: "The trash is empty" }).waitFor({ timeout: SOON });
    for (const [place, control] of [
      ["Shared", "Change who has access to Papers"],
      ["Activity", null],
      ["Settings", null],
    ]) {
      await press(app, place);
      await page.getByRole("heading", { level: 1, name: place }).waitFor({ timeout: SOON });
      if (control) await reach(app, control);
    }
    const revoke = page.getByTestId("device").getByRole("button", { name: /^Revoke/ });
    await reach(app, await revoke.getAttribute("aria-label", { timeout: SOON }));

    await press(app, "Account");
    await choose(app, "Sign out");
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
  }));
