import { expect, test } from "vitest";
import { p3Rule4 } from "../../lib/policy/rules/p3-4";
import { namesSecret } from "../../lib/policy/scraping/secret-looking";
import { holdsSecret } from "../../lib/support/secret-name";
import { findingsOf } from "./rule-harness";
import { graphWith } from "./small-objects";

/** Whether a task that prints a variable of some name is to hide it. */
function isHidden(name: string): boolean {
  const graph = graphWith(({ playbooks }) => {
    playbooks[0]!.document = [{ tasks: [{ debug: { var: name } }] }];
  });
  return findingsOf(graph, p3Rule4).length > 0;
}

/** The same words for all; where in a name they may stand, each decides, and adds what only it has. */
test.each([
  // The name, then whether its value is redacted, a label may not be called so, and a task hides it.
  ["password", true, true, true],
  ["PGPASSWORD", true, true, true],
  ["dbPassword", true, true, true],
  ["db_passphrase", true, true, true],
  ["passwords", true, true, true],
  ["Authorization", true, true, true],
  ["apikey", true, true, true],
  ["account_key", true, true, true],
  ["access_key", true, true, true],
  ["private_key", true, true, true],
  ["db_pwd", true, true, true],
  // A run of several is called a pass, too, and the folder that a shell is in is its pwd.
  ["db_pass", true, false, true],
  ["pwd", false, false, true],
  ["vault_db", false, false, true],
  ["secret_backend", true, false, true],
  // What is redacted in vain costs nothing.
  ["passwordless", true, false, false],
  ["tokenizer", true, false, false],
  ["token_count", false, false, false],
  ["password_lock", false, false, false],
  ["secret_name", false, false, false],
  ["bypass", false, false, false],
])("%s is the name of a secret to output, metrics and tasks: %s, %s, %s", (name, ...expected) => {
  expect([holdsSecret(name), namesSecret(name), isHidden(name)]).toEqual(expected);
});
