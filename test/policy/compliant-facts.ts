import type { GraphContent, Scope } from "../../lib/policy/graph/graph";
import { signImage } from "../../lib/signing/image-signature";
import { generateSigningKey } from "../../lib/signing/key";
import type { SigningKey } from "../../lib/signing/key";
import { sha256 } from "../../lib/support/digest";

export const CLUSTER = "eu-prod";
export const ACME: Required<Scope> = { cluster: CLUSTER, tenant: "acme" };
export const PLATFORM: Scope = { cluster: CLUSTER };

export const CHART_REPOSITORY = "registry.atom.example:5000/atom/charts/services";
export const CHART_DIGEST = sha256("a chart");
/** The image that everything in the small graph runs. */
export const SIGNED_IMAGE = {
  repository: "registry.atom.example:5000/atom/api",
  digest: `sha256:${"a".repeat(64)}`,
} as const;
export const PLAN_HASH = sha256("a plan");
const PLAYBOOK_DIGEST = sha256("a playbook");

/** Made anew for each run of the tests. */
export const CHART_KEY: SigningKey = generateSigningKey();

const METRICS = `# HELP atom_daemon_healthy Whether it is.
# TYPE atom_daemon_healthy gauge
atom_daemon_healthy{daemon="mirror"} 1
# HELP atom_daemon_reconciliations_total Passes.
# TYPE atom_daemon_reconciliations_total counter
atom_daemon_reconciliations_total{daemon="mirror",outcome="healthy"} 3
`;

/** Everything about one tenant on one cluster that is no Kubernetes object, with nothing to find. */
export function compliantFacts() {
  return {
    clusters: [CLUSTER],
    trustedKeys: [CHART_KEY.publicKeyPem],
    tenants: [{ id: "tenant acme", scope: ACME }],
    charts: [
      {
        id: "chart tenant-acme",
        scope: ACME,
        reference: `${CHART_REPOSITORY}@${CHART_DIGEST}`,
        signatures: [signImage({ repository: CHART_REPOSITORY, digest: CHART_DIGEST }, CHART_KEY)],
        imageSignatures: [signImage(SIGNED_IMAGE, CHART_KEY)],
      },
    ],
    releases: [
      {
        id: "release tenant-acme",
        scope: ACME,
        automaticRollback: true,
        historyLimit: 5,
        timeoutSeconds: 120,
        rollbackTimeoutSeconds: 120,
        failedInstall: "keep",
      },
    ],
    metrics: [
      {
        id: "metrics of daemons",
        scope: PLATFORM,
        status: 200,
        contentType: "text/plain; version=0.0.4; charset=utf-8",
        body: METRICS,
      },
    ],
    playbooks: [
      {
        id: "playbook eu-prod/bootstrap",
        scope: PLATFORM,
        argv: ["ansible-playbook", "--check", "--diff", "playbooks/bootstrap.yml"],
        planHash: PLAN_HASH,
        document: playbookDocument(),
        digest: PLAYBOOK_DIGEST,
        proof: {
          digest: PLAYBOOK_DIGEST,
          ansibleCore: "2.19.14",
          previewWrites: [],
          changed: [3, 0] as const,
        },
      },
    ],
    vaultPolicies: [
      {
        id: "vault policy tenant-acme",
        scope: ACME,
        name: "tenant-acme",
        policy: 'path "atom/data/tenants/acme/*" {\n  capabilities = ["read"]\n}\n',
      },
    ],
    vaultRoles: [
      {
        id: "vault role tenant-acme",
        scope: ACME,
        name: "tenant-acme",
        boundNamespaces: ["tenant-acme"],
        boundServiceAccounts: ["api"],
        policies: ["tenant-acme"],
        audience: "vault",
        tokenTtlSeconds: 900,
        tokenMaxTtlSeconds: 3600,
      },
    ],
  } satisfies Partial<GraphContent>;
}

function playbookDocument(): unknown[] {
  return [
    {
      name: "Prepare nodes",
      hosts: "all",
      check_mode: "yes",
      tasks: [
        {
          name: "Look",
          "ansible.builtin.stat": { path: "/etc/os-release" },
          check_mode: false,
        },
        {
          name: "Write",
          block: [{ "ansible.builtin.copy": { dest: "/etc/atom", content: "" } }],
          rescue: [{ "ansible.builtin.debug": { msg: "no luck" } }],
        },
      ],
    },
  ];
}
