// A folder goes back to what was in it at a time.
//  1. In a folder, one file is changed, one renamed, one in the trash and one new. The dialog
//     says so before anything is done; then one press brings all back but the new one, which
//     stays. Another computer sees it.
//  2. Undo takes that back.
//  3. What somebody changes between the look and the press stays as they made it, and is told.
//  4. Many files come back in few requests. Stopped in between, it goes on with what is left.
//  5. The keyboard alone does it on a small screen, with what has come taken out.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { SOON, UPLOAD } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const MANY = 250;

const dialog = (page) => page.getByRole("dialog").filter({ has: page.getByTestId("past") });
const ended = (page) => dialog(page).getByTestId("past-ended");

/** How many of each kind the dialog tells. */
const told = (page) =>
  dialog(page)
    .getByTestId("past-group")
    .evaluateAll((groups) => groups.map(({ dataset }) => `${dataset.kind} ${dataset.count}`).sort().join(", "));

const send = (app, method, path, body) =>
  app.api(path, { method, headers: { "content-type": "application/json" }, body: JSON.stringify({ operation_id: randomUUID(), ...body }) });

/** Another content for a file, as a copy of another file's. */
async function overwrite(app, name, by) {
  const items = await app.items();
  const [file, other] = [name, by].map((name) => items.find((item) => item.name === name));
  const { size, size_class, modified_at_ms } = other.file;
  const content = { size, size_class, modified_at_ms, base: { item: other.id, version: other.file.version }, splices: [] };
  const done = await send(app, "POST", `/api/v1/files/${file.id}/commit`, { base_version: file.file.version, content });
  expect(done.status, `writing over ${name}: ${done.text}`).toBe(200);
}

const textOf = async (app, name) => {
  const { id } = (await app.items()).find((item) => item.name === name);
  return (await app.api(`/api/v1/files/${id}/content`)).text;
};

/** A moment as the field has it, a second after everything so far. */
async function aMoment(app) {
  await app.page.waitForTimeout(1_100);
  const { asked_at_ms } = (await app.api("/api/v1/past")).json;
  await app.page.waitForTimeout(1_100);
  return app.page.evaluate((at) => {
    const here = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
    return here.toISOString().slice(0, 19);
  }, asked_at_ms);
}

async function openPast(app, folder) {
  await app.choose(folder, "Go back to…");
  await dialog(app.page).getByLabel("As it was at").waitFor({ timeout: SOON });
}

