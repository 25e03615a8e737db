import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiServer } from "./bed/api-server";
import { CONTEXT } from "./bed/control-plane";
import { clusterInventory, vaultInventory } from "./bed/inventory";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { layOutPolicyPack, layOutProgram } from "./programs/lay-out";
import { PulumiStack } from "./project/pulumi";
import type { Outcome } from "./project/run-command";

// What these tests do not prove: anything about `pulumi up --skip-preview`, which makes resources
// before the rules over the whole stack are asked.

const { bed, project, environment } = engine();
const folder = join(project, "violations");
const api = new ApiServer(bed.cluster);
const secondary = new OpenBao(bed.secondary);

const settings = {
  ...environment,
  K8S_CONTEXT: CONTEXT,
  KUBECONFIG: join(folder, "kubeconfig"),
  LOCAL_REGISTRY_URL: bed.securedRegistry.host,
  VAULT_PRIMARY_ADDR: bed.primary.address,
  VAULT_SECONDARY_ADDR: bed.secondary.address,
};
const stack = new PulumiStack("violations", folder, settings);
let atFirst: ReadonlySet<string>;

beforeAll(async () => {
  layOutProgram(folder, "violations");
  layOutPolicyPack(join(folder, "pack"), "throwing-pack");
  writeFileSync(join(folder, "hosts.ini"), "[masters]\nm1.atom.example\n");
  writeFileSync(settings.KUBECONFIG, kubeconfigInside("tenant-violations"));
  await stack.init();
  atFirst = new Set(await everything());
});

afterAll(async () => {
  await stack.discard();
  api.close();
});

const EXPORTER = "Deployment tenant-violations/exporter";
const CONTAINER = "spec.template.spec.containers[0]";
/** Of every privileged container. */
const ESCALATION = `P1-POD-5 ${EXPORTER}: ${CONTAINER}.securityContext.allowPrivilegeEscalation: allowPrivilegeEscalation is true`;

/** What is said of a playbook that nobody can read before it is there. */
const UNREAD_PLAYBOOK = [
  ...["P3-2", "P3-3", "P3-4", "P3-5"].map((rule) =>
    undecided(`${rule} command harden`, "document"),
  ),
  "P3-6 command harden: proof: is not there: nobody has watched what this playbook writes",
];
/** What follows from the exporter's being elsewhere. */
const LEFT_BEHIND = [
  "P1-NET-7 NetworkPolicy tenant-violations/allow-exporter: spec.podSelector: selects no pod of the namespace",
  'P1-RBAC-4 Deployment default/exporter: spec.template.spec.serviceAccountName: there is no ServiceAccount "exporter" in the namespace',
];

interface Violation {
  readonly rule: string;
  readonly what: string;
  /** What the pack says where the value is known, without how to mend it. */
  readonly known: readonly string[];
  /** The same where it is not. */
  readonly hidden: readonly string[];
}

