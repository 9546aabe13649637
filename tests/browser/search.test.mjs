// Finding things: by Ctrl-K or a slash, as somebody types, with the keyboard alone and on a
// phone; with filters; on a page of its own; and what else the same dialog can do.
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { SOON, newUser } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const JSON_BODY = { "content-type": "application/json" };
const DAY_MS = 24 * 3_600_000;

async function makeFolder(app, name, parent = null) {
  const id = randomUUID();
  const body = JSON.stringify({ operation_id: randomUUID(), id, parent, name });
  const answer = await app.api("/api/v1/folders", { method: "POST", headers: JSON_BODY, body });
  expect(answer.status, `making ${name}: ${answer.text}`).toBe(201);
  return id;
}

async function makeFile(app, name, parent = null, modified_at_ms = Date.now()) {
  const id = randomUUID();
  const content = { size: 0, size_class: 18, modified_at_ms, blocks: [] };
  const body = JSON.stringify({ operation_id: randomUUID(), id, parent, name, content });
  const answer = await app.api("/api/v1/files", { method: "POST", headers: JSON_BODY, body });
  expect(answer.status, `making ${name}: ${answer.text}`).toBe(201);
  return id;
}

/** Travels / Île de Ré with a picture and receipts, Work / Reports with documents. */
async function makeTree(app) {
  const travels = await makeFolder(app, "Travels");
  const island = await makeFolder(app, "Île de Ré 2025", travels);
  await makeFile(app, "Überblick Müller.txt", island, Date.now() - 400 * DAY_MS);
  await makeFile(app, "Plage à marée basse.jpg", island, Date.now() - 20 * DAY_MS);
  const work = await makeFolder(app, "Work");
  const reports = await makeFolder(app, "Reports", work);
  await makeFile(app, "Annual report 2026.docx", reports);
  await makeFile(app, "Annual budget.xlsx", reports, Date.now() - 3 * DAY_MS);
  await makeFile(app, "screenshot of the report.png", work);
  await app.appears("Work");
  return { travels, island, work, reports };
}

const field = (page) => page.getByTestId("find");
const dialog = (page) => page.getByRole("dialog", { name: "Search" });
const options = (page) => page.getByTestId("found");
const option = (page, name) => page.locator(`[data-testid=found][data-name=${JSON.stringify(name)}]`);
const hits = (page) => page.locator("[data-testid=found][data-kind=hit]").evaluateAll((all) => all.map((one) => one.dataset.name));
const active = (page) => page.locator("[data-testid=found][aria-selected=true]").getAttribute("data-name");
const words = (page) => page.getByTestId("find-words").textContent();
const results = (page) => page.getByTestId("result").evaluateAll((all) => all.map((one) => one.dataset.name));
const title = (page) => page.locator(".path h1").textContent();

/** Types a query from the beginning, and waits until the list is of it. */
async function type(page, text) {
  await field(page).fill(text);
  await page.locator(`[data-found=${JSON.stringify(text)}]`).waitFor({ timeout: SOON });
}

async function close(page) {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

test("names are found as one types: accents, case, order and typos do not matter", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await makeTree(app);

    await app.list().focus();
    await page.keyboard.press("/");
    await dialog(page).waitFor();
    await options(page).first().waitFor({ timeout: SOON });
    expect(await words(page)).toBe("Changed last in “Files”");
    // Before anything is typed: what was changed last, and what else can be done.
    expect((await hits(page)).includes("Annual report 2026.docx"), "a recent file").toBe(true);
    await option(page, "Go to Trash").waitFor();

    for (const [typed, first] of [
      ["uberblick", "Überblick Müller.txt"],
      ["muller UBER", "Überblick Müller.txt"],
      ["ile de re", "Île de Ré 2025"],
      ["report annual", "Annual report 2026.docx"],
      ["anual repotr", "Annual report 2026.docx"],
      ["scrennshot", "screenshot of the report.png"],
      ["budg", "Annual budget.xlsx"],
    ]) {
      await type(page, typed);
      expect((await hits(page))[0], `found for “${typed}”`).toBe(first);
      expect(await active(page), `what Enter takes for “${typed}”`).toBe(first);
    }
    await type(page, "muller uber");
    const marks = await option(page, "Überblick Müller.txt").locator("mark").allTextContents();
    expect(marks, "what is marked").toBe(["Über", "Müller"]);
    expect(await option(page, "Überblick Müller.txt").locator(".found-place").textContent()).toMatch(/Files \/ Travels \/ Île de Ré 2025/);
    await type(page, "report");
    expect(await hits(page), "the better before the worse").toBe(["Reports", "Annual report 2026.docx", "screenshot of the report.png"]);

    await type(page, "nothing of this name");
    expect(await hits(page)).toBe([]);
    expect(await words(page)).toBe("Nothing in “Files” fits “nothing of this name”");
    await look(page, "search-none");
    await type(page, "an");
    await look(page, "search-hits");
    await type(page, "");
    await look(page, "search-empty");
    await close(page);
    await look(page, "search-field");
  }));

