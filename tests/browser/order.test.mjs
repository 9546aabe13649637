// The list as people read it: names in the order of their language, whatever comes
// later falls into its place, and dates are dates. It is shown as rows or tiles, in groups,
// with the columns that one wants, and rows are chosen with a rectangle.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const cell = ({ page }, name, kind) => page.locator(`[data-testid=row][data-name=${JSON.stringify(name)}] .cell-${kind}`);

/**
 * Goes up from the last row in a low window: the heading of the group stays at the top, and
 * hides no row that the keyboard is on.
 */
async function headingStays({ page }, name, steps) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: size.width, height: 460 });
  const seen = () =>
    page.evaluate(() => {
      const list = document.querySelector(".grid");
      const top = list.getBoundingClientRect().top + document.querySelector(".grid-heads").getBoundingClientRect().height;
      const boxOf = (element) => element.getBoundingClientRect();
      const heading = [...document.querySelectorAll(".group-head")].findLast((head) => boxOf(head).top < top + 2);
      // Where the list has jumped, its rows are drawn with the next frame.
      const row = document.querySelector(".row-active");
      if (!heading || !row) return { scrolled: list.scrollTop };
      return {
        scrolled: list.scrollTop,
        name: heading.querySelector("strong").textContent,
        above: Math.abs(boxOf(heading).top - top),
        covered: boxOf(heading).bottom - boxOf(row).top,
      };
    });
  await page.keyboard.press("End");
  const bottom = await eventually(async () => {
    const now = await seen();
    return now.scrolled > 0 && now.name === name && now;
  }, `the last rows, below “${name}”`);
  expect(bottom.above, "the heading is as far from the top").toBeBelow(1.5);
  for (let i = 0; i < steps; i += 1) {
    await page.keyboard.press("ArrowUp");
    const { covered } = await eventually(async () => {
      const now = await seen();
      return now.covered < 1.5 && now;
    }, "a row that the keyboard is on is seen whole");
    expect(covered, "of the row is covered").toBeBelow(1.5);
  }
  expect((await seen()).scrolled, "scrolled up").toBeBelow(bottom.scrolled);
  await page.setViewportSize(size);
}

