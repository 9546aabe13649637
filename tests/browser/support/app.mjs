// The page as a person uses it: by roles and names where there are some, by
// test ids where only a program looks.
import { expect } from "./expect.mjs";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { dropOnto } from "./drop.mjs";

/** Seconds-long waits in milliseconds. */
export const SOON = 15_000;
export const UPLOAD = 240_000;

export const newUser = () => ({ name: `user-${randomBytes(5).toString("hex")}`, password: `pass ${randomBytes(9).toString("hex")}` });

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
export const sha256OfFile = (file) => sha256(readFileSync(file));

const byName = (testId, name) => `[data-testid="${testId}"][data-name=${JSON.stringify(name)}]`;

/** One tab of the app. */
export class App {
  constructor(page, url) {
    this.page = page;
    this.url = url;
  }

  open() {
    return this.page.goto(this.url);
  }

  async signUp(user) {
    await this.open();
    await this.page.getByRole("button", { name: "Create an account" }).or(this.page.getByRole("link", { name: "Create an account" })).click();
    await this.#fillIn(user, "Create account");
    await this.isSignedIn();
  }

  async signIn(user) {
    await this.open();
    await this.trySignIn(user);
    await this.isSignedIn();
  }

  trySignIn(user) {
    return this.#fillIn(user, "Sign in");
  }

  async #fillIn(user, button) {
    await this.page.getByLabel("Name", { exact: true }).fill(user.name);
    await this.page.getByLabel("Password", { exact: true }).fill(user.password);
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  /** Waits for the drive; password stretching takes a second or two. */
  async isSignedIn() {
    await this.page.getByRole("button", { name: "Account", exact: true }).waitFor({ timeout: SOON });
    await this.connectionIs("live");
  }

  async signOut() {
    await this.page.getByRole("button", { name: "Account", exact: true }).click();
    await this.page.getByRole("menuitem", { name: "Sign out" }).click();
    await this.page.getByRole("button", { name: "Sign in", exact: true }).waitFor({ timeout: SOON });
  }

