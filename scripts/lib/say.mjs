// What the scripts tell the person who started them.
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);

export const bold = (text) => paint(1, text);
export const red = (text) => paint(31, text);
export const green = (text) => paint(32, text);
const dim = (text) => paint(2, text);

/** A step begins. */
export const step = (text) => console.log(`${bold("▸")} ${text}`);
/** More about the step under way. */
export const note = (text) => console.log(`  ${dim(text)}`);
export const heading = (text) => console.log(`\n${bold(`━━ ${text}`)}`);

/** What ends the script with a message for people instead of a stack trace. */
export class Stop extends Error {}

/** Runs a script's main function; a [`Stop`] ends it with its message only. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? process.exitCode ?? 0;
  } catch (error) {
    console.error(`\n${red("✗")} ${error instanceof Stop ? error.message : error.stack}`);
    process.exitCode = 1;
  }
}

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(1)} KiB`;
  return `${(count / 1024 ** 2).toFixed(1)} MiB`;
}

/** Rows of cells, the first one the heads, as an aligned table; columns of numbers to the right. */
export function table(rows) {
  const texts = rows.map((row) => row.map(String));
  const columns = texts[0].map((_, i) => {
    const cells = texts.map((row) => row[i]);
    const numeric = cells.slice(1).every((text) => /^[\d.,]+( \S+)?$/.test(text));
    return { width: Math.max(...cells.map((text) => text.length)), numeric };
  });
  const cell = (text, { width, numeric }) => (numeric ? text.padStart(width) : text.padEnd(width));
  return texts.map((row) => row.map((text, i) => cell(text, columns[i])).join("  ").trimEnd()).join("\n");
}