test("a folder goes back to an earlier time, and forth again", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { app } = a;
    const { page } = app;
    await app.newFolder("Docs");
    await app.drop([journey.file("spare.txt", "not what was there")]);
    await app.appears("spare.txt", { version: 1 });
    const names = ["changed.txt", "renamed.txt", "trashed.txt", "untouched.txt"];
    await app.drop(names.map((name) => journey.file(name, `${name} as it was`)), "Docs");
    await app.openFolder("Docs");
    for (const name of names) await app.appears(name, { version: 1 });
    const then = await aMoment(app);
    const docs = (await app.items()).find((item) => item.name === "Docs");

    // 1
    await overwrite(app, "changed.txt", "spare.txt");
    await app.appears("changed.txt", { version: 2 });
    await app.rename("renamed.txt", "locked.txt");
    await app.appears("locked.txt");
    await app.choose("trashed.txt", "Move to trash");
    await app.disappears("trashed.txt");
    await app.drop([journey.file("came.txt", "came")]);
    await app.appears("came.txt", { version: 1 });
    await page.goBack();
    await openPast(app, "Docs");
    await dialog(page).getByTestId("past-moment").first().waitFor({ timeout: SOON });
    await look(page, "past-choose");
    await dialog(page).getByLabel("As it was at").fill(then);
    await dialog(page).getByRole("button", { name: "Show what would change" }).click();
    await dialog(page).getByTestId("past-group").first().waitFor({ timeout: SOON });
    expect(await told(page), "what would change").toBe("content 1, placed 1, restored 1, stays 1");
    await dialog(page).getByText("1 file gets back what it held").click();
    await dialog(page).getByText("changed.txt", { exact: true }).waitFor({ timeout: SOON });
    await look(page, "past-look");
    expect(await textOf(app, "changed.txt"), "nothing is done by looking").toBe("not what was there");
    await dialog(page).getByRole("button", { name: "Go back", exact: true }).click();
    await ended(page).waitFor({ timeout: SOON });
    expect(await ended(page).getAttribute("data-done"), "items").toBe("3");
    await look(page, "past-ended");
    await b.app.openFolder("Docs");
    for (const name of ["came.txt", ...names]) await b.app.appears(name);
    await b.app.appears("changed.txt", { version: 3 });
    expect(await b.app.names(), "B's rows").toBe(["came.txt", ...names]);
    expect(await textOf(b.app, "changed.txt"), "what is back").toBe("changed.txt as it was");

    // 2
    await dialog(page).getByRole("button", { name: "Undo" }).click();
    await ended(page).filter({ hasText: "3 items as before." }).waitFor({ timeout: SOON });
    await b.app.appears("locked.txt");
    await b.app.disappears("trashed.txt");
    await b.app.appears("changed.txt", { version: 4 });
    expect(await textOf(b.app, "changed.txt"), "what was there before").toBe("not what was there");
    await dialog(page).getByRole("button", { name: "Close", exact: true }).last().click();

    // 3
    await openPast(app, "Docs");
    await dialog(page).getByLabel("As it was at").fill(then);
    await dialog(page).getByRole("button", { name: "Show what would change" }).click();
    await dialog(page).getByTestId("past-group").first().waitFor({ timeout: SOON });
    await overwrite(b.app, "changed.txt", "untouched.txt");
    await dialog(page).getByRole("button", { name: "Go back", exact: true }).click();
    await ended(page).waitFor({ timeout: SOON });
    expect(await ended(page).getAttribute("data-done"), "items").toBe("2");
    await dialog(page).getByText("somebody has changed it in the meantime").waitFor({ timeout: SOON });
    expect(await textOf(b.app, "changed.txt"), "somebody's work").toBe("untouched.txt as it was");
    await page.keyboard.press("Escape");

    // 4
    const files = Array.from({ length: MANY }, (_, n) => ({ operation_id: randomUUID(), id: randomUUID(), parent: docs.id, name: `many ${n}` }));
    const batches = (all) => Array.from({ length: Math.ceil(all.length / 100) }, (_, n) => all.slice(n * 100, n * 100 + 100));
    for (const files_ of batches(files)) await send(app, "POST", "/api/v1/files/batch", { files: files_ });
    await page.waitForTimeout(1_100);
    const locked = files.map(({ id, name }) => ({
      change: "move", item: id, operation_id: randomUUID(), base_place_version: 1, parent: docs.id, name: `${name}.locked`,
    }));
    for (const changes of batches(locked)) {
      const answer = await send(app, "POST", "/api/v1/items/batch", { changes });
      expect(answer.json.results.filter((end) => end.code).length, "refused").toBe(0);
    }
    let requests = 0;
    const held = [];
    await page.route("**/api/v1/items/batch*", async (route) => {
      requests += 1;
      if (requests === 1) await new Promise((resolve) => held.push(resolve));
      await route.continue();
    });
    await openPast(app, "Docs");
    await dialog(page).getByTestId("past-moment").first().getByRole("button", { name: /Go back to before this/ }).click();
    await dialog(page).getByTestId("past-group").first().waitFor({ timeout: SOON });
    expect(await told(page), "what would change").toBe(`placed ${MANY}`);
    await dialog(page).getByRole("button", { name: "Go back", exact: true }).click();
    await dialog(page).getByRole("progressbar", { name: "Going back" }).waitFor({ timeout: SOON });
    await eventually(() => held.length === 1, "the first request is under way");
    await look(page, "past-going");
    await dialog(page).getByRole("button", { name: "Stop" }).click();
    held[0]();
    await ended(page).filter({ hasText: "Stopped. 100 items" }).waitFor({ timeout: SOON });
    await dialog(page).getByRole("button", { name: "Go on" }).click();
    await dialog(page).getByTestId("past-group").first().waitFor({ timeout: SOON });
    expect(await told(page), "what is left").toBe(`placed ${MANY - 100}`);
    await dialog(page).getByRole("button", { name: "Go back", exact: true }).click();
    await ended(page).waitFor({ timeout: UPLOAD });
    expect(await ended(page).getAttribute("data-done"), "items").toBe(String(MANY - 100));
    expect(requests, "requests for places").toBe(3);
    const left = (await app.items()).filter((item) => item.name.endsWith(".locked"));
    expect(left.length, "renamed still").toBe(0);
    await page.unroute("**/api/v1/items/batch*");
    await page.keyboard.press("Escape");

    // 5
    await page.setViewportSize({ width: 380, height: 780 });
    await app.choose("Docs", "Details");
    const details = page.getByRole("dialog");
    await details.getByRole("button", { name: "Go back to…" }).focus();
    await page.keyboard.press("Enter");
    const field = dialog(page).getByLabel("As it was at");
    await eventually(() => field.evaluate((field) => field === document.activeElement), "the field has the keyboard");
    await field.fill(then);
    await page.keyboard.press("Enter");
    await dialog(page).getByTestId("past-group").first().waitFor({ timeout: SOON });
    const box = dialog(page).getByRole("checkbox");
    await box.focus();
    await page.keyboard.press("Space");
    await eventually(async () => (await told(page)) === `content 1, trashed ${MANY + 1}`, "what has come goes");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide <= 380, `nothing is wider than the screen: ${wide}`).toBe(true);
    await axe(page, "on a small screen");
    await dialog(page).getByRole("button", { name: "Go back", exact: true }).focus();
    await page.keyboard.press("Enter");
    await ended(page).waitFor({ timeout: UPLOAD });
    await page.keyboard.press("Escape");
    await dialog(page).waitFor({ state: "detached" });
    await eventually(async () => {
      const inside = (await app.items()).filter((item) => item.parent === docs.id);
      return inside.map(({ name }) => name).sort().join() === names.join();
    }, "the folder has what it had then, and no more");
  }));