const VIOLATIONS: readonly Violation[] = [
  {
    rule: "P1-POD-3",
    what: "a privileged container",
    known: [
      `P1-POD-3 ${EXPORTER}: ${CONTAINER}.securityContext.privileged: privileged is true`,
      ESCALATION,
    ],
    hidden: [
      undecided(`P1-POD-3 ${EXPORTER}`, `${CONTAINER}.securityContext.privileged`),
      ESCALATION,
    ],
  },
  {
    rule: "P2-1",
    what: "an image by its tag",
    known: [
      `P1-DATA-5 ${EXPORTER}: ${CONTAINER}.image: is "exporter:1"`,
      `P2-1 ${EXPORTER}: ${CONTAINER}.image: image is "exporter:1"`,
    ],
    hidden: ["P1-DATA-5", "P2-1", "P2-6", "P2-10"].map((rule) =>
      undecided(`${rule} ${EXPORTER}`, `${CONTAINER}.image`),
    ),
  },
  {
    rule: "P3-1",
    what: "a command that runs a playbook",
    known: [
      "P3-1 command harden: argv: lacks --check and --diff, and no plan was confirmed",
      ...UNREAD_PLAYBOOK,
    ],
    hidden: [undecided("P3-1 command harden", "argv"), ...UNREAD_PLAYBOOK],
  },
  {
    rule: "P4-1",
    what: "a daemon that nobody scrapes",
    known: [
      `P4-1 ${EXPORTER}: spec.template: no annotation and no monitor has its metrics scraped`,
    ],
    hidden: ["P4-1", "P4-2", "P4-4", "P4-6", "P5-5"].map((rule) =>
      undecided(
        `${rule} ${EXPORTER}`,
        'spec.template.metadata.annotations["prometheus.io/scrape"]',
      ),
    ),
  },
  {
    rule: "P5-2",
    what: "an object outside its tenant's namespace",
    known: ['P5-2 Deployment default/exporter: metadata.namespace: is "default"', ...LEFT_BEHIND],
    // The provider puts its default in the place of a namespace that is not known yet.
    hidden: ['P5-2 Deployment default/exporter: metadata.namespace: is "default"', ...LEFT_BEHIND],
  },
  {
    rule: "P6-2",
    what: "a probe that takes too long",
    known: [`P6-2 ${EXPORTER}: the worst case is exporter 0 + 330 = 330 s`],
    hidden: ["P6-1", "P6-2"].map((rule) =>
      undecided(`${rule} ${EXPORTER}`, `${CONTAINER}.readinessProbe.initialDelaySeconds`),
    ),
  },
  {
    rule: "P7-2",
    what: "no revision to go back to",
    known: [`P7-2 ${EXPORTER}: spec.revisionHistoryLimit: is 1`],
    hidden: [undecided(`P7-2 ${EXPORTER}`, "spec.revisionHistoryLimit")],
  },
];

describe.each(VIOLATIONS.map((violation) => [violation.what, violation] as const))(
  "%s",
  (_, { rule, known, hidden }) => {
    test("stops up, and nothing is made", async () => {
      await expectStopped("up", { VIOLATIONS: rule }, known);
    });

    test("behind an unknown value stops up, and nothing is made", async () => {
      await expectStopped("up", { VIOLATIONS: rule, HIDDEN: "true" }, hidden);
    });
  },
);

describe("all of these violations at once", () => {
  const rules = VIOLATIONS.map(({ rule }) => rule).join(",");

  test("stop preview, each as mandatory", async () => {
    const findings = VIOLATIONS.flatMap(({ known }) => known).map(inDefaultNamespace);
    await expectStopped("preview", { VIOLATIONS: rules }, findings);
  });

  test("behind unknown values stop preview, each as mandatory", async () => {
    const findings = VIOLATIONS.flatMap(({ hidden }) => hidden)
      // No policy of the tenant has to let anybody at what is not in its namespace.
      .filter((finding) => !finding.startsWith("P4-4"))
      .map(inDefaultNamespace);
    await expectStopped("preview", { VIOLATIONS: rules, HIDDEN: "true" }, findings);
  });

  /** Where the violation of P5-2 puts what the others are found in. */
  function inDefaultNamespace(finding: string): string {
    return finding.replace(EXPORTER, "Deployment default/exporter");
  }
});

