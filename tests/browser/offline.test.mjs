// What is changed without a connection is shown at once, survives a reload and
// reaches the others when there is one again.
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { areKept, copies, edits } from "./support/unsent.mjs";

const OFFLINE = ["offline", "waiting"];

const pending = ({ page }, name) =>
  page.locator(`[data-testid=row][data-name=${JSON.stringify(name)}][data-pending=true]`).waitFor({ timeout: SOON });

test("an edit made offline survives a reload and reaches the other browser", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop([journey.file("base/notes.txt", "base")]);
    for (const { app } of [a, b]) await app.appears("notes.txt", { version: 1 });
    await a.app.uploadIs("notes.txt", ["done"]);

    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    const text = "made offline\n".repeat(50_000);
    await a.app.drop([journey.file("edit/notes.txt", text)]);
    await a.app.drop([journey.file("new.txt", "new")]);
    await a.app.uploadIs("notes.txt", OFFLINE);
    for (const name of ["notes.txt", "new.txt"]) await pending(a.app, name);
    await areKept(a.app.page, 2);

    // Nothing asks whether leaving is meant: the bytes are kept.
    await a.app.page.reload();
    for (const name of ["notes.txt", "new.txt"]) {
      await pending(a.app, name);
      await a.app.uploadIs(name, OFFLINE);
    }
    a.proxy.mend();
    await b.app.appears("notes.txt", { version: 2, timeout: 4 * SOON });
    await b.app.appears("new.txt", { version: 1 });
    for (const name of ["notes.txt", "new.txt"]) await a.app.uploadIs(name, ["done"]);
    expect(sha256OfFile(await b.app.download("notes.txt")), "what B has").toBe(sha256(text));
    expect(await a.app.page.locator("[data-pending=true]").count(), "rows that wait").toBe(0);
    await eventually(async () => (await copies(a.app.page)).length === 0, "no copy is left");
    expect(await edits(a.app.page), "edits that are left").toBe([]);
  }));

test("rename, new folder, a file in it and the trash, offline, with a reload", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop(["old.txt", "rubbish.txt"].map((name) => journey.file(name, name)));
    for (const name of ["old.txt", "rubbish.txt"]) for (const { app } of [a, b]) await app.appears(name, { version: 1 });

    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    await a.app.rename("old.txt", "fresh.txt");
    await a.app.newFolder("Papers");
    await pending(a.app, "Papers");
    await a.app.drop([journey.file("thesis.txt", "to be written")], "Papers");
    await a.app.choose("rubbish.txt", "Move to trash");
    await a.app.disappears("rubbish.txt");
    await areKept(a.app.page, 4);

    await a.app.page.reload();
    for (const name of ["fresh.txt", "Papers"]) await pending(a.app, name);
    expect(await a.app.names(), "A's rows before there is a connection").toBe(["Papers", "fresh.txt"]);
    await a.app.openFolder("Papers");
    await pending(a.app, "thesis.txt");

    a.proxy.mend();
    await b.app.appears("fresh.txt", { timeout: 4 * SOON });
    await b.app.disappears("rubbish.txt");
    expect(await b.app.names(), "B's rows").toBe(["Papers", "fresh.txt"]);
    await b.app.openFolder("Papers");
    await b.app.appears("thesis.txt", { version: 1 });
    await eventually(async () => (await edits(a.app.page)).length === 0, "nothing is left to send");
    expect(await a.app.page.locator("[data-pending=true]").count(), "rows that wait").toBe(0);
  }));

test("three computers that were offline end with the same", () =>
  journey(async (journey) => {
    const { a, b, c } = await journey.computers("a", "b", "c");
    const all = [a, b, c];
    await a.app.drop(["x.txt", "y.txt"].map((name) => journey.file(name, name)));
    for (const { app } of all) for (const name of ["x.txt", "y.txt"]) await app.appears(name, { version: 1 });

    for (const profile of all) await profile.goOffline();
    await a.app.rename("x.txt", "from-a.txt");
    await b.app.drop([journey.file("b/y.txt", "edited by B")]);
    await b.app.newFolder("Shared");
    await c.app.newFolder("Shared");
    await c.app.choose("x.txt", "Move to trash");
    await c.app.drop([journey.file("c.txt", "made by C")], "Shared");
    for (const profile of all) await profile.goOnline();

    const rows = async ({ app }) => JSON.stringify((await app.names()).sort());
    await eventually(async () => {
      const server = JSON.stringify((await a.app.items()).filter(({ parent }) => !parent).map(({ name }) => name).sort());
      const shown = await Promise.all(all.map(rows));
      const waits = await Promise.all(all.map(({ app }) => app.page.locator("[data-pending=true]").count()));
      return waits.every((count) => count === 0) && shown.every((list) => list === server);
    }, "all show what the server has", 6 * SOON);
    const names = await a.app.names();
    expect(names.filter((name) => name === "Shared").length, "folders named Shared").toBe(1);
    for (const { app } of all) {
      await app.appears("y.txt", { version: 2 });
      expect(sha256OfFile(await app.download("y.txt")), "what B wrote").toBe(sha256("edited by B"));
      await app.openFolder("Shared");
      await app.appears("c.txt", { version: 1 });
    }
  }));
