// What every view looks like, at three widths, light and dark, and what axe finds wrong with
// each. Started by `npm run looks`, which has built everything; no part of `npm test`.
//
// It fills a drive with what the views need: files of each kind, conflicts, a trash, people
// who share, news, links, uploads that go on and that fail. The pictures go to .state/looks,
// or to the folder LOOKS. Names of views as arguments take only these.
import { randomBytes, randomFillSync } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { stateDir } from "../../scripts/lib/paths.mjs";
import { SOON, UPLOAD, newUser } from "./support/app.mjs";
import { bothEdit } from "./support/conflict.mjs";
import { Journey } from "./support/journey.mjs";
import { made } from "./support/made.mjs";

const WIDTHS = [
  { width: 1280, height: 900 },
  { width: 768, height: 1024 },
  { width: 380, height: 780 },
];
const FOLDER = process.env.LOOKS ?? path.join(stateDir, "looks");
const ONLY = process.argv.slice(2);
const MB = 1_000_000;

const found = [];
let pictures = 0;

async function shoot(page, name) {
  if (ONLY.length > 0 && !ONLY.includes(name)) return;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const size of WIDTHS) {
      await page.setViewportSize(size);
      await page.waitForTimeout(350);
      const where = `${name}-${size.width}-${colorScheme}`;
      await page.screenshot({ path: path.join(FOLDER, `${where}.png`) });
      pictures += 1;
      // What is wrong at the middle width is so at one of the others.
      if (size.width === 768) continue;
      const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
      found.push(...violations.map(({ id, nodes }) => `${where}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`));
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(WIDTHS[0]);
  await page.waitForTimeout(200);
  console.log(`  ${name}`);
}

/** A view that can't be had is told, and the others are still looked at. */
async function view(page, name, reach, leave = async () => {}) {
  try {
    await reach();
    await shoot(page, name);
    await leave();
  } catch (error) {
    found.push(`${name}: ${error.message.split("\n")[0]}`);
    await page.screenshot({ path: path.join(FOLDER, `${name}-failed.png`) }).catch(() => {});
    await page.keyboard.press("Escape");
  }
}

/** Notices that come from now on stay for as long as is looked. */
const stay = (page) =>
  page.evaluate(() => {
    const { setTimeout } = globalThis;
    globalThis.setTimeout = (act, millis, ...more) => setTimeout(act, [5_000, 10_000].includes(millis) ? 600_000 : millis, ...more);
  });

const goTo = (page, place) => page.getByRole("navigation", { name: "Drive" }).getByRole("link", { name: place, exact: true }).click();
const heading = (page, name) => page.getByRole("heading", { name }).first().waitFor({ timeout: SOON });
const dialog = (page, name) => page.getByRole("dialog", { name }).waitFor({ timeout: SOON });
const escape = async (page) => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached", timeout: SOON });
};

async function ofTheDoor(journey) {
  const { app, page } = await visitor(journey, "door");
  await app.open();
  await view(page, "sign-in", () => heading(page, "Welcome back"));
  await view(page, "recovery", async () => {
    await page.getByRole("button", { name: "Forgot your password?" }).click();
    await heading(page, "Set a new password");
  }, () => page.getByRole("button", { name: "Back to sign in" }).click());
  await view(page, "sign-up", async () => {
    await page.getByRole("button", { name: "Create an account" }).click();
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByRole("button", { name: "Create account", exact: true }).click();
    await page.getByRole("alert").waitFor({ timeout: SOON });
  });
  await app.signUp(newUser());
  await view(page, "files-empty", () => heading(page, "Files"));
  for (const [place, title] of [
    ["Trash", "The trash is empty"],
    ["Conflicts", "Nothing to decide"],
    ["Shared", "Shared"],
    ["Activity", "Activity"],
  ]) {
    await view(page, `${place.toLowerCase()}-empty`, async () => {
      await goTo(page, place);
      await heading(page, title);
      await page.waitForTimeout(500);
    });
  }
  // The first account of a server is its administrator's.
  await view(page, "administration", async () => {
    await page.goto(`${app.url}/admin`);
    await heading(page, "Administration");
    await page.getByTestId("audit-entry").first().waitFor({ timeout: SOON });
  });
  for (const [name, button] of [
    ["person", /^Change user-/],
    ["invite", "Invite somebody…"],
  ]) {
    await view(page, `dialog-${name}`, async () => {
      await page.getByRole("button", { name: button }).first().click();
      await page.getByRole("dialog").waitFor({ timeout: SOON });
      await page.waitForTimeout(500);
    }, () => escape(page));
  }
}

