// The list as people read it: names in the order of their language, whatever comes
// later falls into its place, and dates are dates.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const cell = ({ page }, name, kind) => page.locator(`[data-testid=row][data-name=${JSON.stringify(name)}] .cell-${kind}`);

async function made(app, name, modified_at_ms) {
  const content = { size: 0, size_class: 18, modified_at_ms, blocks: [] };
  const body = { operation_id: randomUUID(), id: randomUUID(), parent: null, name, content };
  const answer = await app.api("/api/v1/files", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  expect(answer.status, `making ${name}: ${answer.text}`).toBe(201);
  await app.appears(name, { version: 1 });
}

test("chapter 2 stands before chapter 10, and a date before 1970 or ahead is a date", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    await app.signUp(newUser());
    const order = ["_notes.txt", "2.txt", "10.txt", "Äpfel.txt", "apple.txt", "chapter 2.txt", "chapter 10.txt", "Maße.txt", "Zebra.txt"];
    await app.drop(order.toReversed().map((name) => journey.file(name, name)));
    await eventually(async () => (await app.names()).length === order.length, "all rows");
    expect(await app.names(), "the rows").toBe(order);

    // One more, and one renamed.
    await app.drop([journey.file("chapter 9.txt", "nine")]);
    await app.appears("chapter 9.txt");
    await app.rename("Zebra.txt", "ämter.txt");
    await app.appears("ämter.txt");
    const now = ["_notes.txt", "2.txt", "10.txt", "ämter.txt", "Äpfel.txt", "apple.txt", "chapter 2.txt", "chapter 9.txt", "chapter 10.txt", "Maße.txt"];
    expect(await app.names(), "the rows after it").toBe(now);
    await app.page.getByRole("button", { name: "Name" }).first().click();
    await eventually(async () => (await app.names()).join() === now.toReversed().join(), "the other way round");

    await made(app, "old.txt", Date.UTC(1938, 10, 9, 12));
    await made(app, "ahead.txt", Date.UTC(2101, 0, 5, 12));
    await made(app, "soon.txt", Date.now() + 3 * 3_600_000);
    expect(await cell(app, "old.txt", "time").textContent(), "a date before 1970").toBe("9 Nov 1938");
    expect(await cell(app, "ahead.txt", "time").textContent(), "a date ahead").toBe("5 Jan 2101");
    expect(await cell(app, "soon.txt", "time").textContent()).toMatch(/\d{4}, \d\d:\d\d$/);
    expect(await cell(app, "old.txt", "time").getAttribute("title")).toMatch(/^Wednesday,? 9 November 1938.* \d\d:00:00 \S+/);
    await app.page.getByRole("button", { name: /^Modified/ }).first().click();
    await eventually(async () => (await app.names())[0] === "ahead.txt", "the newest first");
    expect((await app.names()).at(-1), "the oldest last").toBe("old.txt");
  }));
