import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sha256 } from "../../../lib/support/digest";
import type { PlaybookProof } from "../../../lib/support/playbook-proof";
import { mustRun } from "../project/run-command";
import { TemporaryFolder } from "../temporary-folder";

/** Values with which no task of the package's playbooks is left out. None is secret. */
const VARIABLES = {
  atom_registry: "registry.example:5000",
  atom_cosign_public_key: "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
  atom_cluster: "eu-prod",
  atom_pool: "workers",
  atom_join_gateway: "https://gateway.example:8443",
  atom_ca_pin: `sha256:${"0".repeat(64)}`,
  atom_join_token: `atomjoin1.${"0".repeat(16)}.${"A".repeat(43)}`,
};

/**
 * Runs a playbook on a copy of this machine that is thrown away, twice in check mode
 * and twice for real. It takes Linux, root and apt. What it does not prove: that a service starts, for
 * nothing runs services in a chroot.
 *
 * @param path of the playbook: one file, absolute.
 * @param ansiblePlaybook absolute path of the program.
 * @throws Error with what was printed if a run fails.
 */
export async function provePlaybook(
  path: string,
  ansiblePlaybook: string,
  environment: Readonly<Record<string, string>>,
): Promise<PlaybookProof> {
  const temporary = new TemporaryFolder("atom-proof-");
  const folder = temporary.path;
  const variables = join(folder, "variables.json");
  writeFileSync(variables, JSON.stringify(VARIABLES));
  try {
    const place = mkdtempSync(join(folder, "place-"));
    const script = join(__dirname, "prove.sh");
    const argv = ["--mount", "--pid", "--fork", "sh", script];
    const text = await mustRun(
      "unshare",
      [...argv, place, dirname(ansiblePlaybook), path, variables],
      { folder, environment },
    );
    return {
      digest: sha256(readFileSync(path)),
      ansibleCore: await versionOf(ansiblePlaybook, folder, environment),
      previewWrites: [...text.matchAll(/^wrote (.*)$/gm)].map(([, written]) => written!),
      changed: changedIn(text),
    };
  } finally {
    temporary.remove();
  }
}

/** Of the last two of the four runs, which are the real ones. */
function changedIn(text: string): readonly [number, number] {
  const recaps = [...text.matchAll(/^recap .*\bchanged=(\d+) .*\bfailed=0 /gm)];
  if (recaps.length !== 4) throw new Error(`${recaps.length} of 4 runs went well:\n${text}`);
  return [Number(recaps[2]![1]), Number(recaps[3]![1])];
}

async function versionOf(
  ansiblePlaybook: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await mustRun(ansiblePlaybook, ["--version"], { folder, environment });
  return /\[core ([^\]]+)\]/.exec(text)![1]!;
}
