// Lighthouse's judgement of the page at an address, in a browser with a profile of ours.
import { chromium } from "playwright-core";
import { findChromium } from "../../../scripts/lib/chromium.mjs";
import { freePort } from "../../../scripts/lib/server.mjs";

/** A browser with this profile that Lighthouse can drive, and a page of it. */
export async function openBrowser(profileFolder) {
  const port = await freePort();
  const context = await chromium.launchPersistentContext(profileFolder, {
    executablePath: findChromium() ?? undefined,
    headless: true,
    args: [
      "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", `--remote-debugging-port=${port}`,
    ],
  });
  return { context, port };
}

/**
 * What Lighthouse says, for a phone on slow 4G with a quarter of this machine's speed or
 * for a desktop: its score of a hundred, times in milliseconds, and shifts. A profile that
 * is `kept` is that of somebody who comes again; else its storage and caches are emptied.
 */
export async function judge({ port }, url, { desktop, kept = false }) {
  const { default: lighthouse, desktopConfig } = await import("lighthouse");
  const flags = { port, output: "json", logLevel: "error", onlyCategories: ["performance"], disableStorageReset: kept };
  const { lhr } = await lighthouse(url, flags, desktop ? desktopConfig : undefined);
  if (lhr.runtimeError) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
  const figure = (id) => lhr.audits[id].numericValue;
  return {
    score: Math.round(lhr.categories.performance.score * 100),
    firstPaintMs: figure("first-contentful-paint"),
    largestPaintMs: figure("largest-contentful-paint"),
    speedIndexMs: figure("speed-index"),
    blockedMs: figure("total-blocking-time"),
    shift: figure("cumulative-layout-shift"),
  };
}
