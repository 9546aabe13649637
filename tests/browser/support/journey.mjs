// What every journey stands on: a server, a new user with an empty drive, and
// browser profiles that share nothing, each behind a proxy of its own. The
// journeys of a file share a server, but for those that end it or need other settings.
//
// A journey also fails when a page logged an error, threw, or broke its
// Content-Security-Policy, whatever else it was about.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { findChromium } from "../../../scripts/lib/chromium.mjs";
import { freePort, freshState, removeState, startServer, testChanges } from "../../../scripts/lib/server.mjs";
import { App, newUser } from "./app.mjs";
import { openProxy } from "./proxy.mjs";

const FLAGS = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** What browsers log about a network that a journey cuts on purpose. */
const NETWORK_NOISE = /net::ERR_|Failed to load resource/;

/** In milliseconds: a page at no address of the app never has a copy. */
const KEPT_SOON = 20_000;

/** Longer than any journey takes, in milliseconds: what hangs must end and say where. */
const MOST = 480_000;

/**
 * Runs a journey and cleans up after it, whatever happens. Only with a server of
 * its own may it end that; one with other settings (`vars`) or with data that is
 * there already (the folder `state`) is its own.
 */
export async function journey(body, { ownServer = false, vars = null, state = null } = {}) {
  const own = ownServer || vars !== null || state !== null;
  const journey = await new Journey().begin(own ? null : await sharedServer(), { vars, state });
  try {
    const hangs = sleep(MOST, null, { ref: false }).then(() => assert.fail(`The journey takes more than ${MOST} ms`));
    await Promise.race([body(journey), hangs]);
    assert.deepEqual(journey.problems, [], "The pages logged errors");
  } catch (error) {
    await journey.keepEvidence(error);
    throw error;
  } finally {
    await journey.end();
  }
}

let shared = null;

/** Started when it is first asked for, and ended with this process. */
function sharedServer() {
  shared ??= newServer().then((server) => {
    server.leave();
    process.once("exit", () => removeState(server.state));
    return server;
  });
  return shared;
}

const newServer = async ({ vars, state, around } = {}) =>
  startServer({ port: await freePort(), state: state ?? (await freshState()), changes: { ...testChanges, vars: vars ?? {}, around } });

export class Journey {
  profiles = [];
  problems = [];
  warnings = [];

  /** On a server that others use as well, or on one of its own. */
  async begin(server = null, settings = {}) {
    this.folder = mkdtempSync(path.join(tmpdir(), "driftless-"));
    this.ownsServer = server === null;
    this.server = server ?? (await newServer(settings));
    return this;
  }

  /** Again after it was killed: on the port and the data that it had before. */
  async startServer() {
    const { port, state, changes } = this.server;
    this.server = await startServer({ port, state, changes });
  }

  /**
   * A new browser profile, as on another computer. A direct one goes to the
   * server without its proxy: nothing is counted or cut, and nothing slows it.
   */
  async profile(label, { direct = false, serviceWorkers = "allow", locale = undefined } = {}) {
    const proxy = await openProxy(this.server.port);
    const context = await chromium.launchPersistentContext(path.join(this.folder, `profile-${label}`), {
      executablePath: findChromium() ?? undefined,
      headless: true,
      args: FLAGS,
      acceptDownloads: true,
      serviceWorkers,
      locale,
      viewport: { width: 1280, height: 900 },
    });
    const url = direct ? this.server.url : proxy.url;
    const profile = new Profile(label, context, proxy, url, this);
    this.profiles.push(profile);
    return profile;
  }

  /** Profiles with these labels, all signed in as one new user. */
  async computers(...labels) {
    const user = newUser();
    const profiles = {};
    for (const label of labels) {
      const profile = (profiles[label] = await this.profile(label));
      await (label === labels[0] ? profile.app.signUp(user) : profile.app.signIn(user));
    }
    return { ...profiles, user };
  }

  /** People with these labels, each signed up in a browser of their own. */
  people(...labels) {
    const make = async (label) => {
      const profile = await this.profile(label);
      const user = newUser();
      await profile.app.signUp(user);
      const { app, context, proxy } = profile;
      return { profile, label, user, app, page: app.page, context, proxy };
    };
    return Promise.all(labels.map(make));
  }

  /** A file on disk with this content, to be dropped or picked. */
  file(name, content) {
    const file = path.join(this.folder, "files", name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  /** Screenshots and the server's log, where a person can look at them, and the gist in the output. */
  async keepEvidence(error) {
    const folder = path.resolve("tests/.artifacts", path.basename(this.folder));
    mkdirSync(folder, { recursive: true });
    for (const { label, context } of this.profiles) {
      for (const [i, page] of context.pages().entries()) {
        await page.screenshot({ path: path.join(folder, `${label}-${i}.png`) }).catch(() => {});
        const html = await page.content().catch(() => "");
        writeFileSync(path.join(folder, `${label}-${i}.html`), html);
        const text = await page.locator("body").innerText().catch(() => "");
        // Also where nobody can look into the folder any more.
        console.error(`Page ${i} of ${label} says: ${text.replace(/\s+/g, " ").slice(0, 700)}`);
      }
    }
    const requests = this.profiles.flatMap(({ label, proxy }) => proxy.requests.map((r) => `${label} ${JSON.stringify(r)}`));
    if (this.warnings.length > 0) console.error(`Warnings:\n  ${this.warnings.slice(-8).join("\n  ")}`);
    console.error(`Its last requests:\n  ${requests.slice(-12).join("\n  ")}`);
    writeFileSync(path.join(folder, "requests.txt"), requests.join("\n"));
    copyFileSync(path.join(this.server.state, "server.log"), path.join(folder, "server.log"));
    writeFileSync(path.join(folder, "problems.txt"), [error.stack, ...this.problems].join("\n"));
    console.error(`What the pages looked like is in ${path.relative(process.cwd(), folder)}`);
  }

  async end() {
    await Promise.all(this.profiles.map((profile) => profile.close()));
    if (this.ownsServer) {
      await this.server.stop();
      removeState(this.server.state);
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Profile {
  constructor(label, context, proxy, url, { problems, warnings }) {
    Object.assign(this, { label, context, proxy, url });
    const add = (text) => problems.push(`${label}: ${text}`);
    const watch = (page) => {
      page.on("pageerror", (error) => add(`threw ${error.message}`));
      page.on("console", (message) => {
        if (message.type() === "error" && !NETWORK_NOISE.test(message.text())) add(message.text());
        if (message.type() === "warning") warnings.push(`${label}: ${message.text()}`);
      });
    };
    context.on("page", watch);
    context.pages().forEach(watch);
    this.app = new App(context.pages()[0], this.url);
  }

  /** Another tab of the same profile. */
  async newTab() {
    return new App(await this.context.newPage(), this.url);
  }

  /** No network, as the page and its workers see it. */
  /** Once the browser has its copy of the page, as it has after some seconds. */
  async goOffline() {
    const isKept = (page) => page.evaluate(() => navigator.serviceWorker?.ready.then(() => true));
    await Promise.race([Promise.all(this.context.pages().map(isKept)), sleep(KEPT_SOON)]);
    await this.context.setOffline(true);
    this.proxy.cut();
  }

  async goOnline() {
    this.proxy.mend();
    await this.context.setOffline(false);
  }

  async close() {
    await this.context.close().catch(() => {});
    await this.proxy.close();
  }
}