async function visitor(journey, label) {
  const { app, context, proxy } = await journey.profile(label);
  return { app, page: app.page, context, proxy };
}

async function ofConflicts(journey, pictures) {
  const base = randomFillSync(Buffer.alloc(400_000));
  const changed = (at) => {
    const copy = Buffer.from(base);
    randomFillSync(copy, at, 16);
    return copy;
  };
  const text = (two, four) => `# Notes\n\none\n${two}\nthree\n${four}\n`;
  const { a, b } = await bothEdit(journey, {
    "notes.md": { base: text("two", "four"), a: text("two, as A says", "four"), b: text("two, as B says", "and four") },
    "picture.png": { base: pictures[0].png, a: pictures[1].png, b: pictures[2].png },
    "a binary file with a rather long name, as people give them.bin": { base, a: changed(1_000), b: changed(300_000) },
    "report.pdf": { base: pictures[0].pdf, a: pictures[1].pdf, b: pictures[2].pdf },
    "sound.wav": { base: pictures[0].wav, a: pictures[1].wav, b: pictures[2].wav },
  });
  const { page } = b.app;
  await view(page, "conflict-dialog", () => b.app.conflictDialog().waitFor());
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click();
  await view(page, "files-conflicted", () => page.getByTestId("connection").getByText("To decide").waitFor({ timeout: SOON }));
  await page.getByRole("banner").getByRole("link", { name: /conflicts$/ }).click();
  await view(page, "conflicts", () => page.getByTestId("conflict").first().waitFor());
  const fold = page.getByRole("button", { name: "Fold uploads" });
  if (await fold.isVisible()) await fold.click();
  const decide = async (name) => {
    await page.goto(`${b.app.url}/conflicts`);
    await page.getByRole("link", { name: `Decide on ${name}` }).click();
    await heading(page, name);
  };
  await view(page, "conflict-text", async () => {
    await decide("notes.md");
    await page.getByTestId("merge-count").waitFor({ timeout: SOON });
  });
  await view(page, "conflict-picture", () => decide("picture.png"));
  await view(page, "conflict-binary", async () => {
    await decide("a binary file with a rather long name, as people give them.bin");
    await page.getByTestId("ranges").waitFor({ timeout: SOON });
  });
  await view(page, "conflict-binary-exact", async () => {
    await page.getByRole("button", { name: /^Compare byte by byte/ }).click();
    await page.locator("[data-testid=ranges][data-exact=true]").waitFor({ timeout: SOON });
  });
  await view(page, "conflict-pdf", () => decide("report.pdf"));
  await view(page, "conflict-sound", () => decide("sound.wav"));
  await view(page, "conflicts-settled", async () => {
    await page.getByTestId("whole-versions").getByRole("button", { name: "Keep both" }).click();
    await page.getByTestId("settled-conflict").waitFor({ timeout: SOON });
  });
  for (const profile of [a, b]) await profile.close();
}

