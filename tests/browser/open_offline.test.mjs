// The page opens without a connection, with the list and with what was changed
// and not sent, and a file that is dropped then is sent later.
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

/** Until the browser has its copy of the page. */
const isKept = ({ page }) => page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

test("the page opens offline, and what is dropped into it then arrives", () =>
  journey(async (journey) => {
    const { a, b, user } = await journey.computers("a", "b");
    await a.app.drop([journey.file("before.txt", "before")]);
    for (const { app } of [a, b]) await app.appears("before.txt", { version: 1 });
    await isKept(a.app);

    await a.goOffline();
    await a.app.connectionIs("offline");
    await a.app.page.reload();
    await a.app.appears("before.txt", { version: 1 });
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
    expect((await b.app.names()).sort(), "what B shows").toBe(["before.txt", "offline.txt"]);

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
    expect((await a.app.names()).sort(), "what A shows").toBe(["before.txt", "offline.txt", "shared ä.txt"]);
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
