// Where Chromium and chromedriver are on this machine. CHROME and CHROMEDRIVER
// name them if they are elsewhere.
import { existsSync } from "node:fs";
import { ask, onPath } from "./run.mjs";
import { versionIn } from "./versions.mjs";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PLACES = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/usr/lib/chromium/chromium",
  "/snap/bin/chromium",
  "/opt/google/chrome/chrome",
];
const DRIVER_PLACES = ["/usr/lib/chromium-browser/chromedriver", "/usr/lib/chromium/chromedriver", "/snap/bin/chromium.chromedriver"];

export const findChromium = () =>
  process.env.CHROME ?? NAMES.map(onPath).find(Boolean) ?? PLACES.find((place) => existsSync(place)) ?? null;

export const findChromedriver = () =>
  process.env.CHROMEDRIVER ?? onPath("chromedriver") ?? DRIVER_PLACES.find((place) => existsSync(place)) ?? null;

/** What is missing for the browser tests, one sentence each. */
export function missingForBrowserTests({ driver }) {
  const browser = findChromium();
  const found = findChromedriver();
  const missing = [];
  if (!browser) missing.push("Chromium or Chrome was not found (CHROME=/path/to/it names it).");
  if (driver && !found) missing.push("chromedriver was not found (CHROMEDRIVER=/path/to/it names it).");
  if (driver && browser && found) {
    const [a, b] = [browser, found].map((program) => versionIn(ask(program, ["--version"]))?.split(".")[0]);
    if (a && b && a !== b) missing.push(`chromedriver is of version ${b} but the browser of version ${a}; they must be the same.`);
  }
  return missing;
}

export const howToInstall = `
  Debian, Ubuntu   sudo apt-get install chromium chromium-driver
                   (Ubuntu: sudo apt-get install chromium-browser chromium-chromedriver)
  Fedora           sudo dnf install chromium chromedriver
  Arch             sudo pacman -S chromium
  macOS            brew install --cask google-chrome chromedriver
  Windows          inside WSL, as on Ubuntu
  elsewhere        npx @puppeteer/browsers install chrome@stable
                   npx @puppeteer/browsers install chromedriver@stable`;
