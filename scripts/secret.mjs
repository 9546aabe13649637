// Makes a fresh secret for sign-in and writes it into a file that is to be kept:
// `npm run secret`, or `npm run secret -- another-file.txt`. A file that is there
// stays as it is: whoever has accounts needs the secret in it.
import { writeFileSync } from "node:fs";
import { SECRET_FILE } from "./lib/secret.mjs";
import { Stop, green, main } from "./lib/say.mjs";
import { newSecret } from "./lib/server.mjs";

await main(async () => {
  const file = process.argv[2] ?? SECRET_FILE;
  try {
    writeFileSync(file, newSecret(), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    throw new Stop(`${file} is there already, and accounts may need the secret in it: it was left as it is.`);
  }
  console.log(`${green("✓")} Made ${file}. Keep a copy where you keep secrets: accounts that are made with it can't be used without it.`);
});
