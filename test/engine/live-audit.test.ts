import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readFleet } from "../../lib/fleet/read-fleet";
import { applyStages } from "../../lib/kubernetes/apply-order";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import type { VaultPolicyNode, VaultRoleNode } from "../../lib/policy/graph/graph";
import { graphFromResources } from "../../lib/policy/graph/graph-from-resources";
import type { PolicyMatrix } from "../../lib/policy/matrix";
import { ApiServer } from "./bed/api-server";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { recordProject } from "./project/record-project";
import { mustRun, runCommand } from "./project/run-command";
import type { Outcome } from "./project/run-command";

// What these tests do not prove: anything about Vaults other than OpenBao, and about the secrets store's
// driver, which does not run on the bed.

const REGION = "us-east";
const CLUSTER = "us-prod";
const ACCOUNT = { namespace: "atom-platform", name: "policy-monitor" };
const LOGIN = `kubernetes/${CLUSTER}`;
/** Of the pods, after a change. */
const PATIENCE = 60_000;

const { bed, project, environment, folder } = engine();
const api = new ApiServer(bed.cluster);
const vault = new OpenBao(bed.secondary);
const place = join(folder, "live-audit");
const manifests = join(place, "manifests.json");
const role = join(place, "role.yaml");
const { fleet } = readFleet(join(project, "atom.yaml"), {});
const namespaces = fleet.tenants
  .filter(({ regions }) => regions.includes(REGION))
  .map(({ name }) => `tenant-${name}`);
/** What the scan sees: its own account's kubeconfig and a token with the printed policy. */
let scanner: Record<string, string>;

