// Two tabs of one browser are one device: they share one long poll.
import { test } from "node:test";
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
