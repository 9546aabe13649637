// What can be checked of accessibility by a program: no violation that axe
// knows of, and the file list can be used without a mouse.
import { test } from "node:test";
import { newUser } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

test("axe finds nothing, signed out and signed in", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const check = (where) => axe(a.app.page, where);
    await a.app.open();
    await a.app.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    await check("on the sign-in page");
    await a.app.signUp(newUser());
    await check("in an empty drive");
    await a.app.drop([journey.file("one.txt", "1")]);
    await a.app.appears("one.txt", { version: 1 });
    await check("in a drive with a file");
    for (const place of ["Trash", "Settings"]) {
      await a.app.goTo(place);
      await a.app.page.waitForTimeout(300);
      await check(`on ${place}`);
    }
  }));

test("the list is reached and opened by keyboard", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    await a.app.drop([journey.file("one.txt", "1")]);
    await a.app.appears("one.txt", { version: 1 });
    const inList = () => a.app.page.evaluate(() => Boolean(document.activeElement?.closest("[role=grid]")));
    await eventually(async () => {
      await a.app.page.keyboard.press("Tab");
      return inList();
    }, "Tab reaches the list");
    expect(await inList(), "the focus is in the list").toBe(true);
  }));
