import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { violationsOf } from "../../lib/policy/evaluation/evaluate";
import { objectNode } from "../../lib/policy/graph/graph";
import { p1Rbac1 } from "../../lib/policy/rules/p1-rbac-1";
import { p1Rbac2 } from "../../lib/policy/rules/p1-rbac-2";
import { p1Rbac3 } from "../../lib/policy/rules/p1-rbac-3";
import { p1Rbac6 } from "../../lib/policy/rules/p1-rbac-6";
import { compliantTenant, graphOf, scopeOfTenant } from "../policy/compliant-objects";
import { ApiServer } from "./bed/api-server";
import { AuthorizationServer } from "./can-i/authorization-server";
import type { Person } from "./can-i/authorization-server";
import { forbiddenRequests, inTurns } from "./can-i/forbidden-requests";
import { clusterRole, HAND_MADE, HOME, RBAC, role, roleBinding, TENANT } from "./can-i/roles";
import type { RoleRule } from "./can-i/roles";
import { engine } from "./engine";
import { mustRun } from "./project/run-command";

const { bed, environment, folder } = engine();
const server = new AuthorizationServer(bed.cluster);
/** A namespace that no binding is in. */
const ELSEWHERE = "tenant-elsewhere";

beforeAll(async () => {
  for (const name of [HOME, ELSEWHERE]) {
    await server.make({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
});
afterAll(async () => {
  await server.removeAll();
  server.close();
});

/** Whether a role or a binding to it breaks P1-RBAC-3 or 6. */
function isRefused(binding: KubernetesObject, bound: KubernetesObject): boolean {
  const isTenants = bound.kind === "Role";
  const objects = [...compliantTenant(TENANT), ...(isTenants ? [bound] : []), binding];
  const platform = isTenants ? [] : [objectNode(bound, scopeOfTenant())];
  const graph = graphOf(objects, TENANT, { objects: platform });
  return violationsOf(graph, [p1Rbac3, p1Rbac6]).length > 0;
}

interface Case {
  readonly name: string;
  readonly bound: KubernetesObject;
  readonly binding: KubernetesObject;
  readonly rules: readonly RoleRule[];
}

/** Where the rules and `can-i` disagree. */
async function disagreements(cases: readonly Case[]): Promise<string[]> {
  const found: string[] = [];
  let asked = 0;
  let granting = 0;
  await inTurns(cases, async ({ name, bound, binding, rules }) => {
    const person = server.account(HOME, name);
    const granted: string[] = [];
    for (const request of forbiddenRequests(rules)) {
      asked += 1;
      if (await server.canI(person, request)) granted.push(JSON.stringify(request));
    }
    if (granted.length > 0) granting += 1;
    const refused = isRefused(binding, bound);
    if (refused === granted.length > 0) return;
    const what = refused ? "is refused and grants nothing forbidden" : `grants ${granted[0]}`;
    found.push(`${name} ${JSON.stringify(rules)} ${what}`);
  });
  process.stderr.write(
    `${cases.length} roles, of which ${granting} grant what is forbidden; ${asked} access reviews\n`,
  );
  return found;
}

function isThere({ metadata }: KubernetesObject): boolean {
  return "resourceVersion" in metadata;
}

async function makeCases(
  roles: readonly (readonly [name: string, role: KubernetesObject, rules: readonly RoleRule[]])[],
): Promise<Case[]> {
  const cases = roles.map(([name, bound, rules]) => {
    return { name, bound, rules, binding: roleBinding(name, bound) };
  });
  await inTurns(cases, async ({ bound, binding }) => {
    if (!isThere(bound)) await server.make(bound);
    await server.make(binding);
  });
  await server.settle();
  return cases;
}

describe("P1-RBAC-3 and 6 refuse what can-i allows", () => {
  test("of the hand-made rules, in a Role and in a ClusterRole", async () => {
    const cases = await makeCases(
      Object.values(HAND_MADE).flatMap((rules, index) => [
        [`role-${index}`, role(`role-${index}`, rules), rules] as const,
        [`cluster-role-${index}`, clusterRole(`${HOME}-${index}`, rules), rules] as const,
      ]),
    );
    expect(await disagreements(cases)).toEqual([]);
  });

  test("of a Role of the tenant's own that is named as a strong ClusterRole is", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
    const cases = await makeCases(
      ["admin", "edit", "cluster-admin"].map((name) => [name, role(name, rules), rules]),
    );
    expect(await disagreements(cases)).toEqual([]);
  });

  test("of 200 random roles", async () => {
    const rules = fc.sample(RULES, { numRuns: 200, seed: 7 });
    const cases = await makeCases(
      rules.map((list, index) => {
        const name = `random-${index}`;
        return index % 2 === 0
          ? ([name, role(name, list), list] as const)
          : ([name, clusterRole(`${HOME}-${name}`, list), list] as const);
      }),
    );
    expect(await disagreements(cases)).toEqual([]);
  });

  test("of every ClusterRole that Kubernetes brings along", async () => {
    const all = (await server.list("/apis/rbac.authorization.k8s.io/v1/clusterroles")).filter(
      ({ metadata }) => !metadata.name.startsWith(HOME),
    );
    const cases = await makeCases(
      all.map((bound, index) => [
        `built-in-${index}`,
        { ...bound, apiVersion: RBAC, kind: "ClusterRole" },
        (bound["rules"] ?? []) as RoleRule[],
      ]),
    );
    expect(cases.length).toBeGreaterThan(50);
    const wrong = await disagreements(cases);
    expect(wrong.map((text) => text.slice(0, 400))).toEqual([]);
  });
});

/** Whoever has no business in a tenant's namespace. */
const STRANGERS: readonly Person[] = [
  server.account(ELSEWHERE, "x"),
  { user: "somebody", groups: ["system:authenticated"] },
  { user: "system:anonymous", groups: ["system:unauthenticated"] },
  { user: "system:node:node-9", groups: ["system:nodes", "system:authenticated"] },
  { user: "system:kube-proxy", groups: ["system:authenticated"] },
];

describe("P1-RBAC-1 refuses who can-i allows", () => {
  const of = (kind: string, name: string, namespace?: string) => ({
    kind,
    name,
    ...(kind === "ServiceAccount" ? { namespace } : { apiGroup: "rbac.authorization.k8s.io" }),
  });
  test.each([
    of("ServiceAccount", "x", HOME),
    of("ServiceAccount", "x", "atom-platform"),
    of("ServiceAccount", "x", ELSEWHERE),
    of("User", "jane"),
    of("User", `system:serviceaccount:${ELSEWHERE}:x`),
    of("User", "system:anonymous"),
    of("User", "system:kube-proxy"),
    of("User", "system:node:node-9"),
    of("Group", "developers"),
    of("Group", "system:authenticated"),
    of("Group", "system:unauthenticated"),
    of("Group", "system:serviceaccounts"),
    of("Group", `system:serviceaccounts:${ELSEWHERE}`),
    of("Group", "system:nodes"),
  ])("$kind $name", async (subject) => {
    const name = `subject-${JSON.stringify(subject).length}-${subject.name.replaceAll(":", "-")}`;
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
    const bound = role(name, rules);
    const binding = { ...roleBinding(name, bound), subjects: [subject] };
    await server.make(bound);
    await server.make(binding);
    await server.settle();
    const request = { verb: "get", group: "", resource: "configmaps", namespace: HOME };
    const strangers = await Promise.all(STRANGERS.map((person) => server.canI(person, request)));
    const graph = graphOf([...compliantTenant(TENANT), binding], TENANT);
    expect(violationsOf(graph, [p1Rbac1]).length > 0).toBe(strangers.includes(true));
    await server.remove(binding);
    await server.settle();
  });
});

test("P1-RBAC-2 refuses a binding that reaches into every namespace, and no other", async () => {
  const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
  const bound = clusterRole(`${HOME}-everywhere`, rules);
  await server.make(bound);
  const narrow = roleBinding("narrow", bound);
  const subjects = [{ kind: "ServiceAccount", name: "wide", namespace: HOME }];
  const wide = {
    ...narrow,
    kind: "ClusterRoleBinding",
    metadata: { name: `${HOME}-wide` },
    subjects,
  };
  for (const [binding, account] of [
    [narrow, "narrow"],
    [wide, "wide"],
  ] as const) {
    await server.make(binding);
    await server.settle();
    const request = { verb: "get", group: "", resource: "configmaps", namespace: ELSEWHERE };
    const reaches = await server.canI(server.account(HOME, account), request);
    const graph = graphOf([...compliantTenant(TENANT), binding], TENANT);
    expect(violationsOf(graph, [p1Rbac2]).length > 0).toBe(reaches);
    expect(reaches).toBe(binding === wide);
  }
});

test("whoever may delete secrets as a collection reads all of them by a dry run", async () => {
  const name = "sweeper";
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["deletecollection"] }];
  await makeCases([[name, role(name, rules), rules]]);
  for (const object of [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: HOME } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: HOME },
      stringData: { password: "canary" },
    },
  ]) {
    await server.make(object);
  }
  const admin = new ApiServer(bed.cluster);
  const sweeper = new ApiServer(bed.cluster, await admin.serviceAccountToken(HOME, name));
  const path = `/api/v1/namespaces/${HOME}/secrets`;
  expect(await sweeper.send(path)).toMatchObject({ status: 403 });
  const { body } = await sweeper.send(`${path}?dryRun=All`, { method: "DELETE" });
  expect(body).toContain(Buffer.from("canary").toString("base64"));
  sweeper.close();
  admin.close();
});