test("the keyboard alone: to a folder, to a file in its folder, and what to do with it", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await makeTree(app);

    await app.list().focus();
    await page.keyboard.press("Control+k");
    await type(page, "reports");
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "detached" });
    await app.appears("Annual budget.xlsx");
    expect(await title(page)).toBe("Reports");

    // A file is opened over what was shown, and closing it leads back there.
    await page.keyboard.press("Control+k");
    await type(page, "plage");
    await page.keyboard.press("Enter");
    const viewer = page.locator("dialog.viewer");
    await viewer.getByText("Plage à marée basse.jpg").first().waitFor();
    await page.keyboard.press("Escape");
    await viewer.waitFor({ state: "detached" });
    expect(await title(page)).toBe("Reports");

    // With Ctrl it is shown where it is, chosen, with the keyboard there.
    await page.keyboard.press("Control+k");
    await type(page, "plage");
    await page.keyboard.press("Control+Enter");
    await page.locator("[data-testid=row][aria-selected=true][data-name='Plage à marée basse.jpg']").waitFor();
    expect(await title(page)).toBe("Île de Ré 2025");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "grid");

    // A folder is shown in its folder with Ctrl.
    await page.keyboard.press("/");
    await type(page, "reports");
    await page.keyboard.press("Control+Enter");
    await page.locator("[data-testid=row][aria-selected=true][data-name=Reports]").waitFor();
    expect(await title(page)).toBe("Work");

    // Escape gives the keyboard back.
    await page.keyboard.press("Control+k");
    await field(page).waitFor();
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "grid");

    // The arrows choose, and the one to the right leads to what can be done.
    await page.keyboard.press("Control+k");
    await type(page, "annual");
    const first = await active(page);
    await page.keyboard.press("ArrowDown");
    expect((await active(page)) === first, "another one is active").toBe(false);
    const second = await active(page);
    await page.keyboard.press("ArrowRight");
    await option(page, "Rename…").waitFor();
    expect(await words(page)).toBe(`What to do with “${second}”`);
    await look(page, "search-actions");
    await page.keyboard.press("Escape");
    await option(page, second).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await option(page, "Rename…").waitFor();
    for (let n = 0; n < 3; n++) await page.keyboard.press("ArrowDown");
    expect(await active(page)).toBe("Rename…");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: `Rename “${second}”` }).waitFor();
    await page.getByRole("textbox").last().fill("Yearly.xlsx");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "grid");
    await page.keyboard.press("Control+k");
    await type(page, "yearly");
    expect(await hits(page)).toBe(["Yearly.xlsx"]);

    // What goes to the trash is found there alone, and comes back from there.
    await page.keyboard.press("ArrowRight");
    await option(page, "Move to trash").click();
    await dialog(page).waitFor({ state: "detached" });
    await page.keyboard.press("Control+k");
    await eventually(async () => {
      await type(page, "yearl");
      await type(page, "yearly");
      return (await hits(page)).length === 0;
    }, "it is not found any more");
    await type(page, "yearly in:trash");
    expect(await hits(page)).toBe(["Yearly.xlsx"]);
    await page.keyboard.press("ArrowRight");
    await option(page, "Restore").click();
    await page.keyboard.press("Control+k");
    await eventually(async () => {
      await type(page, "yearl");
      await type(page, "yearly");
      return (await hits(page)).length === 1;
    }, "it is found again");
  }));

