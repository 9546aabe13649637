// Two tabs of one browser are one device: they share one long poll.
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const POLL = /^GET \/api\/v1\/notifications\/poll/;

test("two tabs, one poll, news in both", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const second = await a.newTab();
    await second.open();
    await second.isSignedIn();

    const open = () => a.proxy.matching(POLL).filter(({ status }) => status === null).length;
    await eventually(() => open() === 1, "one poll is open");
    for (let i = 0; i < 30; i += 1) {
      expect(open(), "open polls").toBeBelow(2);
      await second.page.waitForTimeout(100);
    }

    await b.app.drop([journey.file("news.txt", "news")]);
    await a.app.appears("news.txt");
    await second.appears("news.txt");
    await eventually(() => open() === 1, "one poll is open again");

    // The tab that polls goes; the other takes over.
    await a.app.page.close();
    await eventually(() => open() === 1, "the other tab polls");
    await b.app.drop([journey.file("more.txt", "more")]);
    await second.appears("more.txt");
  }));

test("one tab asks what is shared, and tells the others", () =>
  journey(async (journey) => {
    const [a, b] = [await journey.profile("a"), await journey.profile("b")];
    const [ann, bob] = [newUser(), newUser()];
    await Promise.all([a.app.signUp(ann), b.app.signUp(bob)]);
    const tabs = [a.app, await a.newTab(), await a.newTab()];
    for (const tab of tabs.slice(1)) {
      await tab.open();
      await tab.isSignedIn();
    }
    for (const tab of tabs) await tab.goTo("Shared");
    await b.app.newFolder("Plans");
    await b.app.appears("Plans");
    // What they ask when they begin is over.
    await a.app.page.waitForTimeout(3_000);
    const before = a.proxy.requests.length;
    await b.app.share("Plans", ann.name);
    for (const tab of tabs) await tab.page.getByTestId("shared-with-me").waitFor({ timeout: SOON });
    for (const tab of tabs) await tab.page.getByRole("button", { name: "News, 1 not seen", exact: true }).waitFor({ timeout: SOON });
    // Later ones would have come by now.
    await a.app.page.waitForTimeout(3_000);
    for (const asked of [/^GET \/api\/v1\/grants$/, /^GET \/api\/v1\/accounts\/me\?nobody=1$/, /^GET \/api\/v1\/news/]) {
      expect(a.proxy.matching(asked, before).length, `requests like ${asked}`).toBe(1);
    }
  }));