test("kubectl auth can-i says what an access review says", async () => {
  const name = "kubectl";
  const rules = [
    { apiGroups: [""], resources: ["secrets", "pods/exec"], verbs: ["list", "create"] },
  ];
  await makeCases([[name, role(name, rules), rules]]);
  for (const [verb, resource, subresource] of [
    ["list", "secrets"],
    ["get", "secrets"],
    ["create", "pods", "exec"],
    ["create", "pods"],
  ] as const) {
    const person = server.account(HOME, name);
    const argv = ["auth", "can-i", verb, resource, "--as", person.user, "--namespace", HOME];
    if (subresource !== undefined) argv.push("--subresource", subresource);
    const run = mustRun("kubectl", [...argv, "--kubeconfig", bed.cluster.kubeconfig], {
      folder,
      environment,
    }).then(
      (stdout) => stdout,
      // It exits with 1 for a no.
      (error: unknown) => String(error),
    );
    const request = { verb, group: "", resource, namespace: HOME, subresource };
    expect(/\byes\b/.test(await run)).toBe(await server.canI(person, request));
  }
});

const names = (values: readonly string[], max: number) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max });

/** Mostly harmless, so that about half of the roles grant nothing that is forbidden. */
const RULES = fc.array(
  fc.record(
    {
      apiGroups: names(
        ["", "", "", "apps", "rbac.authorization.k8s.io", "networking.k8s.io", "*"],
        2,
      ),
      resources: fc.oneof(
        {
          weight: 3,
          arbitrary: names(["pods", "pods/log", "configmaps", "services", "deployments"], 3),
        },
        {
          weight: 1,
          arbitrary: names(
            [
              "pods",
              "pods/exec",
              "pods/attach",
              "pods/ephemeralcontainers",
              "pods/binding",
              "pods/portforward",
              "services/proxy",
              "nodes/proxy",
              "serviceaccounts/token",
              "secrets",
              "namespaces",
              "namespaces/finalize",
              "networkpolicies",
              "resourcequotas/status",
              "rolebindings",
              "endpoints",
              "users",
              "*",
              "*/scale",
            ],
            2,
          ),
        },
      ),
      verbs: fc.oneof(
        { weight: 3, arbitrary: names(["get", "list", "watch"], 3) },
        {
          weight: 1,
          arbitrary: names(
            [
              "get",
              "create",
              "update",
              "patch",
              "delete",
              "deletecollection",
              "bind",
              "escalate",
              "impersonate",
              "*",
            ],
            2,
          ),
        },
      ),
      resourceNames: names(["one", "two"], 1),
    },
    { requiredKeys: ["apiGroups", "resources", "verbs"] },
  ),
  { minLength: 1, maxLength: 2 },
);
