// The conflict centre, for every kind of file that two computers changed.
//  1. All conflicts are listed with their sides, on both computers; the status
//     does not look fine; filters show some of them.
//  2. Pictures are shown beside each other, wiped over each other and as their
//     difference, at one scale; PDFs, sounds and videos play; of other files it
//     is drawn what changed, and none of their bytes travel unless the person asks
//     for it to the byte. What the browser
//     can't show or play is said in words, with its download and that drawing.
//  3. Several are settled at once, and both computers have every side.
// Every page is looked at: see support/look.mjs.
import { randomFillSync } from "node:crypto";
import { test } from "node:test";
import { SOON, sha256, sha256OfFile } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";
import { look } from "./support/look.mjs";
import { made } from "./support/made.mjs";

const MIB = 1 << 20;

/** 3 MB in which each side has changed something else. */
function binary() {
  const base = randomFillSync(Buffer.alloc(3 * MIB));
  const changed = (at, length) => {
    const copy = Buffer.from(base);
    randomFillSync(copy, at, length);
    return copy;
  };
  return { base, a: changed(MIB / 2, 1_000), b: changed(2 * MIB, 300_000) };
}

async function files(journey) {
  const maker = await journey.profile("maker");
  const [base, a, b] = [
    await made(maker.context, "Base", "#d8e6d0"),
    await made(maker.context, "From A", "#d0dcf0"),
    await made(maker.context, "From computer B", "#f0d8d0", 960),
  ];
  await maker.close();
  const of = (kind) => ({ base: base[kind], a: a[kind], b: b[kind] });
  return {
    "picture.png": of("png"),
    "report.pdf": of("pdf"),
    "sound.wav": of("wav"),
    "clip.webm": of("webm"),
    "data.bin": binary(),
    "notes.md": {
      base: "# Notes\n\none\ntwo\nthree\n",
      a: "# Notes\n\none\ntwo, as A says\nthree\n",
      b: "# Notes\n\none\ntwo, as B says\nthree\n\nand four\n",
    },
  };
}

