// A proxy that ends requests which are silent for a while, as some do after 30 or 60
// seconds: here after four, so that nobody waits.
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const POLL = /^GET \/api\/v1\/notifications\/poll/;
const PATIENCE = 4_000;

/** What the header says of the connection, from now on. */
const watch = (page) =>
  page.evaluate(() => {
    const status = document.querySelector("[data-testid=connection]");
    window.standings = [status.dataset.state];
    const note = () => window.standings.push(status.dataset.state);
    new MutationObserver(note).observe(status, { attributeFilter: ["data-state"] });
  });

test("behind a proxy that ends silent requests the page stays up to date and quiet", () =>
  journey(async (journey) => {
    const { a } = await journey.computers("a");
    await watch(a.app.page);
    const mark = a.proxy.requests.length;
    const polls = (status) => a.proxy.matching(POLL, mark).filter((poll) => poll.status === status);
    a.proxy.endSilent(PATIENCE);
    // The poll that began before ends with this.
    await a.app.newFolder("Before");
    await a.app.appears("Before", { version: 0 });

    // An upload is under way while the next one is ended.
    a.proxy.limitUploads(60_000);
    await a.app.drop([journey.file("slow.bin", randomBytes(300_000))]);
    await eventually(() => polls(504).length > 0, "a poll is ended");
    expect(polls(504)[0].asked, "what it had asked for").toBe(60);
    await a.app.appears("slow.bin", { version: 1 });

    // Those after it ask for less than the proxy grants.
    await eventually(() => polls(204).length > 0, "a poll is held to its end");
    const { asked } = polls(204)[0];
    expect(asked * 1_000, "what it had asked for").toBeBelow(PATIENCE);
    // On a busy machine, the first one learned from may seem longer than it was.
    expect(polls(504).length, "polls that were ended").toBeBelow(3);
    expect(await a.app.page.evaluate(() => window.standings), "what the header said").toBe(["live"]);

    // The next page knows it from the start.
    const again = a.proxy.requests.length;
    await a.app.page.reload();
    await eventually(() => a.proxy.matching(POLL, again).length > 0, "a poll of the new page");
    expect(a.proxy.matching(POLL, again)[0].asked, "what it asked for").toBe(asked);
  }));
