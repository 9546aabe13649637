// What others are slow at: news in a second, in the folder that is open.
import { test } from "node:test";
import { eventually } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

/** Milliseconds; others take 20 to 30 seconds. */
const SECONDS_NOT_MINUTES = 5_000;

test("propagation takes no 20 to 30 s (seafile#992)", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const used = ({ app }) => app.page.getByTestId("storage").innerText();
    const before = await used(b);
    for (const round of [1, 2, 3]) {
      const name = `round-${round}.txt`;
      await a.app.drop([journey.file(name, name)]);
      await a.app.uploadIs(name, ["done"]);
      await b.app.appears(name, { version: 1, timeout: SECONDS_NOT_MINUTES });
    }
    // B's figure follows without a reload, and is asked for once for all of that.
    await eventually(async () => (await used(b)) !== before && (await used(b)) === (await used(a)), "B shows the storage that A has used");
  }));

test("the folder that is open in the browser is live (nextcloud/server#2742)", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const soon = { timeout: SECONDS_NOT_MINUTES };
    await a.app.newFolder("Open");
    for (const { app } of [a, b]) {
      await app.appears("Open");
      await app.openFolder("Open");
    }

    await a.app.drop([journey.file("new.txt", "1")]);
    await b.app.appears("new.txt", { version: 1, ...soon });
    await a.app.uploadIs("new.txt", ["done"]);
    await a.app.drop([journey.file("next/new.txt", "2")]);
    await b.app.appears("new.txt", { version: 2, ...soon });
    await a.app.rename("new.txt", "renamed.txt");
    await b.app.appears("renamed.txt", soon);
    await a.app.choose("renamed.txt", "Move to trash");
    await b.app.disappears("renamed.txt", SECONDS_NOT_MINUTES);
  }));
