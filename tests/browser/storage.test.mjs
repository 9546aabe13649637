// The browser takes the page's storage away, or the tab that had unsent edits.
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { areKept, edits } from "./support/unsent.mjs";

/** As a person does who clears it, or a browser whose disk is full. */
async function deleteDatabase(profile) {
  const other = await profile.newTab();
  await other.page.goto(`${profile.url}/favicon.svg`);
  await other.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const deletion = indexedDB.deleteDatabase("driftless");
        deletion.onsuccess = resolve;
        deletion.onerror = () => reject(deletion.error);
      }),
  );
  await other.page.close();
}

test("the database is deleted under a page that is open", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp(newUser());
    await a.app.drop([journey.file("one.txt", "1")]);
    await a.app.appears("one.txt", { version: 1 });
    await a.app.uploadIs("one.txt", ["done"]);

    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    await a.app.drop([journey.file("offline.txt", "not sent")]);
    await areKept(a.app.page, 1);
    await deleteDatabase(a);
    await areKept(a.app.page, 1);
    a.proxy.mend();
    await a.app.appears("offline.txt", { version: 1, timeout: 4 * SOON });
    await a.app.drop([journey.file("two.txt", "2")]);
    await a.app.appears("two.txt", { version: 1 });
    await eventually(async () => (await edits(a.app.page)).length === 0, "nothing is left to send");

    // What was acknowledged is there after a reload, even without a server.
    a.proxy.cutApi();
    await a.app.page.reload();
    for (const name of ["one.txt", "offline.txt", "two.txt"]) await a.app.appears(name, { version: 1 });
    a.proxy.mend();
    await a.app.connectionIs("live", 4 * SOON);
    expect((await a.app.names()).length, "rows").toBe(3);
  }));

test("an edit made offline in a tab that is closed is sent by another", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const second = await a.newTab();
    await second.open();
    await second.isSignedIn();
    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    await second.drop([journey.file("left.txt", "left behind")]);
    await areKept(second.page, 1);
    await second.page.close();
    a.proxy.mend();
    await b.app.appears("left.txt", { version: 1, timeout: 4 * SOON });
    await a.app.uploadIs("left.txt", ["done"]);
  }));