async function made(app, name, modified_at_ms) {
  const content = { size: 0, size_class: 18, modified_at_ms, blocks: [] };
  const body = { operation_id: randomUUID(), id: randomUUID(), parent: null, name, content };
  const answer = await app.api("/api/v1/files", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  expect(answer.status, `making ${name}: ${answer.text}`).toBe(201);
  await app.appears(name, { version: 1 });
}

test("chapter 2 stands before chapter 10, a date is a date, and a list is shown as one likes", () =>
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

    // In groups and as tiles, by the keyboard too, and still so after a reload.
    const { page } = app;
    const { keyboard, mouse } = page;
    const headings = () => page.locator(".group-head strong").allTextContents();
    const active = () => page.locator(".row-active").getAttribute("data-name");
    const long = "Accounts of the north branch, 2025 (final)";
    await app.newFolder(long);
    await app.appears(long);
    await app.arrange("Group by date");
    await eventually(async () => (await headings()).join() === "Folders,In the future,Today,Earlier", "the groups by date");
    await app.list().focus();
    await keyboard.press("Home");
    await keyboard.press("ArrowDown");
    expect(await active(), "the row below the folder's").toBe("ahead.txt");
    await look(page, "list-groups");
    await headingStays(app, "Today", 9);
    await app.arrange("As tiles");
    await app.arrange("Group by kind");
    await app.arrange("Sort by name");
    await eventually(async () => (await headings()).join() === "Folders,Documents", "the groups by kind");
    const tiles = [long, "_notes.txt", "2.txt", "10.txt"];
    await eventually(async () => (await app.names()).slice(0, 4).join() === tiles.join(), "the tiles");
    await app.list().focus();
    await keyboard.press("Home");
    for (const [key, name] of [["ArrowDown", "_notes.txt"], ["ArrowRight", "2.txt"], ["ArrowLeft", "_notes.txt"], ["ArrowUp", long]]) {
      await keyboard.press(key);
      expect(await active(), `the tile after ${key}`).toBe(name);
    }
    await look(page, "list-tiles");
    await headingStays(app, "Documents", 1);
    await page.reload();
    await app.appears("2.txt");
    expect(await headings(), "the groups after a reload").toBe(["Folders", "Documents"]);
    expect(await page.locator(".tiles").count(), "tiles after a reload").toBe(1);
    await app.arrange("As rows");
    await app.arrange("No groups");
    await page.getByRole("columnheader", { name: "Kind" }).click({ button: "right" });
    await look(page, "list-view-menu");
    await keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Kind" }).click({ button: "right" });
    await page.getByRole("menuitemcheckbox", { name: "Column “Kind”" }).click();
    await page.getByRole("columnheader", { name: "Kind" }).waitFor({ state: "detached" });
    await app.arrange("Column “Kind”");
    await page.getByRole("columnheader", { name: "Kind" }).waitFor({ timeout: SOON });

    // A rectangle, from below the rows and from beside the names.
    const chosen = () => page.locator("[data-testid=row][aria-selected=true]").evaluateAll((rows) => rows.map((row) => row.dataset.name));
    const last = await app.rows().last().boundingBox();
    const drag = async (from, to) => {
      await mouse.move(...from);
      await mouse.down();
      await mouse.move(...to, { steps: 5 });
    };
    await drag([last.x + 200, last.y + last.height + 20], [last.x + 40, last.y - 10]);
    await page.getByTestId("band").waitFor({ timeout: SOON });
    expect(await chosen(), "what the rectangle touches").toBe((await app.names()).slice(-2));
    await mouse.up();
    await page.getByTestId("band").waitFor({ state: "detached" });
    await page.getByText("2 items", { exact: true }).waitFor({ timeout: SOON });
    const beside = await cell(app, "10.txt", "time").boundingBox();
    await keyboard.down("Control");
    await drag([beside.x + 20, beside.y + 8], [beside.x - 80, beside.y + last.height]);
    await mouse.up();
    await keyboard.up("Control");
    expect((await chosen()).length, "chosen with Ctrl").toBe(4);
    // Beside the bar that says what is chosen.
    await mouse.click(last.x + 60, last.y + last.height + 20);
    await eventually(async () => (await chosen()).length === 0, "nothing is chosen after a press on nothing");

    // A row can be dragged out of the window: the browser is told its name and address.
    const out = await app.row("2.txt").evaluate((row) => {
      const dataTransfer = new DataTransfer();
      row.dispatchEvent(new DragEvent("dragstart", { dataTransfer, bubbles: true }));
      row.dispatchEvent(new DragEvent("dragend", { bubbles: true }));
      return dataTransfer.getData("DownloadURL");
    });
    const [, name, address] = /^application\/octet-stream:([^:]+):(http.+)$/.exec(out);
    const answer = await page.request.get(address);
    expect([name, answer.status(), await answer.text()], "what is dragged out").toBe(["2.txt", 200, "2.txt"]);
    expect(answer.headers()["content-disposition"]).toMatch(/^attachment;.*2\.txt/);

    // Where there is little room, the folder's name is there, and rows are.
    await app.openFolder(long);
    const heading = page.getByRole("heading", { name: long });
    await heading.waitFor({ timeout: SOON });
    for (const width of [1280, 840, 780, 740, 380, 320]) {
      await page.setViewportSize({ width, height: 780 });
      const [start, end] = await heading.locator("span").evaluateAll((spans) => spans.map((span) => span.getBoundingClientRect().toJSON()));
      const view = await page.getByRole("button", { name: "View", exact: true }).boundingBox();
      expect(start.width > 30 && end.right <= view.x && end.width > 40, `the name at ${width}: ${JSON.stringify([start, end, view])}`).toBe(true);
    }
    await look(page, "list-long-name");
    await page.goBack();
    await app.appears("2.txt");
    await page.setViewportSize({ width: 320, height: 256 });
    const list = await app.list().boundingBox();
    console.log(`  of 320 x 256 pixels the list has ${list.width} x ${list.height}`);
    expect(list.height >= 3 * last.height, "room for three rows").toBe(true);
  }));
