// The page's words in other languages: all of them are there, and no others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { faults, languages, wordsOfSource } from "../../scripts/lib/words.mjs";

const words = wordsOfSource();

test("the page has words", () => {
  assert.ok(words.texts.has("Save") && words.plurals.has("file|files"), "words that it has had for long");
});

for (const language of languages()) {
  test(`${language} has all words of the page, with the same places, and every form of a number`, () => {
    assert.deepEqual(faults(language, words), []);
  });
}
