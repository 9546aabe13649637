// Names of what a module imports, which get numbers instead of hashes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered, renamed } from "../../scripts/lib/import-names.mjs";

const hash = (digit) => digit.repeat(16);
const number = (n) => n.toString(16).padStart(16, "0");

test("a module and its script have the same names, no two alike, and nothing changes its length", () => {
  const module = `\0__wbg_get_${hash("a")}\x1f__wbg_get_${hash("b")}\0__wbindgen_generic_${number(2)}\0__wbg_ptr`;
  const script = `x.__wbg_get_${hash("b")}=1;x.__wbindgen_generic_${number(1)}=2;x.__wbindgen_generic_${number(2)}=3;x.__wbg_get_${hash("a")}0=4;__wbg_ptr`;
  const numbers = numbered([module, script].join());
  const [small, loads] = [renamed(module, numbers), renamed(script, numbers)];
  assert.equal(small, `\0__wbg_get_${number(0)}\x1f__wbg_get_${number(1)}\0__wbindgen_generic_${number(0)}\0__wbg_ptr`);
  assert.equal(loads, `x.__wbg_get_${number(1)}=1;x.__wbindgen_generic_${number(1)}=2;x.__wbindgen_generic_${number(0)}=3;x.__wbg_get_${hash("a")}0=4;__wbg_ptr`);
  assert.equal(new Set(numbers.values()).size, numbers.size);
  assert.equal(renamed(small, numbered(small)), small, "a second time changes nothing");
});
