// The page in other languages.
//  1. Somebody whose browser is German sees German words from the first sight on.
//  2. Another one chooses German, and goes through all pages: no English words are left, numbers
//     have their forms, times and figures are written as in German.
//  3. Then Arabic: everything is the other way round, nothing is wider than the window, names of
//     files stay as they are, and the keyboard and axe find nothing else.
//  4. English again and the dark theme are chosen under Settings, and stay.
import { test } from "node:test";
import { catalogue } from "../../scripts/lib/words.mjs";
import { SOON, newUser } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const PLACES = ["/", "/starred", "/shared", "/conflicts", "/activity", "/trash", "/settings", "/storage", "/administration", "/nothing/here"];

/** English words of the catalogue that a page shows, but for those that are the same. */
const english = (page, { texts }) =>
  page.evaluate((texts) => {
    const shown = new Set();
    const see = (text) => {
      const words = text?.trim().replace(/\s+/g, " ");
      if (words && words.includes(" ") && Object.hasOwn(texts, words) && texts[words] !== words) shown.add(words);
    };
    const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) if (nodes.currentNode.parentElement.checkVisibility()) see(nodes.currentNode.data);
    for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
      for (const name of ["aria-label", "title", "placeholder"]) see(element.getAttribute(name));
    }
    return [...shown];
  }, texts);

async function speak({ page }, before, after) {
  await page.getByRole("button", { name: before, exact: true }).click();
  await page.getByRole("menuitemradio", { name: after, exact: true }).click();
}

async function everywhere({ page, url }, words, seen = async () => {}) {
  for (const place of PLACES) {
    await page.goto(new URL(place, url).href);
    await page.locator("main h1, main h2").first().waitFor({ timeout: SOON });
    await page.waitForTimeout(400);
    expect(await english(page, words), `English words at ${place}`).toBe([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `pixels that ${place} is too wide`).toBe(0);
    await seen(place);
  }
}

test("the page speaks German and Arabic", () =>
  journey(async (journey) => {
    const [german, arabic] = [catalogue("de"), catalogue("ar")];

    // 1
    const { app: other } = await journey.profile("german", { locale: "de-AT" });
    await other.page.goto(other.url);
    await other.page.getByRole("button", { name: german.texts["Sign in"], exact: true }).waitFor({ timeout: SOON });
    expect(await other.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), "the document").toBe(["de", "ltr"]);
    expect(await english(other.page, german), "English words of the first sight").toBe([]);

    // 2
    const { app } = await journey.profile("a");
    const { page } = app;
    await app.signUp(newUser());
    await app.drop([journey.file("one.txt", "one"), journey.file("two.bin", Buffer.alloc(1_234_567, 7))]);
    await app.appears("two.bin", { version: 1 });
    await speak(app, "Account", "Deutsch");
    await page.getByTestId("storage").getByText("1,2 MB").waitFor({ timeout: SOON });
    await look(page, "german");
    await everywhere({ page, url: app.url }, german);
    await page.goto(new URL("/storage", app.url).href);
    await page.getByText("2 Dateien", { exact: false }).first().waitFor({ timeout: SOON });

    // 3
    await speak(app, german.texts.Account, "العربية");
    await eventually(() => page.evaluate(() => document.documentElement.dir === "rtl"), "from right to left");
    await page.goto(app.url);
    await app.appears("two.bin", { version: 1 });
    const [sidebar, main] = await Promise.all([page.getByTestId("storage").boundingBox(), page.locator("main").boundingBox()]);
    expect(sidebar.x > main.x, "whether the sidebar is on the right").toBe(true);
    await look(page, "arabic");
    await everywhere({ page, url: app.url }, arabic, (place) => axe(page, `Arabic at ${place}`));
    await page.setViewportSize({ width: 380, height: 780 });
    await everywhere({ page, url: app.url }, arabic);

    // 4
    await page.goto(new URL("/settings", app.url).href);
    await page.getByLabel(arabic.texts.Language).selectOption("en");
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor({ timeout: SOON });
    const shade = (name) => page.getByRole("group", { name: "Theme" }).getByRole("button", { name, exact: true });
    await shade("Dark").click();
    await page.reload();
    await shade("Dark").and(page.locator("[aria-pressed=true]")).waitFor({ timeout: SOON });
    expect(await page.evaluate(() => document.documentElement.dataset.theme), "the theme").toBe("dark");
    await look(page, "settings");
  }));
