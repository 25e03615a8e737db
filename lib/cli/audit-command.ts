import { resolve } from "node:path";
import { Argument, Option } from "commander";
import type { Command } from "commander";
import { AUDIT_FORMATS } from "../report/audit-report";
import { PLATFORM_NAMESPACE } from "../kubernetes/names";
import { Problems } from "../support/problem";
import { addAdmissionCommand } from "./audit-admission-command";
import type { LiveAuditOptions } from "./audit-live";
import type { AuditOptions } from "./audit-verb";
import type { CommandContext } from "./command-context";
import { jsonOption } from "./fleet-option";
import { namesOf } from "./manifest-files";

/** `atom audit` */
export function addAuditCommand(program: Command, context: CommandContext): void {
  const audit = program
    .command("audit")
    .summary("check any Kubernetes manifests, or a live cluster, against P1 to P7")
    .description(
      "Reads YAML and JSON manifests (several documents a file, and lists such as `kubectl get -o yaml` " +
        "prints), which needs no cluster, or with --live a cluster and its Vault, of which it changes " +
        "nothing. Manifests are judged as they are: what is not among them is missing. --live asks a cluster " +
        "for all that the rules look at, and leaves out the namespaces that Kubernetes keeps for itself. " +
        "It reports what breaks a rule, where, and how to mend it. What cannot be decided counts " +
        "as a violation. Exits 1 on a violation, 2 if something could not be read.",
    )
    .argument(
      "[path...]",
      "files, folders with .yaml, .yml and .json files (but for node_modules and hidden folders), or - for standard input",
    )
    .option("--cluster <name>", "name of the cluster in the report (default: default)")
    .addOption(
      new Option(
        "--cluster-per-folder",
        "each folder in the paths is a cluster, and its name the cluster's",
      ).conflicts(["cluster", "live"]),
    )
    .option("--live", "scan a cluster; `atom audit role` prints the rights it takes")
    .option("--context <name>", "kube context to scan; without it the current one, or the fleet's")
    .option(
      "-f, --fleet <file>",
      "waivers of a fleet file; with --live also its tenants and contexts",
    )
    .option("--vault <address>", "with --live: scan a Vault, too, with the token in VAULT_TOKEN")
    .option("--reports <folder>", "with --live: write the audit and the compliance page below it")
    .addOption(formatOption())
    .addOption(jsonOption().conflicts("format"))
    .option("-o, --out <file>", "write the report into a file, whole or not at all")
    .addHelpText("after", EXAMPLES)
    .action(async (paths: string[], options: AuditOptions & LiveAuditOptions) => {
      checkChoice(paths, options);
      if (options.live) {
        const { auditLive } = await import("./audit-live.js");
        await auditLive(context, options);
      } else {
        const { auditManifests } = await import("./audit-verb.js");
        await auditManifests(context, paths, options);
      }
    });
  addRoleCommand(audit, context);
  addAdmissionCommand(audit, context);
}

/** `atom audit role` */
function addRoleCommand(audit: Command, { terminal }: CommandContext): void {
  audit
    .command("role")
    .summary("print the rights that `atom audit --live` takes")
    .description(
      "Prints a service account, a role that may list and watch what the rules look at, and the binding " +
        "of the two, for `kubectl apply -f -`; or the policy of the token for a Vault.",
    )
    .addArgument(
      new Argument("[of]", "what is to be scanned")
        .choices(["cluster", "vault"])
        .default("cluster"),
    )
    .option("--namespace <name>", "of the service account", PLATFORM_NAMESPACE)
    .action(async (of: "cluster" | "vault", { namespace }: { namespace: string }) => {
      const { scanRoleYaml, vaultScanPolicy } = await import("../monitor/scan-role.js");
      terminal.out(of === "vault" ? vaultScanPolicy() : scanRoleYaml(namespace));
    });
}

/** Options whose value names something. */
const NAMING = ["cluster", "context", "fleet", "vault", "reports", "out"] as const;
/** Options that say something about a live cluster only. */
const LIVE_OPTIONS = ["context", "vault", "reports"] as const;

function checkChoice(paths: readonly string[], options: AuditOptions & LiveAuditOptions): void {
  const problems = new Problems();
  for (const name of NAMING) {
    if (options[name] === "")
      problems.add(`--${name}`, "is empty", "name something, or leave it out");
  }
  if (options.live) {
    if (paths.length > 0) {
      problems.add(namesOf(paths), "a live cluster and manifests are two audits", "run each");
    }
  } else {
    if (paths.length === 0)
      problems.add("path", "is missing", "name manifests, or scan a cluster with --live");
    for (const name of LIVE_OPTIONS) {
      if (options[name] !== undefined) problems.add(`--${name}`, "goes with --live only");
    }
  }
  if (FORMATS.some((format) => format === options.out)) {
    problems.add(`--out ${options.out}`, "is a format", `did you mean --format ${options.out}?`);
  }
  const { out, fleet } = options;
  if (out && fleet && resolve(out) === resolve(fleet)) {
    problems.add(`--out ${out}`, "is the fleet file", "name another file");
  }
  problems.throwIfAny("audit");
}

const FORMATS = ["table", ...AUDIT_FORMATS] as const;

function formatOption(): Option {
  return new Option("--format <format>", "how the report is written")
    .choices(FORMATS)
    .default("table");
}

const EXAMPLES = `
Examples:
  $ atom audit manifests/
  $ atom audit reports/rendered --cluster-per-folder          a folder for each region's cluster
  $ helm template my-chart | atom audit -
  $ kustomize build overlays/prod | atom audit - --json
  $ atom audit role | kubectl apply -f - && atom audit --live --context prod-eu
  $ atom audit manifests/ --format sarif > audit.sarif        for code scanning
  $ atom audit manifests/ --format junit --out audit.xml      for a CI's list of tests`;
