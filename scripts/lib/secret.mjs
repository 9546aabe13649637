// The secret of sign-in: whether the deployed Worker has it, and what to tell the
// operator. Another secret in its place locks everybody out, so nothing here
// suggests setting one unless wrangler has listed the secrets and it is not there.

export const SECRET_FILE = "sign-in-secret.txt";

/** What to put into the row of wrangler's arguments to have the secrets listed. */
export const LIST = ["secret", "list", "--format", "json"];

/**
 * What wrangler's list says: "set", "missing", or "unknown" where it failed or
 * printed something else than a list. `answer` is what `spawnSync` returned.
 */
export function secretStanding({ status, stdout }) {
  if (status !== 0) return "unknown";
  try {
    const secrets = JSON.parse(stdout);
    if (!Array.isArray(secrets) || !secrets.every(({ name }) => typeof name === "string")) return "unknown";
    return secrets.some(({ name }) => name === "SIGN_IN_SECRET") ? "set" : "missing";
  } catch {
    return "unknown";
  }
}

/** What the operator is told at the end of a deploy; null where all is well. */
export function secretAdvice(standing) {
  switch (standing) {
    case "set":
      return null;
    case "missing":
      return (
        "Deployed, but nobody can sign in: the Worker has no SIGN_IN_SECRET.\n" +
        `For a new drive, \`npm run secret\` makes ${SECRET_FILE}; for one with accounts, take the file that you kept. Then:\n` +
        `  npx wrangler secret put SIGN_IN_SECRET < ${SECRET_FILE}`
      );
    default:
      return (
        "Deployed. Whether the Worker has its SIGN_IN_SECRET could not be checked: wrangler did not list its secrets.\n" +
        "The page says so when somebody signs in. Leave the secret alone until a list lacks it: npx wrangler secret list"
      );
  }
}
