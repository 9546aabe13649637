// What the panel of uploads says and does: where things go, a pause, and that it folds
// itself when all is well.
import { test } from "node:test";
import { SOON, UPLOAD, sha256OfFile } from "./support/app.mjs";
import { axe } from "./support/axe.mjs";
import { dropOnto } from "./support/drop.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { randomBytes } from "node:crypto";

const MB = 1_000_000;
const BLOCKS = /^POST \/api\/v1\/blocks/;

test("an upload pauses, lets a rename by, and goes on where it was", () =>
  journey(async (journey) => {
    const { a, b } = await journey.computers("a", "b");
    const { page } = a.app;
    await a.app.newFolder("Films");
    await b.app.appears("Films");
    const film = journey.file("film.bin", randomBytes(90 * MB));
    a.proxy.limitUploads(12 * MB);
    await a.app.drop([film], "Films");
    const panel = page.getByTestId("uploads");
    await panel.getByText("in Films", { exact: true }).waitFor({ timeout: UPLOAD });
    const sent = () => a.proxy.sent(BLOCKS);
    await eventually(() => sent() > 12 * MB, "some of it has arrived", UPLOAD);

    await panel.getByRole("button", { name: "Pause" }).click();
    await panel.getByRole("heading", { name: "Paused · 0 of 1 file done" }).waitFor({ timeout: SOON });
    await page.getByTestId("connection").getByText(/^Paused: 1$/).waitFor({ timeout: SOON });
    await axe(page, "while uploads are paused");
    const mark = a.proxy.requests.length;
    await a.app.newFolder("Papers");
    await b.app.appears("Papers");
    await a.app.rename("Films", "Cinema");
    await b.app.appears("Cinema");
    expect(a.proxy.matching(BLOCKS, mark).length, "packs that set out in the pause").toBe(0);

    await panel.getByRole("button", { name: "Resume" }).click();
    a.proxy.limitUploads(Infinity);
    await a.app.uploadIs("film.bin", ["done"], UPLOAD);
    // A pack is given up on its way, and goes once more.
    expect(sent(), "bytes of blocks in all").toBeBelow(110 * MB);
    await b.app.openFolder("Cinema");
    await b.app.appears("film.bin", { version: 1 });
    expect(sha256OfFile(await b.app.download("film.bin")), "the film").toBe(sha256OfFile(film));

    // What is dropped where a folder was goes nowhere else.
    await a.app.choose("Cinema", "Move to trash");
    await b.app.page.getByRole("heading", { name: "This folder is not here any more" }).waitFor({ timeout: SOON });
    await dropOnto(b.app.page, b.app.page.locator("main"), [journey.file("lost.txt", "nowhere")]);
    await b.app.page.getByTestId("notice").filter({ hasText: "This folder is not here any more: nothing was put into it." }).waitFor({ timeout: SOON });
    await b.app.page.getByRole("link", { name: "Back to all files" }).click();
    await b.app.appears("Papers");
    expect(await b.app.names(), "what is in the drive").toBe(["Papers"]);

    const unfold = panel.getByRole("button", { name: "Unfold uploads" });
    await page.mouse.move(5, 5);
    await unfold.waitFor({ timeout: 15_000 });
    expect(await panel.getByTestId("upload").isVisible(), "a row of the folded panel").toBe(false);
    await unfold.click();
    await panel.getByText("in Films", { exact: true }).waitFor({ timeout: SOON });
  }));
