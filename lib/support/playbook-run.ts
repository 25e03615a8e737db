import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import { canonicalJson } from "./canonical-json";
import type { Digest } from "./digest";
import { sha256 } from "./digest";
import { packageRoot } from "./package-root";
import { readPlaybookProof } from "./playbook-proof";
import type { PlaybookProof } from "./playbook-proof";
import type { Problem } from "./problem";
import { UsageError } from "./problem";

/** Says that a plan was seen: its hash, from the preview. */
export interface PlaybookConfirmation {
  readonly confirm: Digest;
}

/** One run of `ansible-playbook`, as planned. Holds nothing secret. */
export interface PlaybookRun {
  /** Path below the package's folder. */
  readonly playbook: string;
  /** `check` unless the confirmation names this very plan. */
  readonly mode: "check" | "apply";
  /** Program and arguments, for a call without a shell. Has `--check --diff` in mode `check`. */
  readonly argv: readonly string[];
  /** What to confirm: digest of the playbook's bytes, the arguments without the mode, and what the plan covers. */
  readonly planHash: Digest;
  /** The parsed playbook, plain data. */
  readonly document: unknown;
  /** Of the playbook's bytes. */
  readonly digest: Digest;
  /** What was seen when a playbook of this name was run on a machine that could be watched. */
  readonly proof?: PlaybookProof;
}

export interface PlaybookRunOptions {
  /** Path below the package's folder: `playbooks/bootstrap.yml`. */
  readonly playbook: string;
  /** Inventory file, as the user wrote it. @default none: the run is a plan only */
  readonly inventory?: string;
  /** Hosts to run on. @default every host of the playbook's groups */
  readonly limit?: readonly string[];
  /** Plain, non-secret variables. Secrets reach a playbook through the inventory's vault. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** Anything else the plan depends on, taken into its hash. @default nothing */
  readonly covers?: unknown;
  /** @default a dry run */
  readonly apply?: PlaybookConfirmation;
}

const MODE_CHECK = ["--check", "--diff"];

/**
 * Set as extra variables because nothing outranks those: neither the inventory nor ansible.cfg nor the
 * environment can switch the check of host keys off. OpenSSH keeps the first value it is given, and
 * Ansible puts `ansible_ssh_args` first; jump hosts in `ansible_ssh_common_args` still work.
 */
const HOST_KEYS_CHECKED = {
  ansible_host_key_checking: true,
  ansible_ssh_host_key_checking: true,
  ansible_ssh_args: "-o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s",
};

/**
 * Plans a run of a playbook. It is a dry run unless `apply.confirm` equals the plan's own hash (P3):
 * the arguments alone decide, so no environment variable and no ini file can turn a preview into a run.
 *
 * @throws UsageError for an unreadable playbook or an unsafe inventory, limit or variable.
 */
export function planPlaybookRun(options: PlaybookRunOptions): PlaybookRun {
  checkOptions(options);
  const { bytes, document } = readPlaybook(options.playbook);
  const { inventory, limit, variables } = options;
  const fixed = [
    ...(inventory === undefined ? [] : [`--inventory=${inventory}`]),
    ...(limit === undefined || limit.length === 0 ? [] : [`--limit=${limit.join(",")}`]),
    `--extra-vars=${canonicalJson({ ...variables, ...HOST_KEYS_CHECKED })}`,
    options.playbook,
  ];
  const digest = sha256(bytes);
  const proof = readPlaybookProof(options.playbook);
  const planHash = sha256(
    canonicalJson({
      playbook: digest,
      argv: fixed,
      inventory: inventory ?? null,
      covers: options.covers ?? null,
    }),
  );
  const mode = options.apply?.confirm === planHash ? "apply" : "check";
  return {
    playbook: options.playbook,
    mode,
    argv: ["ansible-playbook", ...(mode === "check" ? MODE_CHECK : []), ...fixed],
    planHash,
    document,
    digest,
    ...(proof === undefined ? {} : { proof }),
  };
}

/**
 * The plan's arguments for a process on this machine: the playbook's path made absolute, and the
 * inventory's from the folder that the user's path is relative to. The rest stays as planned.
 */
export function localArgv(run: PlaybookRun, baseDir: string): string[] {
  const inventory = "--inventory=";
  return run.argv.map((argument) => {
    if (argument === run.playbook) return resolve(packageRoot(), run.playbook);
    return argument.startsWith(inventory)
      ? inventory + resolve(baseDir, argument.slice(inventory.length))
      : argument;
  });
}

function readPlaybook(playbook: string): { bytes: Buffer; document: unknown } {
  try {
    const bytes = readFileSync(resolve(packageRoot(), playbook));
    return { bytes, document: parse(bytes.toString("utf8")) as unknown };
  } catch {
    throw new UsageError("playbook run", [
      { path: "playbook", message: `'${playbook}' cannot be read as a playbook` },
    ]);
  }
}

function checkOptions({ playbook, inventory, limit, variables }: PlaybookRunOptions): void {
  const problems: Problem[] = [];
  const add = (path: string, message: string, mend?: string) =>
    problems.push(mend === undefined ? { path, message } : { path, message, mend });
  if (!/^[a-z0-9][a-z0-9/._-]*\.ya?ml$/i.test(playbook) || playbook.split("/").includes("..")) {
    add("playbook", "is no path of a .yml file below the package's folder");
  }
  if (inventory !== undefined && (inventory === "" || /[,\p{Cc}]/u.test(inventory))) {
    add(
      "inventory",
      "holds a comma or a control character, or is empty; Ansible reads a comma as a list of hosts",
      "rename the file",
    );
  }
  for (const host of limit ?? []) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(host)) {
      add(
        "limit",
        `holds ${JSON.stringify(host.slice(0, 80))}, which is a pattern and no host name`,
      );
    }
  }
  for (const [name, value] of Object.entries(variables ?? {})) {
    if (/\{[{%#]/.test(value)) {
      add("variables", `'${name.slice(0, 80)}' holds a template, which Ansible would evaluate`);
    }
    if (!/^atom_[a-z0-9_]+$/.test(name)) {
      add("variables", `'${name.slice(0, 80)}' is not allowed; names begin with 'atom_'`);
    } else if (/token|pass|secret|private|credential/.test(name)) {
      add(
        "variables",
        `'${name}' sounds like a secret, and arguments show in the list of processes`,
        "put it into the inventory with ansible-vault",
      );
    }
  }
  if (problems.length > 0) throw new UsageError("playbook run", problems);
}