test("commands: a folder, the theme, other pages", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await page.getByTestId("search").click();
    await type(page, "new fold");
    expect(await active(page)).toBe("New folder…");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New folder" }).waitFor();
    await page.getByRole("textbox").last().fill("Plans");
    await page.keyboard.press("Enter");
    await app.appears("Plans");

    await page.keyboard.press("Control+k");
    await field(page).fill("> dark");
    await option(page, "Theme: dark").waitFor();
    expect(await options(page).count(), "commands that fit").toBe(1);
    await page.keyboard.press("Enter");
    await page.locator("html[data-theme=dark]").waitFor();

    await page.keyboard.press("Control+k");
    await type(page, "trash");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Trash", exact: true }).waitFor({ timeout: SOON });

    // Sending files, from anywhere.
    await page.keyboard.press("Control+k");
    await type(page, "upload files");
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Enter")]);
    await chooser.setFiles([journey.file("sent by command.txt", "sent")]);
    await app.goTo("Files");
    await app.appears("sent by command.txt", { version: 1 });

    // A file that the page can show is shown.
    await page.keyboard.press("Control+k");
    await type(page, "sent by");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: /sent by command/ }).waitFor();
    await close(page);

    // Where something is typed, a slash is one.
    await app.new("New folder");
    await page.getByRole("textbox").last().press("/");
    expect(await page.getByRole("textbox").last().inputValue()).toBe("/");
  }));

test("filters, as chips and as words, and all results on a page that a reload keeps", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await makeTree(app);
    await app.drop([journey.file("large annual.bin", Buffer.alloc(3_000_000, 7))]);
    await app.appears("large annual.bin", { version: 1 });
    // The panel takes room from the list, and rows out of sight are not drawn.
    await page.getByRole("button", { name: "Clear finished" }).click();

    await page.keyboard.press("Control+k");
    const chip = (name) => page.getByRole("button", { name, exact: true });
    await options(page).first().waitFor({ timeout: SOON });
    await chip("Pictures").click();
    expect(await field(page).inputValue()).toBe("kind:picture");
    await page.locator("[data-found='kind:picture']").waitFor();
    expect(await hits(page), "pictures, the newest first").toBe(["screenshot of the report.png", "Plage à marée basse.jpg"]);
    expect(await chip("Pictures").getAttribute("aria-pressed")).toBe("true");
    await chip("Last 7 days").click();
    await page.locator("[data-found='kind:picture changed:week']").waitFor();
    expect(await hits(page)).toBe(["screenshot of the report.png"]);
    await look(page, "search-chips");
    await chip("Last 7 days").click();
    await chip("Pictures").click();
    expect(await field(page).inputValue()).toBe("");

    for (const [typed, expected] of [
      ["annual kind:document", ["Annual budget.xlsx", "Annual report 2026.docx"]],
      ["annual changed:today", ["large annual.bin", "Annual report 2026.docx"].toSorted()],
      ["size:>2MB", ["large annual.bin"]],
      ["size:<1kB kind:document changed:month", ["Annual budget.xlsx", "Annual report 2026.docx"]],
      ["kind:folder re", ["Reports", "Île de Ré 2025"]],
      [`after:${new Date(Date.now() - 5 * DAY_MS).toISOString().slice(0, 10)} kind:document budget`, ["Annual budget.xlsx"]],
      ["by:nobody", []],
      ["kind:nonsense", []],
    ]) {
      await type(page, typed);
      expect((await hits(page)).toSorted(), `found for “${typed}”`).toBe(expected.toSorted());
    }

    // All of them, at an address.
    for (let i = 0; i < 15; i += 1) await makeFile(app, `many ${i}.txt`);
    await eventually(async () => {
      await type(page, "man");
      await type(page, "many");
      return (await words(page)) === "15 results in “Files”";
    }, "15 results");
    expect((await hits(page)).length, "the best of them").toBe(12);
    await option(page, "All 15 results").click();
    await page.waitForURL("**/search?q=many");
    await eventually(async () => (await results(page)).length === 15, "all results");
    expect(await page.getByTestId("results-words").textContent()).toBe("15 results in “Files”, the best first");
    await look(page, "search-results");
    await page.reload();
    await eventually(async () => (await results(page)).length === 15, "all results after a reload");
    expect(await page.getByTestId("results-field").inputValue()).toBe("many");

    // Another query there, and back to where one was.
    await page.getByTestId("results-field").fill("übr");
    await eventually(async () => (await results(page)).length === 0, "three letters may have no typo");
    await page.getByTestId("results-field").fill("überblck");
    await eventually(async () => (await results(page)).join() === "Überblick Müller.txt", "the typo is forgiven");
    expect(decodeURIComponent(new URL(page.url()).search)).toBe("?q=überblck");
    await page.getByRole("button", { name: "Actions for Überblick Müller.txt" }).click();
    await page.getByRole("menuitem", { name: "Show in its folder" }).click();
    await page.locator("[data-testid=row][aria-selected=true][data-name='Überblick Müller.txt']").waitFor();
    await page.goBack();
    await eventually(async () => (await results(page)).join() === "Überblick Müller.txt", "the results again");

    // Without a query: what was changed last.
    await page.keyboard.press("Control+k");
    await field(page).fill("> recent");
    await option(page, "Recent files").click();
    await eventually(async () => (await page.getByTestId("results-words").textContent()) === "All files in “Files”, what was changed last first", "recent files");
    expect((await results(page)).slice(0, 2), "the newest").toBe(["many 14.txt", "many 13.txt"]);
  }));