test("every kind of conflict is listed, compared and settled", () =>
  journey(async (journey) => {
    const content = await files(journey);
    const names = Object.keys(content);
    const { a, b } = await bothEdit(journey, content);
    const { page } = b.app;
    const lines = page.getByTestId("conflict");
    await look(page, "dialog");
    await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();

    for (const { app } of [a, b]) {
      await app.page.getByTestId("connection").getByText("To decide").waitFor({ timeout: SOON });
      await app.page.getByRole("banner").getByRole("link", { name: `${names.length} conflicts` }).click();
      await eventually(async () => (await app.page.getByTestId("conflict").count()) === names.length, "all conflicts are listed");
    }
    // Both browsers are alike, and still the sides are not.
    const pictureLine = lines.filter({ hasText: "picture.png" });
    await pictureLine.getByText(/^First: .*, another .* — \d\d:\d\d/).waitFor();
    await pictureLine.getByText(/^Second: .*, this device — \d\d:\d\d/).waitFor();
    await pictureLine.getByText("In Files", { exact: true }).waitFor();
    await look(page, "list");
    await page.getByRole("button", { name: /^Images/ }).click();
    expect(await lines.count(), "conflicts of images").toBe(1);
    await page.getByRole("button", { name: /^All/ }).click();
    await eventually(async () => (await lines.count()) === names.length, "all conflicts are shown again");

    // The panel of uploads is in front of the last lines.
    await page.getByRole("button", { name: "Fold uploads" }).click();
    const whole = page.getByTestId("whole-versions");
    const decide = async (name) => {
      await page.getByRole("link", { name: `Decide on ${name}` }).click();
      await page.getByRole("heading", { name, exact: true }).waitFor({ timeout: SOON });
    };
    const back = () => page.getByRole("link", { name: "Back to all conflicts" }).click();
    const areShown = (what, selector, all) => eventually(() => page.locator(selector).evaluateAll(all), what);

    await decide("picture.png");
    const pictures = () => areShown("both pictures are shown", ".picture-ground img", (all) => all.length === 2 && all.every((one) => one.complete && one.naturalWidth > 0));
    await pictures();
    await page.getByTestId("picture-sizes").getByText("Both are shown at one scale: the first has 480 × 320 pixels, the second 960 × 640 pixels.").waitFor();
    const isDouble = (what) =>
      eventually(async () => {
        const [one, other] = await page.locator(".picture-ground img").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
        return Math.abs(other / one - 2) < 0.02;
      }, `the picture of twice the size is twice as wide ${what}`);
    await isDouble("beside the other");
    await whole.getByRole("button", { name: "Keep both" }).waitFor();
    await look(page, "pictures");
    await page.getByRole("button", { name: "Swipe" }).click();
    await pictures();
    await isDouble("over the other");
    await page.getByRole("slider").fill("30");
    await look(page, "swipe");
    await page.getByRole("button", { name: "Difference" }).click();
    await pictures();
    await look(page, "difference");
    await back();

    await decide("report.pdf");
    await areShown("both PDFs are shown", ".preview iframe", (all) => all.length === 2 && all.every((one) => one.src.startsWith("blob:")));
    await look(page, "pdf");
    await back();

    await decide("sound.wav");
    await areShown("both sounds are loaded", ".preview audio", (all) => all.length === 2 && all.every((one) => one.readyState > 0 && one.duration > 0.4));
    await look(page, "sounds");
    await back();

    await decide("clip.webm");
    await areShown("both videos are loaded", ".preview video", (all) => all.length === 2 && all.every((one) => one.readyState > 0 && one.videoWidth === 320));
    await look(page, "videos");
    await back();

    const before = b.proxy.matching(/content/).length;
    await decide("data.bin");
    await page.getByTestId("ranges").waitFor({ timeout: SOON });
    expect(b.proxy.matching(/content/).length - before, "contents that travel for the map").toBe(0);
    await page.getByTestId("ranges").getByText(/^changed in blocks of .* out of 3.1 MB, in 1 place$/).first().waitFor();
    await look(page, "ranges");
    await page.getByRole("button", { name: /^Compare byte by byte/ }).click();
    await page.getByTestId("ranges").getByText(/^(1.0 kB|1 kB|99\d B) of 3.1 MB changed, in 1 place$/).waitFor({ timeout: SOON });
    await page.getByText(/, no byte changed by both$/).waitFor();
    await whole.getByRole("button", { name: "Keep mine" }).waitFor();
    await back();

    await decide("notes.md");
    await page.getByTestId("merge-count").getByText("0 of 1 resolved").waitFor({ timeout: SOON });
    await look(page, "merge");
    await page.getByRole("button", { name: "One column" }).click();
    await look(page, "merge-column");
    await back();

    await page.getByRole("checkbox", { name: "Choose all" }).check();
    await page.getByRole("toolbar", { name: "Decide on several" }).getByRole("button", { name: "Keep both" }).click();
    await page.getByRole("heading", { name: "Nothing to decide" }).waitFor({ timeout: SOON });
    for (const { app, label } of [a, b]) {
      await app.goTo("Files");
      await eventually(async () => (await app.names()).length === 2 * names.length, `all copies are on ${label}`);
      for (const name of names) {
        const copy = (await app.names()).find((other) => other !== name && other.startsWith(name.split(".")[0]));
        expect(sha256OfFile(await app.download(name)), `${name} on ${label}`).toBe(sha256(content[name].a));
        expect(sha256OfFile(await app.download(copy)), `${copy} on ${label}`).toBe(sha256(content[name].b));
      }
    }
  }));

test("what the browser can't show is said in words, with its download and what changed", () =>
  journey(async (journey) => {
    const maker = await journey.profile("maker");
    const { png } = await made(maker.context, "Base", "#d8e6d0");
    await maker.close();
    // The size can be read, and nothing behind it; or the upper half of the picture.
    const damaged = Buffer.concat([png.subarray(0, png.indexOf("IDAT") + 4), randomFillSync(Buffer.alloc(2_000))]);
    const brokenOff = png.subarray(0, png.length / 2);
    const base = Buffer.concat([png, Buffer.from("base")]);
    const { b } = await bothEdit(journey, {
      "damaged.png": { base, a: png, b: damaged },
      "broken off.png": { base, a: png, b: brokenOff },
      "unplayable.mp4": binary(),
      "no.pdf": binary(),
    });
    const { page } = b.app;
    await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
    await page.getByRole("banner").getByRole("link", { name: "4 conflicts" }).click();
    await page.getByRole("button", { name: "Fold uploads" }).click();
    for (const [name, sides] of [["unplayable.mp4", 2], ["damaged.png", 1], ["broken off.png", 1], ["no.pdf", 2]]) {
      await page.getByRole("link", { name: `Decide on ${name}` }).click();
      const unshown = page.getByTestId("unshown");
      await eventually(async () => (await unshown.count()) === sides, `it is said that ${sides} of ${name} can't be shown`);
      expect(await unshown.getByRole("link", { name: "Download it" }).count(), `downloads of ${name}`).toBe(sides);
      await page.getByTestId("ranges").waitFor({ timeout: SOON });
      await look(page, `unshown-${name}`);
      await page.getByRole("link", { name: "Back to all conflicts" }).click();
    }
  }));