  connectionIs(state, timeout = SOON) {
    return this.page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ state: "attached", timeout });
  }

  /** How many rows the list has, also those that are out of sight and not drawn. */
  async rowCount() {
    return Number(await this.list().getAttribute("aria-rowcount")) - 1;
  }

  list() {
    return this.page.getByRole("grid", { name: "Files" });
  }

  /** The row of a file or folder, of one version if that is given. */
  row(name, version) {
    return this.page.locator(byName("row", name) + (version ? `[data-version="${version}"]` : ""));
  }

  rows() {
    return this.page.getByTestId("row");
  }

  names() {
    return this.rows().evaluateAll((rows) => rows.map((row) => row.dataset.name));
  }

  appears(name, { version, timeout = SOON } = {}) {
    return this.row(name, version).waitFor({ timeout });
  }

  disappears(name, timeout = SOON) {
    return this.row(name).waitFor({ state: "detached", timeout });
  }

  /**
   * A real drop, onto the page or onto a row. Where names are taken, the page
   * asks: `answer` is a button, or the key that the question stands under.
   */
  drop(paths, onto = null, { answer = "Enter" } = {}) {
    return this.#handIn(() => dropOnto(this.page, onto ? this.row(onto) : this.page.locator("main"), paths), answer);
  }

  pickFiles(files, { answer = "Enter" } = {}) {
    return this.#handIn(() => this.page.getByTestId("pick-files").setInputFiles(files), answer);
  }

  pickFolder(folder, { answer = "Enter" } = {}) {
    return this.#handIn(() => this.page.getByTestId("pick-folder").setInputFiles(folder), answer);
  }

  /** Files on the clipboard, by name and text. */
  paste(files, { answer = "Enter" } = {}) {
    const paste = (files) => {
      const clipboardData = new DataTransfer();
      for (const [name, text] of files) clipboardData.items.add(new File([text], name));
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    };
    return this.#handIn(() => this.page.evaluate(paste, Object.entries(files)), answer);
  }

  /** The question about names that are taken. */
  question() {
    return this.page.getByRole("dialog", { name: /already here$/ });
  }

  /** Hands something in, and answers if the page asks. `null` leaves the question open. */
  async #handIn(act, answer) {
    const decided = () => this.page.evaluate(() => Number(document.querySelector(".shell")?.dataset.intakes ?? 0));
    const before = await decided();
    await act();
    for (const since = performance.now(); performance.now() - since < SOON; await sleep(20)) {
      if ((await decided()) > before) return;
      if (!(await this.question().isVisible())) continue;
      if (answer === null) return;
      if (answer === "Enter") await this.page.keyboard.press("Enter");
      else await this.question().getByRole("button", { name: answer, exact: true }).click();
      await this.question().waitFor({ state: "detached" });
      return;
    }
  }

  /** Waits until an upload is at one of these stages. */
  uploadIs(name, stages, timeout = SOON) {
    const any = stages.map((stage) => `${byName("upload", name)}[data-stage="${stage}"]`).join(", ");
    return this.page.locator(any).last().waitFor({ state: "attached", timeout });
  }

  async choose(name, action) {
    await this.page.getByRole("button", { name: `Actions for ${name}`, exact: true }).click();
    await this.page.getByRole("menuitem", { name: action }).click();
  }

  /** By the menu of what can be new: "New folder", "Upload files"… */
  async new(what) {
    await this.page.getByRole("button", { name: "New", exact: true }).click();
    await this.page.getByRole("menuitem", { name: what }).click();
  }

  async newFolder(name) {
    await this.new("New folder");
    await this.#name(name);
  }

  /** By the menu that says how the list is shown. */
  async arrange(how) {
    await this.page.getByRole("button", { name: "View", exact: true }).click();
    await this.page.getByRole("menu", { name: "View" }).getByText(how, { exact: true }).click();
  }

  async rename(from, to) {
    await this.choose(from, "Rename");
    await this.row(from).getByRole("textbox").fill(to);
    await this.page.keyboard.press("Enter");
  }

  async #name(name) {
    await this.page.getByRole("textbox").last().fill(name);
    await this.page.keyboard.press("Enter");
  }

  /** Downloads a file by its menu; the path of what arrived. */
  async download(name) {
    const [download] = await Promise.all([this.page.waitForEvent("download", { timeout: UPLOAD }), this.choose(name, "Download")]);
    expect(await download.failure(), `downloading ${name}`).toBe(null);
    return download.path();
  }

  async openFolder(name) {
    await this.row(name).getByText(name, { exact: true }).first().dblclick();
  }

  goTo(place) {
    return this.page.getByRole("link", { name: place, exact: true }).click();
  }

  /** In the dialog that shares a file or folder, which is open. */
  async give(name, person, role) {
    const share = this.page.getByRole("dialog", { name: `Share “${name}”` });
    await share.getByLabel("Share with").fill(person);
    await share.getByRole("button", { name: role, exact: true }).click();
    await share.getByRole("button", { name: "Share", exact: true }).click();
  }

  /** Who has access, in that dialog. */
  access(person) {
    return this.page.getByTestId("access").and(this.page.locator(`[data-person=${JSON.stringify(person)}]`));
  }

  /** Shares a file or folder with somebody, from its row to its row. */
  async share(name, person, role = "Can change") {
    await this.choose(name, "Share…");
    await this.give(name, person, role);
    await this.access(person).waitFor({ timeout: SOON });
    await this.page.keyboard.press("Escape");
    await this.page.getByRole("dialog").waitFor({ state: "detached" });
  }

  conflictDialog() {
    return this.page.getByRole("dialog", { name: /^Two versions of/ });
  }

  /** What the API answers to this page's session. */
  api(path, init = {}) {
    return this.page.evaluate(
      async ([path, init]) => {
        const headers = { "x-driftless-client": "test", ...init.headers };
        const answer = await fetch(path, { ...init, headers });
        const text = await answer.text();
        return { status: answer.status, headers: Object.fromEntries(answer.headers), text, json: text.startsWith("{") ? JSON.parse(text) : null };
      },
      [path, init],
    );
  }

  /** Every live item of the drive, by the change feed. */
  async items() {
    const items = new Map();
    for (let token = ""; ; ) {
      const page = (await this.api(`/api/v1/changes/list${token && `?since_token=${encodeURIComponent(token)}`}`)).json;
      for (const change of page.changes) {
        if (change.kind !== "item") continue;
        if (change.item.trashed_at_ms) items.delete(change.item.id);
        else items.set(change.item.id, change.item);
      }
      if (!page.has_more) return [...items.values()];
      token = page.next_token;
    }
  }
}
