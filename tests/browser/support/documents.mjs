// Makes a document with a real library, and the same after that library has opened,
// changed and saved it:
//
//   node documents.mjs xlsx|docx LIBRARY OLD NEW
//
// LIBRARY is the folder into which exceljs or docx is unpacked. The clock stands, so that
// both are the same at each run.
import { createCipheriv } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [kind, library, from, to] = process.argv.slice(2);
const NOW = Date.UTC(2026, 0, 2, 3, 4, 6);
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [NOW] : args));
  }
  static now() {
    return NOW;
  }
};
const load = (script) => createRequire(import.meta.url)(path.join(library, "package", "dist", script));

/** A whole number that looks like chance. */
function chance(n, below) {
  let x = Math.imul(n ^ 0x9e3779b9, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) % below;
}

const noise = (size, seed) => createCipheriv("aes-256-ctr", Buffer.alloc(32, seed), Buffer.alloc(16)).update(Buffer.alloc(size));

const WORDS = "the of meeting plan budget river winter report house train light number question answer garden market paper window morning letter".split(" ");
const sentence = (n) => `${Array.from({ length: 14 }, (_, word) => WORDS[chance(n * 14 + word, WORDS.length)]).join(" ")}.`;

/** 40,000 rows of numbers, dates and names; 20 cells all over it are changed. */
async function spreadsheet() {
  const { Workbook } = load("exceljs.min.js");
  const book = new Workbook();
  const sheet = book.addWorksheet("Sales");
  sheet.addRow(["number", "customer", "town", "pieces", "price", "paid"]);
  for (let n = 0; n < 40_000; n += 1) {
    sheet.addRow([n, `customer ${chance(n, 9_000)}`, WORDS[chance(n + 1, WORDS.length)], chance(n + 2, 90), chance(n + 3, 1_000_000) / 100, chance(n + 4, 2) === 1]);
  }
  writeFileSync(from, Buffer.from(await book.xlsx.writeBuffer()));
  const again = new Workbook();
  await again.xlsx.load(readFileSync(from));
  for (let n = 0; n < 20; n += 1) again.getWorksheet("Sales").getCell(2 + n * 1_990, 5).value = chance(n + 77, 1_000_000) / 100;
  writeFileSync(to, Buffer.from(await again.xlsx.writeBuffer()));
}

/** A report of 1,500 paragraphs with four photographs; three of its fields are filled in. */
async function report() {
  const { Document, Packer, Paragraph, TextRun, ImageRun, PatchType, patchDocument } = load("index.cjs");
  const paragraph = (n) => new Paragraph({ children: [new TextRun(n % 500 === 250 ? `Seen by: {{field${Math.floor(n / 500)}}}` : `${sentence(n * 3)} ${sentence(n * 3 + 1)} ${sentence(n * 3 + 2)}`)] });
  const photograph = (n) => new Paragraph({ children: [new ImageRun({ type: "jpg", data: noise(1_400_000, 40 + n), transformation: { width: 400, height: 300 } })] });
  const children = Array.from({ length: 1_500 }, (_, n) => (n % 400 === 100 ? photograph(n / 400) : paragraph(n)));
  writeFileSync(from, await Packer.toBuffer(new Document({ title: "Report", sections: [{ children }] })));
  const filled = (text) => ({ type: PatchType.PARAGRAPH, children: [new TextRun(text)] });
  const patches = { field0: filled("Ada Lovelace"), field1: filled("Charles Babbage"), field2: filled("nobody yet") };
  writeFileSync(to, await patchDocument({ outputType: "nodebuffer", data: readFileSync(from), patches }));
}

await { xlsx: spreadsheet, docx: report }[kind]();