/** What says that a file or folder is starred, in its row. */
const star = (app, name) => app.row(name).getByTestId("star-mark");

/** Stars and saved searches, of somebody who is at two browsers: seen in both, and nowhere else kept. */
async function mark(a, late) {
  const { app } = late;
  const { page } = app;
  await page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: "Files" }).click();
  await a.app.choose("Work", "Star");
  await star(a.app, "Work").waitFor();
  await star(app, "Work").waitFor({ timeout: SOON });
  await page.keyboard.press("Control+k");
  await type(page, "is:starred");
  expect(await hits(page), "what is starred").toBe(["Work"]);
  await close(page);

  // By its key, and back.
  await app.row("Work").locator(".cell-time").click();
  await page.keyboard.press("*");
  await star(app, "Work").waitFor({ state: "detached" });
  await page.getByTestId("notice").getByText("is not starred any more").waitFor({ timeout: SOON });
  await page.getByTestId("notice").getByRole("button", { name: "Undo" }).click();
  await star(app, "Work").waitFor();

  // Without a connection it is shown, and sent when there is one. Another tab has it at once.
  const tab = await late.newTab();
  await tab.open();
  await star(tab, "Work").waitFor({ timeout: SOON });
  late.proxy.cutApi();
  await app.choose("Travels", "Star");
  await star(app, "Travels").waitFor();
  await star(tab, "Travels").waitFor();
  const known = async () => (await a.app.api("/api/v1/marks")).json.stars.length;
  expect(await known(), "what the server knows of").toBe(1);
  late.proxy.mend();
  await eventually(async () => (await known()) === 2, "the star on the server");
  await tab.page.close();

  // A search is saved under a name, and is there after a reload.
  await page.keyboard.press("Control+k");
  await field(page).fill("> recent");
  await option(page, "Recent files").click();
  await page.getByTestId("results-field").fill("annual kind:document");
  await page.getByRole("button", { name: "Save this search" }).click();
  await page.getByTestId("search-name").fill("Annual papers");
  await look(page, "search-save");
  await page.getByTestId("search-name").press("Enter");
  await page.getByTestId("saved-as").waitFor({ timeout: SOON });
  expect(await page.getByTestId("saved-as").textContent()).toBe("Saved as “Annual papers”");
  await app.goTo("Files");
  await page.reload();
  await star(app, "Travels").waitFor({ timeout: SOON });
  await page.keyboard.press("Control+k");
  await option(page, "Annual papers").click();
  await eventually(async () => (await results(page)).length === 2, "what the saved search finds");
  expect(await page.getByTestId("results-field").inputValue()).toBe("annual kind:document");

  // Both are under Starred.
  await app.goTo("Starred");
  await eventually(async () => (await results(page)).join() === "Travels,Work", "the last star first");
  await look(page, "starred");
  const saved = (name) => page.locator(`[data-testid=saved-search][data-name=${JSON.stringify(name)}]`);
  await page.getByRole("button", { name: "Rename Annual papers" }).click();
  await page.getByTestId("search-name").fill("Papers");
  await page.getByTestId("search-name").press("Enter");
  await saved("Papers").waitFor({ timeout: SOON });
  await page.getByRole("button", { name: "Delete Papers" }).click();
  await saved("Papers").waitFor({ state: "detached", timeout: SOON });
  for (const name of ["Work", "Travels"]) {
    await page.getByRole("button", { name: `Actions for ${name}` }).click();
    await page.getByRole("menuitem", { name: "Remove the star" }).click();
  }
  await page.getByTestId("starred-words").getByText("Nothing in “Files” is starred").waitFor();
  await eventually(async () => (await known()) === 0, "no star on the server");
  // Whoever comes back to the page sees what is so by now.
  await a.app.page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  for (const name of ["Work", "Travels"]) await star(a.app, name).waitFor({ state: "detached", timeout: SOON });
}

