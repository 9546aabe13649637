// The page opens without a connection, with the list, with what was changed and not sent
// and with what is kept offline, and a file that is dropped then is sent later.
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

/** Until the browser has its copy of the page. */
const isKept = ({ page }) => page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

/** Until a row says how much of it is here. */
const offlineIs = (app, name, words, version) =>
  app.row(name, version).getByTestId("offline-mark").and(app.page.getByTitle(words, { exact: true })).waitFor({ timeout: SOON });

const isNotKept = ({ page }, name) =>
  page.locator(`[data-testid=row][data-name="${name}"]:not(:has([data-testid=offline-mark]))`).waitFor({ timeout: SOON });

const goToFiles = ({ page }) => page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: "Files" }).click();

/** A keeps a folder in which there is something, into which B puts a next version and another file. */
async function keepFolder(journey, a, b) {
  const plan = journey.file("plan.md", "# The first plan\n");
  for (const { app } of [a, b]) await app.appears("before.txt", { version: 1 });
  await a.app.newFolder("Trip");
  await b.app.openFolder("Trip");
  await b.app.drop([plan]);
  await b.app.appears("plan.md", { version: 1 });
  await a.app.choose("Trip", "Keep offline");
  await offlineIs(a.app, "Trip", "Kept offline");
  writeFileSync(plan, "# The second plan\n");
  await b.app.drop([plan, journey.file("later.bin", LATER)]);
  await a.app.openFolder("Trip");
  await offlineIs(a.app, "plan.md", "Kept offline", 2);
  await offlineIs(a.app, "later.bin", "Kept offline", 1);
  // What is let go of is not kept any more, and what is kept with a folder is kept with it.
  await goToFiles(a.app);
  await a.app.choose("before.txt", "Keep offline");
  await offlineIs(a.app, "before.txt", "Kept offline");
  await a.app.goTo("Settings");
  await a.app.page.getByTestId("offline-here").getByText("Kept offline: 3 files").waitFor({ timeout: SOON });
  await goToFiles(a.app);
  await a.app.choose("before.txt", "Stop keeping offline");
  await isNotKept(a.app, "before.txt");
  await offlineIs(a.app, "Trip", "Kept offline");
  await goToFiles(b.app);
}

/** Without a connection, what is kept opens and is downloaded. */
async function useKept({ app }) {
  await app.openFolder("Trip");
  await offlineIs(app, "later.bin", "Kept offline");
  await app.row("plan.md").locator(".row-name").click();
  await app.page.getByTestId("preview").getByText("The second plan").waitFor({ timeout: SOON });
  await app.page.keyboard.press("Escape");
  expect(readFileSync(await app.download("later.bin"), "utf8"), "what is downloaded offline").toBe(LATER);
  await goToFiles(app);
}

/** Smaller than what the page puts together by itself, if it has a connection. */
const LATER = "later ".repeat(1_000);

test("the page opens offline, and what is dropped into it then arrives", () =>
  journey(async (journey) => {
    const { a, b, user } = await journey.computers("a", "b");
    await a.app.drop([journey.file("before.txt", "before")]);
    for (const { app } of [a, b]) await app.appears("before.txt", { version: 1 });
    await isKept(a.app);
    await keepFolder(journey, a, b);

    await a.goOffline();
    await a.app.connectionIs("offline");
    await a.app.page.reload();
    await a.app.appears("before.txt", { version: 1 });
    await useKept(a);
    await a.app.drop([journey.file("offline.txt", "dropped into a page that was opened offline")]);
    await a.app.uploadIs("offline.txt", ["offline", "waiting"]);
    // A page of its own, at an address that is no file.
    const second = await a.newTab();
    await second.page.goto(`${second.url}/trash`);
    await second.page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });
    await second.page.close();

    await a.goOnline();
    await b.app.appears("offline.txt", { version: 1, timeout: 4 * SOON });
    await a.app.uploadIs("offline.txt", ["done"]);
    expect((await b.app.names()).sort(), "what B shows").toBe(["Trip", "before.txt", "offline.txt"]);

    // What another app shares while nobody is signed in waits for somebody.
    await a.app.signOut();
    await a.app.page.evaluate(async () => {
      const shared = new FormData();
      shared.append("files", new File(["shared"], "shared ä.txt", { type: "text/plain" }));
      await fetch("/receive", { method: "POST", body: shared });
    });
    await a.app.signIn(user);
    await a.app.page.getByRole("button", { name: "Add to my files" }).click();
    await b.app.appears("shared ä.txt", { version: 1 });
    const kept = () => a.app.page.evaluate(async () => (await (await caches.open("driftless-received")).keys()).length);
    await eventually(async () => (await kept()) === 0, "nothing is kept of it");
    expect((await a.app.names()).sort(), "what A shows").toBe(["Trip", "before.txt", "offline.txt", "shared ä.txt"]);
    // It went with the session.
    await isNotKept(a.app, "Trip");
  }));

test("a server that is down does not keep the page from opening", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    await a.app.drop([journey.file("file.txt", "file")]);
    await a.app.appears("file.txt", { version: 1 });
    await isKept(a.app);
    await journey.server.kill();
    await a.app.page.reload();
    await a.app.appears("file.txt", { version: 1 });
    await a.app.connectionIs("reconnecting");
    await journey.startServer();
    await a.app.connectionIs("live", 4 * SOON);
  }, { ownServer: true }));
