import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { expect, test } from "vitest";
import { packageRoot } from "../../lib/support/package-root";
import { PLAYBOOK_PROOFS } from "../../lib/support/playbook-proof";
import type { PlaybookProof } from "../../lib/support/playbook-proof";
import { provePlaybook } from "./playbook-proof/prove-playbook";
import { TemporaryFolder } from "./temporary-folder";
import { resolveToolchain } from "./toolchain/resolve";

// What this does not prove: that services start, and that a package of another distribution is installed.

const playbooks = readdirSync(join(packageRoot(), "playbooks"))
  .filter((name) => name.endsWith(".yml"))
  .map((name) => `playbooks/${name}`);

/** An overlay over the whole machine takes root, and the packages apt. */
const isPossible = process.platform === "linux" && process.getuid?.() === 0;

// With -u it writes the file anew.
test.skipIf(!isPossible)("P3-6 the playbooks do what their proofs say", async () => {
  const { path, environment } = await ansible();
  const proofs: Record<string, PlaybookProof> = {};
  for (const playbook of playbooks) {
    proofs[playbook] = await provePlaybook(join(packageRoot(), playbook), path, environment);
  }
  const text = JSON.stringify({ version: 1, proofs });
  await expect(await format(text, { parser: "json", printWidth: 100 })).toMatchFileSnapshot(
    join("../..", PLAYBOOK_PROOFS),
  );
});

test.skipIf(!isPossible)("fails P3-6 a playbook that writes in a preview, and twice", async () => {
  const { path, environment } = await ansible();
  const folder = new TemporaryFolder("atom-playbook-");
  const playbook = join(folder.path, "playbook.yml");
  writeFileSync(playbook, JSON.stringify(WRITES_ALWAYS));
  const proof = await provePlaybook(playbook, path, environment);
  folder.remove();
  expect([proof.previewWrites, proof.changed]).toEqual([
    ["/etc/atom-1", "/run/atom-2"],
    [2, 2],
  ]);
  // None of it is on this machine.
  expect([existsSync("/etc/atom-1"), existsSync("/run/atom-2")]).toEqual([false, false]);
});

const WRITES_ALWAYS = [
  {
    hosts: "workers",
    gather_facts: false,
    tasks: ["/etc/atom-1", "/run/atom-2"].map((path) => ({
      "ansible.builtin.command": { argv: ["touch", path] },
      check_mode: false,
    })),
  },
];

async function ansible() {
  const toolchain = await resolveToolchain({ parts: ["ansible-core"] });
  const { PATH = "" } = process.env;
  return { path: toolchain.path("ansible-playbook"), environment: { PATH, LANG: "C.UTF-8" } };
}