describe("violations in a network policy and in what components were given", () => {
  const CHART = "chart tenant-violations";
  const BOOTSTRAP = `playbook ${CONTEXT}/bootstrap`;
  const POLICY = "NetworkPolicy tenant-violations/allow-exporter";
  const RELEASE = "release tenant-violations";
  const ACCOUNT = "ServiceAccount tenant-violations/api";
  const rules = "P1-NET-3,P2-2,P2-8,P3-1 bootstrap,P6-4";

  test("each stop up, and nothing is made", async () => {
    await expectStopped("up", { VIOLATIONS: rules }, [
      `P2-2 ${CHART}: reference: reference is "${bed.securedRegistry.host}/atom/charts/services:7"`,
      `P2-8 ${ACCOUNT}: is not what its chart was rendered to`,
      `P3-1 ${BOOTSTRAP}: argv: lacks --check and --diff, and no plan was confirmed`,
      `P1-NET-3 ${POLICY}: spec.ingress[0].from: names no peer, which allows every peer`,
      `P6-4 ${RELEASE}: rollbackTimeoutSeconds: is 5`,
    ]);
  });

  test("behind unknown values each stop up, and nothing is made", async () => {
    await expectStopped("up", { VIOLATIONS: rules, HIDDEN: "true" }, [
      undecided(`P1-DATA-5 ${CHART}`, "reference"),
      undecided(`P2-2 ${CHART}`, "reference"),
      undecided(`P2-3 ${CHART}`, "reference"),
      undecided(`P2-8 ${ACCOUNT}`, "metadata.annotations.changed"),
      `P4-4 ${EXPORTER}: cannot be decided: spec.ingress of ${POLICY} is not known`,
      undecided(`P3-1 ${BOOTSTRAP}`, "argv"),
      undecided(`P1-NET-3 ${POLICY}`, "spec.ingress"),
      undecided(`P6-4 ${RELEASE}`, "rollbackTimeoutSeconds"),
    ]);
  });
});

test("a tenant's namespace that may be destroyed stops up, and nothing is made", async () => {
  await expectStopped("up", { VIOLATIONS: "P5-6" }, [
    "P5-6 Namespace tenant-violations: is not protected: its stack deletes it, and replaces it when it is renamed",
  ]);
});

test("a group of manifests that are not known yet stops up, and nothing is made", async () => {
  // All that look at objects of any kind, or at pods, which may be in it.
  const rules = [
    "P1-DATA-1",
    "P1-DATA-2",
    "P1-DATA-5",
    "P1-NODE-1",
    "P1-NS-2",
    "P1-QUO-4",
    "P1-RBAC-2",
    "P1-RBAC-4",
    "P1-RBAC-5",
    "P2-6",
    "P2-10",
    "P4-1",
    "P4-2",
    "P4-4",
    "P4-6",
    "P5-2",
    "P5-5",
    "P5-7",
    "P6-1",
    "P6-2",
    "P6-5",
  ];
  const findings = rules.map((rule) => undecided(`${rule} object manifests`, "kind"));
  await expectStopped("up", { VIOLATIONS: "manifests", HIDDEN: "true" }, findings);
});

describe("a policy that throws stops up, and nothing is made", () => {
  const noKey = join(folder, "nowhere.pub");
  const config = join(folder, "pack-config.json");

  test.each([
    [
      "for a resource, though it only advises",
      "TypeError: thrown at a resource",
      { THROWS_AT: "a resource" },
      ["--policy-pack", "pack"],
    ],
    [
      "for the stack, though it only advises",
      "TypeError: thrown at the stack",
      { THROWS_AT: "the stack" },
      ["--policy-pack", "pack"],
    ],
    [
      "because a trusted key is not there",
      "UsageError: Invalid trusted keys:",
      { ATOM_TRUSTED_KEYS: noKey },
      [],
    ],
    [
      "because a waiver is none",
      "UsageError: Invalid waivers:",
      {},
      ["--policy-pack-config", config],
    ],
  ])("%s", async (_, error, more: Record<string, string>, argv) => {
    // The policy for each resource has no such waiver: it is the last one of all that throws.
    writeFileSync(config, JSON.stringify({ "atom-stack": { waivers: [{ rule: "P9-1" }] } }));
    const { code, stdout, stderr, made } = await attempt("up", more, argv);
    const thrown = /^ +(\w*Error: [^;\n]*)/m.exec(stdout)?.[1];
    // Only a pack that is at fault itself shows where.
    const isTraced = /^ +at /m.test(stdout);
    expect({ code, thrown, isTraced, made }, `${stdout}\n${stderr}`).toEqual({
      code: 1,
      thrown: error,
      isTraced: error.startsWith("TypeError"),
      made: [],
    });
  });
});