async function ofADrive(journey, [one]) {
  const [ann, bob] = await journey.people("ann", "bob");
  const { app, page } = ann;
  const file = (name, content) => journey.file(name, content);
  for (const name of ["Papers", "Holidays 2025", "An empty folder"]) {
    await app.newFolder(name);
    await app.appears(name);
  }
  await app.pickFiles([
    file("picture.png", one.png),
    file("report.pdf", one.pdf),
    file("clip.webm", one.webm),
    file("sound.wav", one.wav),
    file("read me.md", "# Heading\n\nSome *words*, `code` and a list:\n\n- one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"),
    file("table.csv", "Name,Amount,Note\nAnn,12,first\nBob,7,second\n"),
    file("main.rs", 'fn main() {\n    println!("Hello");\n}\n'),
    file("A file with a name that is so long that no list of files has room for all of it at once.txt", "words\n".repeat(200)),
    file("unknown.xyz", randomBytes(3_000)),
    ...["one", "two", "three"].map((name) => file(`old ${name}.txt`, name)),
  ]);
  await app.uploadIs("unknown.xyz", ["done"], UPLOAD);
  await app.appears("old three.txt");
  await view(page, "files-uploaded", () => page.getByTestId("uploads").waitFor());
  await app.share("Papers", bob.user.name);
  await bob.app.newFolder("Bob's plans");
  await bob.app.appears("Bob's plans");
  await bob.app.share("Bob's plans", ann.user.name, "Can view");
  await bob.page.goto(bob.app.url);
  await goTo(bob.page, "Shared");
  await bob.page.getByRole("link", { name: "Open Papers" }).click();
  await heading(bob.page, "Papers");
  await bob.app.pickFiles([file("from bob.txt", "by bob\n"), file("also from bob.txt", "by bob, too\n")]);
  await app.openFolder("Papers");
  await app.appears("from bob.txt", { timeout: SOON });

  await page.goto(app.url);
  await app.appears("picture.png");
  await view(page, "files", async () => {});
  await view(page, "files-chosen", async () => {
    await app.row("picture.png").locator(".row-words").click({ position: { x: 4, y: 4 }, modifiers: ["Control"] });
    await app.row("main.rs").click({ modifiers: ["Control"] });
    await page.getByRole("toolbar", { name: /chosen/ }).or(page.locator(".bulk")).first().waitFor();
  });
  await view(page, "toast-over-chosen", async () => {
    await page.reload();
    await app.appears("picture.png");
    await app.rename("unknown.xyz", "renamed.xyz");
    await app.appears("renamed.xyz");
    await stay(page);
    await app.choose("old one.txt", "Move to trash");
    await app.row("picture.png").click({ modifiers: ["Control"] });
    await app.row("main.rs").click({ modifiers: ["Control"] });
    await page.getByTestId("notice").first().waitFor();
    await page.locator(".bulk").waitFor();
  }, async () => {
    await page.reload();
    await app.appears("picture.png");
  });
  await view(page, "menu", async () => {
    await page.getByRole("button", { name: "Actions for picture.png", exact: true }).click();
    await page.getByRole("menuitem", { name: "Details" }).waitFor({ timeout: SOON });
  }, () => page.keyboard.press("Escape"));
  const asks = [
    ["details", "Details"],
    ["move", "Move…"],
    ["share", "Share…"],
  ];
  for (const [name, entry] of asks) {
    await view(page, `dialog-${name}`, async () => {
      await app.choose("picture.png", entry);
      await page.getByRole("dialog").waitFor({ timeout: SOON });
      await page.waitForTimeout(500);
    }, () => escape(page));
  }
  for (const [name, item, entry] of [["versions", "picture.png", "Versions"], ["past", "Papers", "Go back to…"]]) {
    await view(page, `dialog-${name}`, async () => {
      await app.choose(item, entry);
      await page.getByRole("dialog").waitFor({ timeout: SOON });
      await page.waitForTimeout(1_000);
    }, () => escape(page));
  }
  await view(page, "dialog-share-refused", async () => {
    await app.choose("Papers", "Share…");
    await app.give("Papers", "nobody of this name", "Can view");
    await page.getByRole("alert").first().waitFor({ timeout: SOON });
  });
  await view(page, "dialog-link", async () => {
    await page.getByRole("button", { name: /link/i }).last().click();
    await page.getByLabel("Name (only you see it)").waitFor({ timeout: SOON });
  });
  await page.reload();
  await app.appears("picture.png");
  await view(page, "dialog-new-folder", async () => {
    await app.new("New folder");
    await page.getByRole("textbox").last().fill("a/b");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor({ timeout: SOON });
  });
  await page.reload();
  await app.appears("picture.png");
  await view(page, "rename", async () => {
    await app.choose("picture.png", "Rename");
    await app.row("picture.png").getByRole("textbox").waitFor();
  }, () => page.keyboard.press("Escape"));
  await view(page, "keys", async () => {
    await page.locator("body").press("?");
    await dialog(page, /keys/i);
  }, () => escape(page));
  await view(page, "news", async () => {
    await page.getByRole("button", { name: /news|what others did/i }).click();
    await page.getByRole("dialog").waitFor({ timeout: SOON });
    await page.waitForTimeout(700);
  }, () => escape(page));
  await view(page, "search", async () => {
    await page.getByTestId("search").click();
    await page.getByTestId("find").fill("p");
    await page.getByRole("option").first().waitFor({ timeout: SOON });
  }, () => escape(page));
  await view(page, "results", async () => {
    await page.goto(`${app.url}/search?q=o`);
    await page.waitForTimeout(1_000);
  });
  await page.goto(app.url);
  await app.appears("picture.png");

  for (const name of ["picture.png", "report.pdf", "clip.webm", "sound.wav", "read me.md", "table.csv", "main.rs", "renamed.xyz"]) {
    await view(page, `viewer-${name.split(".").at(-1)}`, async () => {
      await app.choose(name, "Open");
      await page.locator("dialog.viewer").waitFor({ timeout: SOON });
      await page.waitForTimeout(900);
    }, async () => {
      await page.keyboard.press("Escape");
      await page.locator("dialog.viewer").waitFor({ state: "detached", timeout: SOON });
    });
  }

  await app.choose("old two.txt", "Move to trash");
  await app.choose("old three.txt", "Move to trash");
  await app.disappears("old three.txt");
  await page.reload();
  for (const place of ["Trash", "Shared", "Activity", "Settings"]) {
    await view(page, place.toLowerCase(), async () => {
      await goTo(page, place);
      await heading(page, place);
      await page.waitForTimeout(1_000);
    });
  }
  await view(page, "storage", async () => {
    await page.getByTestId("storage").getByRole("link").click();
    await heading(page, "Storage");
    await page.waitForTimeout(1_000);
  });
  await view(page, "storage-export", async () => {
    await page.getByTestId("begin-export").scrollIntoViewIfNeeded();
    await page.getByTestId("pick-export").locator("xpath=../p").scrollIntoViewIfNeeded();
  });
  await goTo(page, "Settings");
  for (const [name, button] of [
    ["password", "Change password"],
    ["token", "Create access token"],
    ["recovery-codes", "Make recovery codes"],
    ["end-account", "Delete the account…"],
  ]) {
    await view(page, `dialog-${name}`, async () => {
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("dialog").waitFor({ timeout: SOON });
      await page.waitForTimeout(500);
    }, () => escape(page));
  }
  await view(page, "shared-folder", async () => {
    await goTo(page, "Shared");
    await page.getByRole("link", { name: "Open Bob's plans" }).click();
    await heading(page, "Bob's plans");
  });
  await view(page, "unknown", async () => {
    await page.goto(`${app.url}/files/none`);
    await page.waitForTimeout(800);
  });

  await page.goto(app.url);
  await app.appears("picture.png");
  ann.proxy.limitUploads(MB / 2);
  await app.pickFiles(["a large film.bin", "another one.bin", "a third.bin"].map((name) => file(name, randomBytes(6 * MB))));
  await view(page, "uploads-busy", () => app.uploadIs("a large film.bin", ["uploading"], UPLOAD));
  await view(page, "toast-over-uploads", async () => {
    await stay(page);
    await app.choose("table.csv", "Move to trash");
    await page.getByTestId("notice").first().waitFor();
  });
  await page.reload();
  await app.appears("picture.png");
  ann.proxy.limitUploads(Infinity);
  await ann.profile.goOffline();
  await view(page, "offline", async () => {
    await app.pickFiles([file("waits.txt", "waits")]);
    await app.connectionIs("offline");
  });
  await ann.profile.goOnline();
}

mkdirSync(FOLDER, { recursive: true });
const journey = await new Journey().begin();
try {
  const maker = await journey.profile("maker");
  const all = [await made(maker.context, "Base", "#d8e6d0"), await made(maker.context, "From A", "#d0dcf0"), await made(maker.context, "From computer B", "#f0d8d0", 960)];
  await maker.close();
  await ofTheDoor(journey);
  await ofConflicts(journey, all);
  await ofADrive(journey, all);
} finally {
  await journey.end();
}
console.log(`${pictures} pictures are in ${FOLDER}`);
found.push(...journey.problems);
for (const line of found) console.log(`  ${line}`);
process.exitCode = found.length === 0 ? 0 : 1;