test("what another device adds or stars is found, and what is typed before the search is here counts", () =>
  journey(async (journey) => {
    const { a, user } = await journey.computers("a");
    await makeTree(a.app);
    const late = await journey.profile("late", { serviceWorkers: "block" });
    const { page } = late.app;
    await late.app.signIn(user);
    await late.app.appears("Work");
    // From here on, whatever the page fetches of itself takes its time.
    let held = 0;
    await page.route("**/*.wasm", async (route) => {
      held += 1;
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await route.continue();
    });
    await page.keyboard.press("Control+k");
    await page.keyboard.type("reports");
    await page.keyboard.press("Enter");
    expect(await field(page).inputValue()).toBe("reports");
    expect(await options(page).count(), "options before the part is here").toBe(0);
    await late.app.appears("Annual budget.xlsx");
    expect(await title(page)).toBe("Reports");
    expect(held > 0, "the search was fetched when it was asked for").toBe(true);

    await page.keyboard.press("Control+k");
    await type(page, "brand new");
    expect(await hits(page)).toBe([]);
    await a.app.drop([journey.file("brand new.txt", "new")]);
    await option(page, "brand new.txt").waitFor({ timeout: SOON });
    await close(page);
    await page.unroute("**/*.wasm");
    await mark(a, late);
  }));

test("on a phone: an icon, a tap, and nothing is wider than the screen", () =>
  journey(async (journey) => {
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await makeTree(app);
    await page.setViewportSize({ width: 380, height: 780 });
    const box = await page.getByTestId("search").boundingBox();
    expect(box.width >= 44 && box.height >= 44, "a finger's size").toBe(true);
    await page.getByTestId("search").click();
    await type(page, "annual");
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await wide(), "pixels beyond the screen").toBe(0);
    await option(page, "Annual budget.xlsx").locator(".found-more").click();
    await option(page, "Show in its folder").click();
    await page.locator("[data-testid=row][aria-selected=true][data-name='Annual budget.xlsx']").waitFor();
    await page.getByTestId("search").click();
    await type(page, "travels");
    await option(page, "Travels").click();
    await app.appears("Île de Ré 2025");
  }));

test("what somebody shares is searched by itself, and the dialog says so", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const { work } = await makeTree(ann.app);
    await makeFile(bob.app, "report of bob.txt");
    await ann.app.share("Work", bob.user.name);
    await bob.page.goto(`${bob.app.url}/shared/${work}`);
    await bob.app.appears("Reports");
    await bob.page.keyboard.press("Control+k");
    await type(bob.page, "report");
    expect(await words(bob.page)).toBe("3 results in “Work”");
    expect((await hits(bob.page)).includes("report of bob.txt"), "of another root").toBe(false);
    await option(bob.page, "Annual report 2026.docx").click();
    await bob.page.locator("dialog.viewer").getByText("Annual report 2026.docx").first().waitFor();
    await bob.page.goto(`${bob.app.url}/shared/${work}/search?q=budget`);
    await eventually(async () => (await results(bob.page)).join() === "Annual budget.xlsx", "results in what is shared");
  }));
