// The words of the page as they stand in its source, and the catalogues of other languages in
// static/words/. See web/app/src/words.rs.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { inRoot } from "./paths.mjs";

const SOURCE = inRoot("web/app/src");
const LITERAL = /"((?:[^"\\]|\\.)*)"/y;
/** What begins words, and how many of the literals after it are theirs. */
const CALLS = [
  [/\bt\(\s*(?=")/g, 1],
  [/\benglish!\(\s*(?=")/g, 1],
  [/\bsay!\(\s*(?=")/g, 1],
  [/\bsay_many!\(/g, 2],
  [/\bcount\(/g, 2],
];
const ERROR = /#\[error\(\s*"([^"{]+)"\s*\)\]/g;
const BAD_NAME = /"(a name can't [^"{]+)"/g;
/** Where words of refusals stand that have no values in them, and which they are. */
const REFUSALS = [
  ["shared/protocol/src/problem.rs", ERROR],
  ["shared/protocol/src/problem.rs", /Self::\w+ => "([^"{]+)"/g],
  ["shared/protocol/src/name.rs", ERROR],
  ["shared/protocol/src/retention.rs", /Err\("([^"{]+)"/g],
  ["shared/client/src/failure.rs", ERROR],
  ["edge/core/src/labels.rs", BAD_NAME],
  ["edge/core/src/directory/marks.rs", BAD_NAME],
  ["web/platform/src/intake.rs", /"((?:it|this browser) [^"{]+)"/g],
  ["web/workers/src/reading/unpack.rs", ERROR],
  ["web/workers/src/signing/strength.rs", ERROR],
];

/** All English words of the page: texts, and the keys of plurals. */
export function wordsOfSource() {
  const [texts, plurals] = [new Set(), new Set()];
  for (const file of readdirSync(SOURCE, { recursive: true }).filter((name) => name.endsWith(".rs")).sort()) {
    const source = withoutTests(readFileSync(path.join(SOURCE, file), "utf8"));
    for (const [call, number] of CALLS) {
      for (const { index, 0: begin } of source.matchAll(call)) {
        const literals = literalsFrom(source, index + begin.length, number);
        if (literals.length < number) continue;
        if (number === 1) texts.add(literals[0]);
        else plurals.add(literals.join("|"));
      }
    }
  }
  for (const text of [...wordsOfDocument(), ...refusals()]) texts.add(text);
  return { texts, plurals };
}

/** The first literals among the arguments of a call, at the call's own depth. */
function literalsFrom(source, start, number) {
  const found = [];
  for (let [at, depth] = [start, 1]; at < source.length && depth > 0 && found.length < number; at += 1) {
    if ("([{".includes(source[at])) depth += 1;
    if (")]}".includes(source[at])) depth -= 1;
    if (source[at] !== '"') continue;
    LITERAL.lastIndex = at;
    const [whole, text] = LITERAL.exec(source) ?? [""];
    if (whole === "") break;
    if (depth === 1) found.push(unescaped(text));
    at += whole.length - 1;
  }
  return found;
}

/** What the document shows before the module is there. */
function wordsOfDocument() {
  const html = readFileSync(inRoot("web/index.html"), "utf8");
  const shown = html.slice(html.indexOf('id="first-sight"'), html.indexOf('id="app"'));
  const seen = shown.replace(/<!--[^]*?-->|<noscript>[^]*?<\/noscript>/g, "");
  const labels = [...seen.matchAll(/\b(?:aria-label|title)="([^"]*)"/g)].map(([, label]) => label);
  return [...seen.split(/<[^>]*>/), ...labels].map((text) => text.trim().replace(/\s+/g, " ")).filter((text) => /[A-Za-z]{2}/.test(text) && text !== "Driftless" && !/[<>]/.test(text));
}

/**
 * What is said elsewhere when something is refused, where nothing stands in it. What has values
 * in it is among the words of web/app/src/refusals.rs.
 */
function refusals() {
  return REFUSALS.flatMap(([file, said]) => {
    const source = withoutTests(readFileSync(inRoot(file), "utf8"));
    return [...source.matchAll(said)].map(([, text]) => text);
  });
}

const withoutTests = (source) => source.split(/^#\[cfg\(test\)\]$/m)[0].replace(/^\s*\/\/.*$/gm, "");
const unescaped = (text) => text.replace(/\\\n\s*/g, "").replace(/\\(["\\])/g, "$1").replace(/\\u\{([0-9a-fA-F]+)\}/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));

export const languages = () => readdirSync(inRoot("static/words")).map((name) => path.basename(name, ".json")).sort();
export const catalogue = (language) => JSON.parse(readFileSync(inRoot("static/words", `${language}.json`), "utf8"));

const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

/** What is wrong with a catalogue, in words; nothing if all is well. */
export function faults(language, { texts, plurals } = wordsOfSource()) {
  const known = catalogue(language);
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const all = [];
  for (const text of texts) {
    const words = known.texts[text];
    if (words === undefined) all.push(`lacks “${text}”`);
    else if (places(words).join() !== places(text).join()) all.push(`has other places in “${text}”`);
  }
  for (const key of plurals) {
    const forms = known.plurals[key];
    if (forms === undefined) {
      all.push(`lacks “${key}”`);
      continue;
    }
    const missing = wanted.filter((category) => forms[category] === undefined);
    if (missing.length > 0) all.push(`lacks the forms ${missing.join(", ")} of “${key}”`);
    const most = new Set([...places(key), "n"]);
    for (const form of Object.values(forms)) if (places(form).some((name) => !most.has(name))) all.push(`has other places in “${key}”`);
  }
  for (const text of Object.keys(known.texts)) if (!texts.has(text)) all.push(`has “${text}”, which the page does not say`);
  for (const key of Object.keys(known.plurals)) if (!plurals.has(key)) all.push(`has “${key}”, which the page does not say`);
  return all;
}