beforeAll(async () => {
  mkdirSync(place, { recursive: true });
  writeFileSync(role, await printed("role"));
  const { objects, policies, roles } = await recorded();
  writeFileSync(manifests, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
  await kubectl("apply", "--server-side", "-f", manifests);
  for (const namespace of [ACCOUNT.namespace, ...namespaces]) {
    await kubectl("wait", "-n", namespace, "deployment", "--all", "--for=condition=Available");
  }
  await kubectl("apply", "-f", role);
  await makeVault(policies, roles);
  scanner = { ...environment, KUBECONFIG: await scanKubeconfig(), VAULT_TOKEN: await scanToken() };
});

afterAll(async () => {
  await kubectl("delete", "-f", role, "--ignore-not-found");
  await kubectl("delete", "-f", manifests, "--ignore-not-found");
  await vault.request(`/v1/sys/auth/${LOGIN}`, { method: "DELETE" });
  for (const name of vaultPolicies) {
    await vault.request(`/v1/sys/policies/acl/${name}`, { method: "DELETE" });
  }
  api.close();
});

describe("atom audit --live", () => {
  test("finds no violation in what the simulation renders, with the rights it prints", async () => {
    const outcome = await audit("--reports", place);
    expect(outcome.stdout).toMatch(
      /^[0-9]+ objects of [0-9]+ on 1 cluster, [0-9]+ of [0-9]+ rules had .*: no violation\n$/,
    );
    expect(outcome.code).toBe(0);
    const { clusters } = readJson<PolicyMatrix>(join(place, "reports/selfhost_policy_audit.json"));
    const { P1, P4, P5, P7 } = clusters[0]!.cells;
    expect([P1, P4, P5, P7].map((cell) => cell.outcome)).toEqual(Array(4).fill("pass"));
    // A pass that looked at nothing would be none.
    const examined = Object.fromEntries(
      Object.values(clusters[0]!.cells).flatMap(({ rules }) =>
        rules.map((rule) => [rule.id, rule.examined]),
      ),
    );
    expect(examined["P1-DATA-4"]).toBe(2 * namespaces.length);
    expect(examined["P5-1"]).toBe(1 + 2 * namespaces.length);
    expect(readFileSync(join(place, "docs/policies/selfhost_compliance.md"), "utf8")).toContain(
      `rule on ${CLUSTER}`,
    );
  });

  test.each<[string, (undo: boolean) => Promise<unknown>, readonly string[]]>([
    [
      "a role that may do anything",
      (undo) =>
        patch("role", "operator", [
          undo
            ? { op: "remove", path: "/rules/0" }
            : {
                op: "add",
                path: "/rules/0",
                value: { apiGroups: [""], resources: ["pods"], verbs: ["*"] },
              },
        ]),
      ["P1-RBAC-3 Role tenant-acme/operator"],
    ],
    [
      "a workload that keeps no revision",
      (undo) =>
        patch("deployment", "api", [
          { op: "replace", path: "/spec/revisionHistoryLimit", value: undo ? 5 : 0 },
        ]),
      ["P7-2 Deployment tenant-acme/api"],
    ],
    [
      "a ClusterRoleBinding of a tenant's account",
      (undo) =>
        undo
          ? kubectl("delete", "clusterrolebinding", "too-much")
          : kubectl(
              ...["create", "clusterrolebinding", "too-much", "--clusterrole=view"],
              "--serviceaccount=tenant-acme:api",
            ),
      ["P1-RBAC-2 ClusterRoleBinding too-much"],
    ],
    [
      "a namespace of nobody",
      (undo) => kubectl(undo ? "delete" : "create", "namespace", "somebody"),
      ["P1-NS-1 Namespace somebody", "P5-1 Namespace somebody"],
    ],
    [
      "a Secret with a token of an account",
      (undo) => (undo ? kubectl("delete", "-n", "tenant-acme", "secret", "token") : tokenSecret()),
      ["P1-RBAC-5 Secret tenant-acme/token"],
    ],
    [
      "a Pod whose creator named its node, among those that the scheduler bound",
      (undo) => (undo ? kubectl("delete", "-n", "tenant-acme", "pod", "placed") : placedPod()),
      ["P1-NODE-1 Pod tenant-acme/placed"],
    ],
    [
      "a role of the Vault that lives too long",
      (undo) => vaultRole("acme", { token_max_ttl: undo ? 3600 : 86_400 }),
      [`P1-DATA-4 vault role ${LOGIN}/atom.${CLUSTER}.acme`],
    ],
  ])("finds %s, and nothing else", async (_, change, expected) => {
    await change(false);
    const outcome = await audit("--json");
    await change(true);
    expect([findings(outcome), outcome.code]).toEqual([expected, 1]);
  });

  test("finds a container that only the running pod has, under its workload's name", async () => {
    const pod = (await podOfApi()).metadata.name;
    await kubectl(
      ...["debug", "-n", "tenant-acme", pod, "--image=debug:latest", "--profile=restricted"],
      ...["--container=debugger", "--attach=false"],
    );
    const outcome = await audit("--json");
    await kubectl("delete", "-n", "tenant-acme", "pod", pod);
    await kubectl("wait", "-n", "tenant-acme", "deployment", "--all", "--for=condition=Available");
    expect(outcome.code).toBe(1);
    const found = findings(outcome);
    expect(found).toContain("P2-1 Deployment tenant-acme/api, as it runs");
    expect(found.filter((line) => !line.endsWith(", as it runs"))).toEqual([]);
    expect((await audit()).code).toBe(0);
  });

  test("holds no value of a Secret", async () => {
    await kubectl(
      ...[
        "create",
        "-n",
        "tenant-acme",
        "secret",
        "generic",
        "own",
        "--from-literal=key=canary-4711",
      ],
      "--save-config",
    );
    const outcome = await audit("--json", "--reports", place);
    await kubectl("delete", "-n", "tenant-acme", "secret", "own");
    const canaries = ["canary-4711", Buffer.from("canary-4711").toString("base64")];
    const written = readFileSync(join(place, "reports/selfhost_policy_audit.json"), "utf8");
    for (const text of [outcome.stdout, outcome.stderr, written]) {
      for (const canary of canaries) expect(text).not.toContain(canary);
    }
  });

  test("fails if it may not see one kind: that is no pass", async () => {
    const rules = "/apis/rbac.authorization.k8s.io/v1/clusterroles/atom-policy-monitor";
    const before = await api.json<{ rules: { resources: string[] }[] }>(rules);
    const without = before.rules.map((one) => ({
      ...one,
      resources: one.resources.filter((name) => name !== "networkpolicies"),
    }));
    await kubectl(
      "patch",
      "clusterrole",
      "atom-policy-monitor",
      "--type=merge",
      "-p",
      JSON.stringify({ rules: without }),
    );
    await sleep(1_000);
    const outcome = await audit();
    await kubectl("apply", "-f", role);
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    expect(outcome.stderr).toContain(
      'Invalid scan of the cluster behind "scan":\n' +
        " - networkpolicies.networking.k8s.io: may not be listed and watched (403); " +
        "bind the scan's account to the role that 'atom audit role' prints\n",
    );
  });

  test("fails if it may not see the Vault", async () => {
    const before = scanner;
    scanner = { ...scanner, VAULT_TOKEN: await token([]) };
    const outcome = await audit();
    scanner = before;
    expect([outcome.code, outcome.stdout]).toEqual([2, ""]);
    expect(outcome.stderr).toContain(
      "permission denied for sys/policies/acl; give the scan's token the policy that 'atom audit role vault' prints",
    );
  });
});

describe("atom serve --live", () => {
  test("watches: it sees a change and its mending, long before its interval is over", async () => {
    const stopping = new AbortController();
    const lines: string[] = [];
    const serving = runCommand(
      "npx",
      [
        ...["atom", "serve", "--live", "--only", "policy-monitor", "--port", "0"],
        ...["--interval", "3600", "--cluster", CLUSTER, "--context", "scan", "--reports", place],
        ...["--vault", bed.secondary.address],
      ],
      {
        folder: project,
        environment: scanner,
        signal: stopping.signal,
        onLine: (line) => lines.push(line),
      },
    );
    const failed = serving.then(({ stderr }) => Promise.reject(new Error(stderr)));
    failed.catch(() => undefined);
    try {
      const base = await Promise.race([failed, address(lines)]);
      expect(await health(base, "healthy")).toMatch(
        /^P1 to P7 hold over [0-9]+ objects on 1 cluster$/,
      );
      const began = Date.now();
      await patch("deployment", "api", [
        { op: "replace", path: "/spec/revisionHistoryLimit", value: 0 },
      ]);
      expect(await health(base, "unhealthy")).toBe(
        `P1 to P7: violation: ${CLUSTER} P7-2 Deployment tenant-acme/api`,
      );
      expect(Date.now() - began).toBeLessThan(20_000);
      const metrics = await (await fetch(`${base}/metrics`)).text();
      expect(metrics).toContain(
        `atom_policy_violations{rule="P7-2",cluster="${CLUSTER}",tenant="acme"} 1\n`,
      );
      expect(metrics).toMatch(
        new RegExp(`atom_policy_scan_timestamp_seconds{cluster="${CLUSTER}"} [0-9.]+\n`),
      );
      expect(metrics).toMatch(
        new RegExp(`atom_policy_scanned_objects{cluster="${CLUSTER}"} [0-9]{3}\n`),
      );
      const written = readJson<PolicyMatrix>(join(place, "reports/selfhost_policy_audit.json"));
      expect(written.outcome).toBe("violation");
      await patch("deployment", "api", [
        { op: "replace", path: "/spec/revisionHistoryLimit", value: 5 },
      ]);
      await health(base, "healthy");
    } finally {
      stopping.abort();
      await serving;
    }
  });
});

/** What the stacks of the region have, as the simulation records them. */
async function recorded(): Promise<{
  objects: readonly KubernetesObject[];
  policies: readonly VaultPolicyNode[];
  roles: readonly VaultRoleNode[];
}> {
  const graphs = [];
  for await (const { stack, resources } of recordProject(join(project, "atom.yaml"), environment)) {
    if (stack.endsWith(`.${REGION}`)) graphs.push(graphFromResources(resources));
  }
  return {
    objects: applyStages(
      graphs.flatMap(({ objects }) => objects.map(({ object }) => object)),
    ).flat(),
    policies: graphs.flatMap((graph) => graph.vaultPolicies),
    roles: graphs.flatMap((graph) => graph.vaultRoles),
  };
}

const vaultPolicies: string[] = [];

async function makeVault(
  policies: readonly VaultPolicyNode[],
  roles: readonly VaultRoleNode[],
): Promise<void> {
  const body = { type: "kubernetes" };
  await vault.request(`/v1/sys/auth/${LOGIN}`, { method: "POST", body });
  for (const { name, policy } of policies) await writePolicy(name, policy);
  for (const { name, ...node } of roles) {
    await vault.request(`/v1/auth/${LOGIN}/role/${name}`, {
      method: "POST",
      body: {
        bound_service_account_names: node.boundServiceAccounts,
        bound_service_account_namespaces: node.boundNamespaces,
        audience: node.audience,
        token_policies: node.policies,
        token_ttl: node.tokenTtlSeconds,
        token_max_ttl: node.tokenMaxTtlSeconds,
      },
    });
  }
  await writePolicy("scan", await printed("role", "vault"));
}

async function writePolicy(name: string, policy: string): Promise<void> {
  vaultPolicies.push(name);
  await vault.request(`/v1/sys/policies/acl/${name}`, { method: "POST", body: { policy } });
}

/** Changes the role of a tenant. */
async function vaultRole(tenant: string, change: object): Promise<void> {
  const path = `/v1/auth/${LOGIN}/role/atom.${CLUSTER}.${tenant}`;
  const { data } = await vault.request<{ data: object }>(path);
  await vault.request(path, { method: "POST", body: { ...data, ...change } });
}

const scanToken = () => token(["scan"]);

async function token(policies: readonly string[]): Promise<string> {
  const body = { policies, no_default_policy: true, ttl: "1h" };
  const path = "/v1/auth/token/create";
  const { auth } = await vault.request<{ auth: { client_token: string } }>(path, {
    method: "POST",
    body: policies.length > 0 ? body : { policies: ["default"], ttl: "1h" },
  });
  return auth.client_token;
}

/** A kubeconfig of the printed role's account. */
async function scanKubeconfig(): Promise<string> {
  const admin = readJson<{ clusters: readonly { name: string }[] }>(bed.cluster.kubeconfig);
  const user = { token: await api.serviceAccountToken(ACCOUNT.namespace, ACCOUNT.name) };
  const path = join(place, "scan.kubeconfig");
  writeFileSync(
    path,
    JSON.stringify({
      ...admin,
      users: [{ name: "scan", user }],
      contexts: [{ name: "scan", context: { cluster: admin.clusters[0]!.name, user: "scan" } }],
      "current-context": "scan",
    }),
  );
  return path;
}

function audit(...more: readonly string[]): Promise<Outcome> {
  return runCommand(
    "npx",
    [
      ...["atom", "audit", "--live", "--fleet", "atom.yaml", "--cluster", CLUSTER],
      ...["--context", "scan", "--vault", bed.secondary.address, ...more],
    ],
    { folder: project, environment: scanner },
  );
}

function findings({ stdout }: Outcome): string[] {
  const { clusters } = JSON.parse(stdout) as PolicyMatrix;
  const found = clusters.flatMap((cluster) =>
    cluster.findings.map(({ rule, object }) => `${rule} ${object}`),
  );
  return [...new Set(found)];
}

function printed(...argv: readonly string[]): Promise<string> {
  return mustRun("npx", ["atom", "audit", ...argv], { folder: project, environment });
}

function kubectl(...argv: readonly string[]): Promise<string> {
  return mustRun("kubectl", argv, { folder: project, environment });
}

/** Changes something of a tenant. */
function patch(kind: string, name: string, operations: readonly object[]): Promise<string> {
  const body = JSON.stringify(operations);
  return kubectl("patch", "-n", "tenant-acme", kind, name, "--type=json", "-p", body);
}

function tokenSecret(): Promise<unknown> {
  return api.json("/api/v1/namespaces/tenant-acme/secrets", {
    method: "POST",
    body: {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/service-account-token",
      metadata: { name: "token", annotations: { "kubernetes.io/service-account.name": "api" } },
    },
  });
}

/** A pod of its own that is as a bound one of the tenant's, the node's name included. */
async function placedPod(): Promise<unknown> {
  const { metadata, spec } = await podOfApi();
  const labels: Record<string, string> = { ...metadata.labels };
  // With it, the ReplicaSet would adopt the pod.
  delete labels["pod-template-hash"];
  return api.json("/api/v1/namespaces/tenant-acme/pods", {
    method: "POST",
    body: {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "placed", labels, annotations: metadata.annotations },
      spec,
    },
  });
}

interface RunningPod {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: object;
}

async function podOfApi(): Promise<RunningPod> {
  const { items } = await api.json<{ items: RunningPod[] }>(
    "/api/v1/namespaces/tenant-acme/pods?labelSelector=app.kubernetes.io/name%3Dapi",
  );
  return items[0]!;
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

async function address(lines: readonly string[]): Promise<string> {
  for (;;) {
    const [, base] = lines.map((line) => /^listening on (\S+)$/.exec(line)).find(Boolean) ?? [];
    if (base !== undefined) return base;
    await sleep(100);
  }
}

/** The monitor's summary once it has a status. */
async function health(base: string, wanted: string): Promise<string> {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const { daemons } = (await (await fetch(`${base}/health`)).json()) as {
      daemons: [{ status: string; summary: string }];
    };
    const [{ status, summary }] = daemons;
    if (status === wanted) return summary;
    if (Date.now() > deadline) throw new Error(`the monitor is ${status}: ${summary}`);
    await sleep(100);
  }
}