describe("the same stack without a violation", () => {
  afterAll(async () => {
    await stack.destroy();
  });

  test("is previewed from an inventory, with its bootstrap playbook", async () => {
    const { code, made, ...outcome } = await attempt("preview", { INVENTORY: "true" });
    expect({ code, findings: findingsIn(outcome), made }).toEqual({
      code: 0,
      findings: [],
      made: [],
    });
  });

  test("is made", async () => {
    const { code, made, ...outcome } = await attempt("up", {});
    expect({ code, findings: findingsIn(outcome) }, outcome.stdout).toEqual({
      code: 0,
      findings: [],
    });
    // The tests above would have seen it in the cluster, in Vault and in the state.
    const seen = /^(v1 Namespace|mount|login|policy|role) |Deployment::exporter$/;
    expect(made.filter((name) => seen.test(name))).toEqual([
      "v1 Namespace - atom-platform",
      "v1 Namespace - tenant-violations",
      "login kubernetes/bed/",
      "mount atom-bed/",
      "policy atom.bed.violations",
      "role kubernetes/bed/atom.bed.violations",
      "urn:pulumi:violations::atom::atom:index:Tenant$kubernetes:apps/v1:Deployment::exporter",
    ]);
  });
});

function undecided(subject: string, field: string): string {
  return `${subject}: ${field}: cannot be decided: ${field} is not known yet`;
}

async function expectStopped(
  verb: "preview" | "up",
  more: Readonly<Record<string, string>>,
  findings: readonly string[],
): Promise<void> {
  const { code, made, ...outcome } = await attempt(verb, more);
  const told = `${outcome.stdout}\n${outcome.stderr}`;
  expect({ verb, code, findings: findingsIn(outcome), made }, told).toEqual({
    verb,
    code: 1,
    findings: findings.map((finding) => `[mandatory] ${finding}`).sort(),
    made: [],
  });
}

/** Runs a verb, `up` with the preview that it begins with, and tells what there is that was not at first. */
async function attempt(
  verb: "preview" | "up",
  more: Readonly<Record<string, string>>,
  argv: readonly string[] = [],
): Promise<Outcome & { readonly made: readonly string[] }> {
  const outcome = await stack.run(
    [
      ...(verb === "up" ? ["up", "--yes"] : ["preview"]),
      ...["--stack", stack.name, "--policy-pack", "../node_modules/atom-selfhost/policy-pack"],
      ...argv,
    ],
    { environment: { ...settings, ...more } },
  );
  return { ...outcome, made: (await everything()).filter((name) => !atFirst.has(name)) };
}

/** All that a run of the program could have made; what a command did shows in the state. */
async function everything(): Promise<string[]> {
  return [
    ...(await clusterInventory(api)),
    ...(await vaultInventory(secondary)),
    ...stack.resources().map(({ urn }) => urn),
  ];
}

/** Each finding under the heading "Policies" with its level, without how to mend it; sorted. */
function findingsIn({ stdout }: Pick<Outcome, "stdout">): string[] {
  const finding = /^ +- \[(\w+)\] .*\n.*\n +([^;\n]*)/gm;
  return [...stdout.matchAll(finding)].map(([, level, text]) => `[${level}] ${text}`).sort();
}

/** The bed's kubeconfig, for somebody whose context stands in a namespace. */
function kubeconfigInside(namespace: string): string {
  const kubeconfig = JSON.parse(readFileSync(bed.cluster.kubeconfig, "utf8")) as {
    contexts: { context: object }[];
  };
  const contexts = kubeconfig.contexts.map(({ context, ...rest }) => ({
    ...rest,
    context: { ...context, namespace },
  }));
  return JSON.stringify({ ...kubeconfig, contexts });
}
