// `npm run looks`: pictures of every view at three widths, light and dark, and what axe finds
// wrong with each. The head of tests/browser/looks.mjs says more; views that are named as
// arguments are taken alone.
import { build } from "./lib/build.mjs";
import { howToInstall, missingForBrowserTests } from "./lib/chromium.mjs";
import { inRoot } from "./lib/paths.mjs";
import { must } from "./lib/run.mjs";
import { Stop, main } from "./lib/say.mjs";
import { setUp } from "./lib/setup.mjs";

await main(async () => {
  const missing = missingForBrowserTests({ driver: false });
  if (missing.length > 0) throw new Stop(`${missing.join("\n")}${howToInstall}`);
  await setUp();
  await build();
  must(process.execPath, [inRoot("tests/browser/looks.mjs"), ...process.argv.slice(2)]);
});
