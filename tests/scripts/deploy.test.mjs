// What a deploy tells the operator about the secret of sign-in.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { inRoot } from "../../scripts/lib/paths.mjs";
import { secretAdvice, secretStanding } from "../../scripts/lib/secret.mjs";

const SETS_A_SECRET = /secret put|secret bulk|\| *npx/;
const listed = (...names) => ({ status: 0, stdout: JSON.stringify(names.map((name) => ({ name, type: "secret_text" }))) });

test("a look at the secrets that fails is no missing secret", () => {
  const failed = [
    { status: 1, stdout: "", stderr: "fetch failed" },
    { status: null, stdout: null },
    { status: 0, stdout: "" },
    { status: 0, stdout: "Not logged in." },
    { status: 0, stdout: "{}" },
    { status: 0, stdout: "[1]" },
    { status: 0, stdout: "[null]" },
    { status: 1, stdout: "[]" },
  ];
  for (const answer of failed) {
    assert.equal(secretStanding(answer), "unknown", JSON.stringify(answer));
    const advice = secretAdvice(secretStanding(answer));
    assert.match(advice, /could not be checked/);
    assert.doesNotMatch(advice, SETS_A_SECRET, "nothing that overwrites a secret is suggested");
  }
});

test("only a list that lacks the secret leads to the command that sets it, from a file", () => {
  assert.equal(secretAdvice(secretStanding(listed("SIGN_IN_SECRET", "OTHER"))), null);
  for (const answer of [listed(), listed("SIGN_IN_SECRET_PREVIOUS"), listed("OLD_SIGN_IN_SECRET")]) {
    assert.equal(secretStanding(answer), "missing");
    const advice = secretAdvice("missing");
    assert.match(advice, /secret put SIGN_IN_SECRET < sign-in-secret\.txt/);
    assert.doesNotMatch(advice, /\|/, "no pipe, which keeps no copy");
  }
});

test("no script and no document shows a pipe that keeps no copy of the secret", () => {
  const pages = readdirSync(inRoot("docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`);
  for (const file of ["README.md", "ARCHITECTURE.md", ...pages, "scripts/deploy.mjs", "scripts/secret.mjs", "scripts/lib/secret.mjs"]) {
    assert.doesNotMatch(readFileSync(inRoot(file), "utf8"), /\|[^|\n]*secret put/, file);
  }
});

test("a secret that is kept in a file is never written over", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "driftless-secret-"));
  const make = () => spawnSync(process.execPath, [inRoot("scripts/secret.mjs"), path.join(folder, "kept.txt")]).status;
  try {
    assert.equal(make(), 0);
    const kept = readFileSync(path.join(folder, "kept.txt"), "utf8");
    assert.match(kept, /^[0-9a-f]{64}$/);
    assert.notEqual(make(), 0);
    assert.equal(readFileSync(path.join(folder, "kept.txt"), "utf8"), kept);
    writeFileSync(path.join(folder, "kept.txt"), "");
    assert.notEqual(make(), 0, "not even an empty one");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
