// What a module imports has names that wasm-bindgen made of what it is and of a hash of that,
// 16 digits that no compression makes smaller, once in the module and once in the script that
// loads it. Within the two a number does as well. It has as many digits, so no length in the
// module changes.
const HASHED_IMPORT = /(__wb[a-z]+_\w*?_)([0-9a-f]{16})(?![0-9a-f])/g;

/**
 * What stands for each name of a text: its hash is the number of those alike so far. The text
 * is both files, because the script may name more than the module does.
 */
export function numbered(text) {
  const [numbers, alike] = [new Map(), new Map()];
  for (const [name, base] of text.matchAll(HASHED_IMPORT)) {
    if (numbers.has(name)) continue;
    const number = alike.get(base) ?? 0;
    alike.set(base, number + 1);
    numbers.set(name, base + number.toString(16).padStart(16, "0"));
  }
  return numbers;
}

/** A text with these names instead. Others stay. */
export const renamed = (text, numbers) => text.replace(HASHED_IMPORT, (name) => numbers.get(name) ?? name);
