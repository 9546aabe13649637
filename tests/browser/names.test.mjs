// Names as people have them.
//  1. Two names that are one file on some disks are two here, and say so.
//  2. Marks of writing direction are taken, and turn nothing around them; `a  b`
//     and `a b` look different.
//  3. A name that nobody can see is refused, in words.
//  4. What comes back from the trash to a taken name is offered another one, and is
//     said to be back, and where, once the server has it.
import { test } from "node:test";
import { SOON } from "./support/app.mjs";
import { eventually, expect } from "./support/expect.mjs";
import { journey } from "./support/journey.mjs";

const ARABIC = "\u{200F}\u{627}\u{628}.txt";
const TURNED = "\u{202B}abc (1).txt";

test("names that people have are kept apart, shown as they are, and come back", () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    const user = { name: `names-${Date.now()}`, password: "a long pass phrase" };
    await a.app.signUp(user);
    const { page } = a.app;
    const names = ["Maße.txt", "Masse.txt", "a  b.txt", "a b.txt", ARABIC, TURNED, "plain.txt", "why?.txt"];
    await a.app.pickFiles(names.map((name) => journey.file(`${names.indexOf(name)}/${name}`, name)));
    for (const name of names) await a.app.appears(name, { version: 1 });
    expect((await a.app.items()).length, "files on the server").toBe(names.length);

    // 1
    const marks = (name, id) => a.app.row(name).getByTestId(id).count();
    for (const name of ["Maße.txt", "Masse.txt"]) {
      expect(await marks(name, "disk-twin"), `${name}: marks`).toBe(1);
      const words = await a.app.row(name).getByTestId("disk-twin").textContent();
      expect(words).toMatch(/These two names are one file on some disks/);
    }
    expect(await marks("plain.txt", "disk-twin"), "plain.txt: marks").toBe(0);
    expect(await marks("why?.txt", "not-for-windows"), "why?.txt: marks").toBe(1);

    // 2
    const look = (name) =>
      a.app.row(name).locator(".row-name").evaluate((element) => {
        const range = document.createRange();
        range.selectNodeContents(element);
        const { direction, unicodeBidi, whiteSpace } = getComputedStyle(element);
        return { width: range.getBoundingClientRect().width, direction, unicodeBidi, whiteSpace };
      });
    const [wide, narrow] = [await look("a  b.txt"), await look("a b.txt")];
    expect(wide.width > narrow.width, "a  b is wider than a b").toBe(true);
    for (const name of [ARABIC, TURNED]) expect((await look(name)).unicodeBidi, name).toBe("isolate");

    // 3
    await a.app.new("New folder");
    await page.getByRole("textbox").last().fill("\u{200B}\u{3164}");
    await page.keyboard.press("Enter");
    await page.getByText("can't consist of characters that nobody can see").waitFor({ timeout: SOON });
    await page.getByRole("textbox").last().fill("pdf.\u{202E}exe");
    await page.keyboard.press("Enter");
    await page.getByText("U+202E, which shows letters in reverse order").waitFor({ timeout: SOON });
    // What is typed is asked about before it goes.
    await page.getByRole("textbox").last().fill("");
    await page.keyboard.press("Escape");

    // 4
    await a.app.choose("plain.txt", "Move to trash");
    await page.getByTestId("notice").getByText("“plain.txt” moved to the trash").waitFor({ timeout: SOON });
    await a.app.pickFiles([journey.file("again/plain.txt", "another one")]);
    await a.app.appears("plain.txt", { version: 1 });
    await a.app.goTo("Trash");
    await page.getByRole("button", { name: "Restore plain.txt", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: /under another name/ });
    expect(await dialog.getByRole("textbox").inputValue(), "the name that is offered").toBe("plain (2).txt");
    await dialog.getByRole("button", { name: "Restore", exact: true }).click();
    await page.getByTestId("notice").getByText("“plain (2).txt” is back in “Files”").waitFor({ timeout: SOON });
    const kept = (await a.app.items()).map(({ name }) => name).filter((name) => name.startsWith("plain"));
    expect(kept.sort(), "both").toBe(["plain (2).txt", "plain.txt"]);
  }));

const MANY = 1_000;

/** New empty files, by the API. */
function make(app, count) {
  return app.page.evaluate(async (count) => {
    for (let begin = 0; begin < count; begin += 100) {
      const files = Array.from({ length: 100 }, (_, n) => ({
        operation_id: crypto.randomUUID(),
        id: crypto.randomUUID(),
        parent: null,
        name: `file ${String(begin + n).padStart(4, "0")}`,
      }));
      const headers = { "x-driftless-client": "test", "content-type": "application/json" };
      const answer = await fetch("/api/v1/files/batch", { method: "POST", headers, body: JSON.stringify({ files }) });
      if (!answer.ok) throw new Error(await answer.text());
    }
  }, count);
}

test(`${MANY.toLocaleString("en")} files moved to the trash share requests, and the header counts what is left`, () =>
  journey(async (journey) => {
    const a = await journey.profile("a");
    await a.app.signUp({ name: `many-${Date.now()}`, password: "a long pass phrase" });
    const { page } = a.app;
    await make(a.app, MANY);
    await eventually(async () => (await a.app.rowCount()) === MANY, "all rows");
    // What the header says, whenever it says something else.
    await page.evaluate(() => {
      globalThis.said = [];
      const word = document.querySelector("[data-testid=connection] .connection-word");
      const note = () => globalThis.said.push([performance.now(), word.textContent, document.querySelectorAll("[data-testid=row]").length]);
      new MutationObserver(note).observe(word, { subtree: true, childList: true, characterData: true });
    });
    await a.app.list().focus();
    await page.keyboard.press("Control+a");
    await page.getByRole("toolbar", { name: "Chosen items" }).getByRole("button", { name: "Move to trash" }).click();
    const [since, mark] = [performance.now(), a.proxy.requests.length];
    await page.getByRole("dialog").getByRole("button", { name: "Move to trash" }).click();
    await page.getByTestId("notice").getByText("1,000 items moved to the trash").waitFor({ timeout: 4 * SOON });
    const ms = Math.round(performance.now() - since);
    const kinds = a.proxy.kinds(mark);
    const requests = a.proxy.matching(/^(POST|PATCH) \/api\/v1\/items/, mark).length;
    console.log(`  ${MANY} files in the trash took ${ms} ms and ${requests} requests: ${JSON.stringify(kinds)}`);
    expect(requests, "requests").toBeBelow(13);
    expect((await a.app.items()).length, "files that are left on the server").toBe(0);
    const said = (await page.evaluate(() => globalThis.said)).map(([, text]) => text);
    const counts = said.filter((text) => text.startsWith("Sending")).map((text) => Number(text.replace(/\D/g, "")));
    expect(counts.length > 1 && Math.max(...counts) > 100, `the header counts: ${said.join(" | ")}`).toBe(true);
    const first = said.findIndex((text) => text.startsWith("Sending"));
    const early = said.slice(first, said.lastIndexOf("Sending 1")).filter((text) => text.startsWith("Up to date"));
    expect(early, "what it says while some are left").toBe([]);
    await eventually(async () => /Up to date/.test(await page.getByTestId("connection").textContent()), "it is up to date");
  }));
