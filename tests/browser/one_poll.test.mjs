// A page works on the person's own drive and on what others share with them, with one poll
// for all of it: what happens in each arrives, and a change costs one poll more.
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { SOON, UPLOAD } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const POLL = /^GET \/api\/v1\/notifications\/poll/;

test("one poll waits for a person's own drive and for two shares that are open", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const other = (await journey.profile("other")).app;
    await other.signIn(bob.user);
    const file = (name) => journey.file(`${randomBytes(4).toString("hex")}/${name}`, name);
    const goTo = (page, place) =>
      page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
    const roots = {};
    for (const name of ["Plans", "Notes"]) {
      await ann.app.newFolder(name);
      await ann.app.choose(name, "Share…");
      const share = ann.page.getByRole("dialog", { name: `Share “${name}”` });
      await share.getByLabel("Share with").fill(bob.user.name);
      await share.getByRole("button", { name: "Can change", exact: true }).click();
      await share.getByRole("button", { name: "Share", exact: true }).click();
      await share.getByTestId("access").and(ann.page.locator(`[data-person="${bob.user.name}"]`)).waitFor({ timeout: SOON });
      await ann.page.keyboard.press("Escape");
    }
    const open = () => bob.proxy.matching(POLL).filter(({ status }) => status === null);
    const rootsOf = ({ path }) => [...path.matchAll(/(?:~|root=)([0-9a-f-]{36})/g)].map(([, id]) => id);
    /** One poll is open, and waits for this many things that are shared. */
    const waitsFor = (count, what) =>
      eventually(() => {
        const polls = open();
        return polls.length === 1 && rootsOf(polls[0]).length === count && polls[0];
      }, `one poll, ${what}`);
    const openShare = async (name) => {
      await goTo(bob.page, "Shared");
      await bob.page.getByRole("link", { name: `Open ${name}` }).click();
    };

    expect((await waitsFor(0, "for the own drive")).path, "as ever").toMatch(/since_token=1\.[\w-]+$/);
    await openShare("Plans");
    [roots.Plans] = rootsOf(await waitsFor(1, "for one share too"));

    // A share that is busy works on while the person looks at another.
    bob.proxy.limitUploads(40_000);
    await bob.app.drop([journey.file("large/large.bin", randomBytes(3_000_000))]);
    await bob.app.uploadIs("large.bin", ["uploading"]);
    await openShare("Notes");
    const all = rootsOf(await waitsFor(2, "for two shares too"));
    [roots.Notes] = all.filter((id) => id !== roots.Plans);

    /** What somebody does is pulled from where it was, and one poll waits again. */
    const arrives = async (what, root, act) => {
      const mark = bob.proxy.requests.length;
      await act();
      const pulls = () => bob.proxy.matching(/^GET \/api\/v1\/changes\/list/, mark);
      const isOf = ({ path }) => (root ? path.includes(`root=${root}`) : !path.includes("root="));
      await eventually(() => pulls().some(isOf), `${what} is pulled`);
      await waitsFor(2, `after ${what}`);
      return mark;
    };
    await arrives("a file in Plans", roots.Plans, () => ann.app.openFolder("Plans").then(() => ann.app.drop([file("plan.txt")])));
    await goTo(ann.page, "Files");
    await arrives("a file in Notes", roots.Notes, () => ann.app.openFolder("Notes").then(() => ann.app.drop([file("note.txt")])));
    await bob.app.appears("note.txt");
    await arrives("a folder of his own", null, () => other.newFolder("His own"));

    // Others are told at most once in 10 seconds that something happened elsewhere. Then a
    // change costs one poll: the one that waits is answered, and the next one is sent.
    await eventually(async () => {
      const mark = await arrives("another folder of his own", null, () => other.newFolder(`More ${randomBytes(3).toString("hex")}`));
      await bob.page.waitForTimeout(1_000);
      return bob.proxy.matching(POLL, mark).length === 1;
    }, "one poll for a change");
    expect(open().length, "open polls").toBe(1);

    const refused = bob.proxy.matching(POLL).filter(({ status }) => status >= 400);
    expect(refused.length, "polls that were refused").toBe(0);
    bob.proxy.limitUploads(Infinity);
    await openShare("Plans");
    await bob.app.appears("plan.txt");
    await bob.app.uploadIs("large.bin", ["done"], UPLOAD);
    await goTo(bob.page, "Files");
    await bob.app.appears("His own");
    await waitsFor(0, "for the own drive again");
  }));
