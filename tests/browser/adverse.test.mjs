// What the browser or the computer does to a page that is open: the disk is
// full, the clock jumps, nothing can be stored at all.
import { randomFillSync } from "node:crypto";
import { test } from "node:test";
import { SOON, UPLOAD, sha256, sha256OfFile } from "./support/app.mjs";
import { cacheHas, cacheSize } from "./support/block_cache.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { areKept, edits } from "./support/unsent.mjs";

const DAY = 24 * 60 * 60 * 1000;

/** Leaves the page's origin no more room than it has taken; 0 takes that back. */
async function leaveRoom(profile, bytes) {
  const client = await profile.context.newCDPSession(profile.app.page);
  await client.send("Storage.overrideQuotaForOrigin", { origin: new URL(profile.url).origin, ...(bytes && { quotaSize: bytes }) });
}

/** Whether the page asks if leaving is meant. The person stays. */
async function asksBeforeLeaving(page) {
  const asked = page.waitForEvent("dialog", { timeout: SOON }).then(async (dialog) => {
    const type = dialog.type();
    await dialog.dismiss();
    return type;
  });
  await page.reload({ timeout: 3_000 }).catch(() => {});
  return asked;
}

/** Sets the clock that the page reads; timers run on, as they do in a browser. */
const setClockOff = (page, millis) =>
  page.evaluate((millis) => {
    const Right = Date;
    globalThis.Date = class extends Right {
      constructor(...args) {
        super(...(args.length > 0 ? args : [Right.now() + millis]));
      }
      static now() {
        return Right.now() + millis;
      }
    };
  }, millis);

test("a full disk: what was acknowledged stays, and what can't be kept is said", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.app.drop([journey.file("one.txt", "1")]);
    await b.app.appears("one.txt", { version: 1 });
    await a.app.uploadIs("one.txt", ["done"]);

    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    await leaveRoom(a, 1);
    const bytes = "no room for this\n".repeat(100_000);
    await a.app.drop([journey.file("large.txt", bytes)]);
    await a.app.page.getByText(/no room to keep “large.txt”|keeps no data/).first().waitFor({ timeout: SOON });
    await a.app.uploadIs("large.txt", ["offline", "waiting"]);
    await a.app.appears("one.txt", { version: 1 });
    expect(await asksBeforeLeaving(a.app.page), "what the page does when it is left").toBe("beforeunload");

    // It is sent from where it was dropped, and the page goes on working.
    a.proxy.mend();
    await b.app.appears("large.txt", { version: 1, timeout: 4 * SOON });
    expect(sha256OfFile(await b.app.download("large.txt")), "what B has").toBe(sha256(bytes));
    await a.app.drop([journey.file("two.txt", "2")]);
    await b.app.appears("two.txt", { version: 1 });
    await leaveRoom(a, 0);
    await a.app.page.reload();
    for (const name of ["one.txt", "two.txt", "large.txt"]) await a.app.appears(name, { version: 1, timeout: 2 * SOON });
  }));

test("a full disk: blocks that can be fetched again give way to what was not sent", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const MB = 1_000_000;
    await a.app.drop([journey.file("sent.bin", randomFillSync(Buffer.alloc(8 * MB)))]);
    await b.app.appears("sent.bin", { version: 1, timeout: UPLOAD });
    await cacheHas(a.app.page, 8 * MB);
    a.proxy.cutApi();
    await a.app.connectionIs("reconnecting");
    // The page itself takes some, too.
    const { usage } = await a.app.page.evaluate(() => navigator.storage.estimate());
    await leaveRoom(a, usage + MB);
    const bytes = randomFillSync(Buffer.alloc(4 * MB));
    await a.app.drop([journey.file("unsent.bin", bytes)]);
    await areKept(a.app.page, 1);
    expect((await cacheSize(a.app.page)).stored, "bytes of the block cache").toBe(0);
    a.proxy.mend();
    await b.app.appears("unsent.bin", { version: 1, timeout: UPLOAD });
    expect(sha256OfFile(await b.app.download("unsent.bin")), "what B has").toBe(sha256(bytes));
  }));

for (const [how, days] of [["forward by a year", 365], ["back by a year", -365]]) {
  test(`a clock that jumps ${how} holds nothing up and loses nothing`, () =>
    journey(async (journey) => {
      const { a, b } = await journey.computers("a", "b");
      await a.app.drop([journey.file("base/notes.txt", "base")]);
      await b.app.appears("notes.txt", { version: 1 });
      await a.app.uploadIs("notes.txt", ["done"]);
      a.proxy.cutApi();
      await a.app.connectionIs("reconnecting");
      await a.app.drop([journey.file("edit/notes.txt", "edited before the jump")]);
      await areKept(a.app.page, 1);
      await setClockOff(a.app.page, days * DAY);
      await a.app.drop([journey.file("after.txt", "made after the jump")]);
      await areKept(a.app.page, 2);
      a.proxy.mend();
      await b.app.appears("notes.txt", { version: 2, timeout: 4 * SOON });
      await b.app.appears("after.txt", { version: 1, timeout: 2 * SOON });
      await eventually(async () => (await edits(a.app.page)).length === 0, "nothing is left to send");
      // News still arrives, too.
      await b.app.drop([journey.file("from-b.txt", "b")]);
      await a.app.appears("from-b.txt", { version: 1, timeout: 2 * SOON });
    }));
}

test("two tabs without a database work from the server", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    await a.context.addInitScript(() => {
      const refuse = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
      Object.defineProperty(IDBFactory.prototype, "open", { value: refuse });
    });
    const second = await a.newTab();
    for (const app of [a.app, second]) {
      await app.open();
      await app.isSignedIn();
      await app.page.getByText(/keeps no data/).first().waitFor({ timeout: SOON });
    }
    await second.drop([journey.file("second.txt", "from the second tab")]);
    await a.app.drop([journey.file("first.txt", "from the first tab")]);
    for (const app of [a.app, second, b.app]) {
      for (const name of ["first.txt", "second.txt"]) await app.appears(name, { version: 1, timeout: 2 * SOON });
    }
    await b.app.drop([journey.file("b/first.txt", "from B")]);
    for (const app of [a.app, second]) await app.appears("first.txt", { version: 2, timeout: 2 * SOON });
  }));
