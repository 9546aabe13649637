// Two people and one folder. What one does is news to the other, who sees it counted,
// looks it up, and takes it back.
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";

const NAME = "notes.txt";
const FOLDER = "Plans";
const text = (words) => `${words}\n`.repeat(400);

const bell = (page) => page.getByTestId("bell");
const counts = (page, label) => page.getByRole("button", { name: label, exact: true }).waitFor({ timeout: SOON });
const news = (page, words) => page.getByTestId("news").filter({ hasText: words });
const done = (page, words) => page.getByTestId("done").filter({ hasText: words });
/** By the sidebar: the way to a folder has links of the same names. */
const goTo = ({ page }, place) =>
  page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const close = async (page) => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
};

/** The browser's notifications as this page may see them, and what it shows of them. */
const pretend = (page, permission) =>
  page.evaluate((permission) => {
    window.shown = [];
    window.Notification = class {
      static permission = permission;
      static requestPermission = async () => (window.Notification.permission = window.answer ?? "granted");
      constructor(title, { body, tag }) {
        window.shown.push({ title, body, tag });
      }
      close() {}
    };
  }, permission);
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  }, hidden);

test("what somebody else did is counted, looked up and taken back", () =>
  journey(async (journey) => {
    const [ann, bob] = await journey.people("ann", "bob");
    const file = (folder, words, name = NAME) => journey.file(`${folder}/${name}`, text(words));
    await ann.app.newFolder(FOLDER);
    await ann.app.openFolder(FOLDER);
    await ann.app.drop([file("one", "one")]);
    await ann.app.appears(NAME, { version: 1 });
    await goTo(ann, "Files");
    await ann.app.share(FOLDER, bob.user.name);

    // Bob is told, once.
    await counts(bob.page, "News, 1 not seen");
    await bell(bob.page).click();
    await news(bob.page, `${ann.user.name} shared “${FOLDER}” with you`).waitFor({ timeout: SOON });
    await counts(bob.page, "News");
    await close(bob.page);

    // He changes it; ann sees that, and what she did herself is no news to her.
    await goTo(bob, "Shared");
    await bob.page.getByRole("link", { name: `Open ${FOLDER}` }).click();
    await bob.app.appears(NAME, { version: 1 });
    await bob.app.drop([file("two", "two")]);
    await ann.app.openFolder(FOLDER);
    await ann.app.appears(NAME, { version: 2 });
    await counts(ann.page, "News, 1 not seen");
    await bell(ann.page).click();
    await news(ann.page, `“${NAME}” changed in “${FOLDER}”`).getByText(bob.user.name).waitFor({ timeout: SOON });
    expect(await ann.page.getByTestId("news").count(), "groups that ann sees").toBe(1);
    await look(ann.page, "news");
    await close(ann.page);

    // What he did to that file, and nothing else; she takes it back.
    await ann.app.choose(NAME, "Activity");
    await done(ann.page, `You added “${NAME}”`).waitFor({ timeout: SOON });
    await ann.page.getByLabel("By whom").selectOption("others");
    await done(ann.page, `You added “${NAME}”`).waitFor({ state: "detached", timeout: SOON });
    await ann.page.getByRole("button", { name: "Edits", exact: true }).click();
    await done(ann.page, `${bob.user.name} saved version 2 of “${NAME}”`).waitFor({ timeout: SOON });
    await look(ann.page, "activity-of-an-item");
    await ann.page.getByRole("button", { name: `Undo version 2 of ${NAME}` }).click();
    await ann.page.getByLabel("By whom").selectOption("me");
    await done(ann.page, `You saved version 3 of “${NAME}”`).waitFor({ timeout: SOON });
    await bob.app.appears(NAME, { version: 3 });
    expect(sha256OfFile(await bob.app.download(NAME)), "what bob has now").toBe(sha256(text("one")));

    // He may look it up as well, in his part and by what he may know.
    await bob.app.choose(NAME, "Activity");
    await done(bob.page, `${ann.user.name} saved version 3`).waitFor({ timeout: SOON });
    await bob.page.getByRole("link", { name: "Show everything" }).click();
    await bob.page.getByText(`What was done in “${FOLDER}” since it is shared with you.`).waitFor({ timeout: SOON });
    await bob.page.getByRole("button", { name: `Restore version 2 of ${NAME}` }).click();
    await done(bob.page, `You saved version 4 of “${NAME}”`).waitFor({ timeout: SOON });
    await look(bob.page, "activity-of-a-share");

    // He is asked before the browser tells him, and then it does while he looks elsewhere.
    await goTo(bob, "Files");
    await pretend(bob.page, "denied");
    await bell(bob.page).click();
    await bob.page.getByText("This browser was told to show no notifications of this page.").waitFor({ timeout: SOON });
    await close(bob.page);
    await pretend(bob.page, "default");
    await bell(bob.page).click();
    await bob.page.getByRole("button", { name: "Turn on notifications" }).click();
    await bob.page.getByText("This browser tells you of news").waitFor({ timeout: SOON });
    await close(bob.page);
    await hide(bob.page, true);
    const names = ["a.txt", "b.txt", "c.txt", "d.txt"];
    await goTo(ann, "Files");
    await ann.app.openFolder(FOLDER);
    await ann.app.drop(names.map((name) => file("more", name, name)));
    for (const name of names) await ann.app.appears(name, { version: 1 });
    await eventually(async () => (await bob.page.evaluate(() => window.shown.length)) > 0, "a notification", 2 * SOON);
    const [shown] = await bob.page.evaluate(() => window.shown);
    expect(shown.tag, "its tag").toBe("driftless-news");
    expect(`${shown.title} ${shown.body}`.includes(`added to “${FOLDER}”`), shown.title).toBe(true);
    await hide(bob.page, false);
    await bell(bob.page).click();
    await news(bob.page, `4 items added to “${FOLDER}”`).waitFor({ timeout: SOON });

    // Of what he does not want to be told, the page tells when he comes back.
    await bob.page.getByRole("checkbox", { name: "Files and folders that others change" }).uncheck();
    await axe(bob.page, "where notifications are chosen");
    await close(bob.page);
    await hide(bob.page, true);
    await bob.page.evaluate(() => (window.shown.length = 0));
    await ann.app.drop([file("more", "e.txt", "e.txt")]);
    await counts(bob.page, "News, 1 not seen");
    await bob.page.waitForTimeout(1_000);
    expect(await bob.page.evaluate(() => window.shown.length), "notifications").toBe(0);
    await hide(bob.page, false);
    await bell(bob.page).click();
    await news(bob.page, `1 item added to “${FOLDER}”`).or(news(bob.page, `5 items added to “${FOLDER}”`)).waitFor({ timeout: SOON });
    await bob.page.getByRole("button", { name: "Turn off notifications" }).click();
    await bob.page.getByRole("button", { name: "Turn on notifications" }).waitFor();
  }));
