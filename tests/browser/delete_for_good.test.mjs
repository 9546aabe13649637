// A drive of 30 MB that becomes full, and what a person can do about it.
//  1. 17 MB in the trash and 12 beside it: the page says in units that it is nearly
//     full, before anything is refused, and leads to the trash.
//  2. A file that does not fit is refused by name, in the same words.
//  3. Without a connection nothing is deleted for good. With one it is, on every
//     device, and the refused file fits.
//  4. The trash is emptied, with a folder in it.
import { randomFillSync } from "node:crypto";
import { test } from "node:test";
import { SOON, UPLOAD } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const MB = 1_000_000;
const QUOTA = 30 * MB;

const trashed = ({ page }, name) => page.locator(`[data-testid=trashed][data-name=${JSON.stringify(name)}]`);
const bytesOf = (size) => randomFillSync(Buffer.alloc(size));

test("a full drive says what to do, and deleting for good makes room", () =>
  journey(
    async (journey) => {
      const { a, b } = await journey.computers("a", "b");
      const { page } = a.app;
      for (const [name, size] of [["old.bin", 17 * MB], ["keep.bin", 12 * MB]]) {
        await a.app.drop([journey.file(name, bytesOf(size))]);
        await a.app.uploadIs(name, ["done"], UPLOAD);
      }
      await a.app.choose("old.bin", "Move to trash");
      const note = page.getByTestId("space-note");
      await note.getByText("The drive is nearly full: 29 MB of 30 MB are used; 17 MB of that is in the trash.").waitFor({ timeout: SOON });
      await axe(page, "in a drive that is nearly full");

      // What takes the room is a press away.
      await page.getByTestId("storage").getByRole("link").click();
      await page.getByRole("heading", { name: "Storage", exact: true }).waitFor({ timeout: SOON });
      const figures = page.getByTestId("storage-figures");
      await figures.getByText("12 MB in 1 file", { exact: true }).waitFor({ timeout: SOON });
      await figures.getByText("17 MB in 1 item", { exact: true }).waitFor({ timeout: SOON });
      expect(await page.getByTestId("map").getByRole("button").allInnerTexts(), "what takes the room").toBe(["keep.bin\n12 MB"]);
      expect(await page.getByTestId("storage-file").count(), "files of both lists").toBe(2);
      const past = page.getByTestId("retention");
      await past.getByText("of each week for 365 days").waitFor({ timeout: SOON });
      for (const [choice, words] of [["Everything", "All versions stay. What is in the trash stays until"], ["As this server keeps it", "What has been there for 30 days is deleted for good."]]) {
        await past.getByRole("button", { name: choice }).click();
        await past.getByText(words).waitFor({ timeout: SOON });
        await past.getByRole("button", { name: "Save" }).click();
        await past.getByRole("button", { name: "Save" }).waitFor({ state: "detached", timeout: SOON });
      }
      await past.getByRole("button", { name: "Other times" }).click();
      await past.getByLabel("The newest of each hour, for days").fill("0");
      await past.getByText("Fewer versions can't be kept for a shorter time").waitFor({ timeout: SOON });
      expect(await past.getByRole("button", { name: "Save" }).isDisabled(), "whether that can't be saved").toBe(true);
      await past.getByLabel("The newest of each hour, for days").fill("14");
      await past.getByLabel("What is in the trash, for days").fill("");
      await past.getByText("the newest of each hour for 14 days").waitFor({ timeout: SOON });
      await axe(page, "on the page about storage");
      await past.getByRole("button", { name: "Save" }).click();
      await past.getByRole("button", { name: "Save" }).waitFor({ state: "detached", timeout: SOON });
      const { json } = await a.app.api("/api/v1/retention");
      expect([json.is_own, json.retention.versions.hourly_days, json.retention.trash_days], "what is kept").toBe([true, 14, null]);
      await past.getByRole("button", { name: "As this server keeps it" }).click();
      await past.getByRole("button", { name: "Save" }).click();
      await past.getByRole("button", { name: "Save" }).waitFor({ state: "detached", timeout: SOON });
      await page.getByTestId("map").getByRole("button", { name: "keep.bin" }).click();
      await a.app.appears("keep.bin");

      await a.app.drop([journey.file("more.bin", bytesOf(9 * MB))]);
      await a.app.uploadIs("more.bin", ["failed"], UPLOAD);
      const row = page.locator('[data-testid=upload][data-name="more.bin"]');
      expect(await row.innerText()).toMatch(/There is no room for 9\.\d MB more: 29 MB of 30 MB are used/);
      await page.getByTestId("refused-for-space").waitFor({ timeout: SOON });
      expect(await page.getByTestId("upload").first().getAttribute("data-name"), "the first row").toBe("more.bin");
      await page.getByRole("button", { name: "Clear finished" }).click();
      await eventually(async () => (await page.getByTestId("upload").count()) === 1, "what has failed stays");
      const raw = (await page.locator("body").innerText()).match(/\d{7,}|quota_exceeded/);
      expect(raw, "counts that nobody can read").toBe(null);
      await page.getByTestId("refused-for-space").getByRole("link").click();
      await trashed(a.app, "old.bin").waitFor();
      await page.getByText("What has been there for 30 days is deleted for good.").waitFor({ timeout: SOON });
      await axe(page, "in the trash");

      // Nothing that can't be undone waits for a connection.
      await a.goOffline();
      await a.app.connectionIs("offline");
      await trashed(a.app, "old.bin").getByRole("button", { name: "Delete old.bin for good" }).click();
      const ask = page.getByRole("dialog", { name: "Delete “old.bin” for good?" });
      await ask.getByText("needs a connection").waitFor();
      const agree = ask.getByRole("button", { name: "Delete for good" });
      expect(await agree.isDisabled(), "the button without a connection").toBe(true);
      await a.goOnline();
      await a.app.connectionIs("live", 60_000);
      await ask.getByText("1 file with 17 MB goes from all devices").waitFor();
      await axe(page, "in the question");
      await b.app.goTo("Trash");
      await trashed(b.app, "old.bin").waitFor({ timeout: SOON });
      const figure = async ({ app }) => Number(await app.page.getByTestId("storage").getByRole("meter").getAttribute("aria-valuenow"));
      await eventually(async () => (await figure(b)) > 90, "the other device's figure of storage, after uploads here");
      await agree.click();
      await page.getByTestId("notice").filter({ hasText: /“old\.bin” is deleted for good · 17 MB are free again/ }).waitFor({ timeout: SOON });
      for (const { app } of [a, b]) await trashed(app, "old.bin").waitFor({ state: "detached", timeout: SOON });
      for (const one of [a, b]) await eventually(async () => (await figure(one)) < 50, "the figure of storage, without a reload");

      await a.app.goTo("Files");
      await page.getByRole("button", { name: "Retry more.bin" }).click();
      await a.app.uploadIs("more.bin", ["done"], UPLOAD);
      await eventually(async () => (await note.count()) === 0, "nothing is said of a drive with room");

      // Given up, it is off the panel, and nothing of it comes back.
      await a.app.drop([journey.file("late.bin", bytesOf(20 * MB))]);
      await a.app.uploadIs("late.bin", ["failed"], UPLOAD);
      await page.getByRole("button", { name: "Give up late.bin" }).click();
      await eventually(async () => (await page.locator('[data-testid=upload][data-name="late.bin"]').count()) === 0, "it is given up");
      await a.app.disappears("late.bin");

      await a.app.newFolder("Papers");
      await a.app.appears("Papers");
      await a.app.drop([journey.file("one.txt", "1"), journey.file("two.txt", "2")], "Papers");
      await a.app.uploadIs("two.txt", ["done"]);
      for (const name of ["Papers", "more.bin", "keep.bin"]) {
        await a.app.choose(name, "Move to trash");
        await a.app.disappears(name);
      }
      await a.app.goTo("Trash");
      await eventually(async () => (await page.getByTestId("trashed").count()) === 3, "three in the trash");
      await eventually(async () => (await page.locator("[data-testid=trashed][data-pending]").count()) === 0, "the server knows");
      await page.getByRole("button", { name: "Empty the trash…" }).click();
      const all = page.getByRole("dialog", { name: "Empty the trash?" });
      await all.getByText("1 folder and 4 files with 21 MB").waitFor();
      await all.getByRole("button", { name: "Delete for good" }).click();
      await page.getByTestId("notice").filter({ hasText: "5 items are deleted for good" }).waitFor({ timeout: SOON });
      for (const { app } of [a, b]) await app.page.getByRole("heading", { name: "The trash is empty" }).waitFor({ timeout: SOON });
      const { space } = (await a.app.api("/api/v1/accounts/me")).json;
      expect(space.trash?.items ?? 0, "items in the trash").toBe(0);
      expect(space.used_bytes, "bytes in use").toBeBelow(MB);
    },
    { vars: { QUOTA_BYTES: QUOTA } },
  ));
