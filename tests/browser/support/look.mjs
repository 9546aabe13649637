// Looks at a page: axe finds nothing wrong with it, and with
// SCREENSHOTS=<folder> it is there to be seen, light and dark, wide and narrow.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { axe } from "./axe.mjs";

const SIZES = [
  { width: 1280, height: 900 },
  { width: 380, height: 780 },
];

export async function look(page, name) {
  await axe(page, `on ${name}`);
  const folder = process.env.SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.waitForTimeout(250);
      await page.screenshot({ path: path.join(folder, `${name}-${size.width}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(SIZES[0]);
}
