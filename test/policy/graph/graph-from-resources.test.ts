import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { graphFromResources, stackGraph } from "../../../lib/policy/graph/graph-from-resources";
import type { StackResource } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { ALL_RULES } from "../../../lib/policy/rules";
import { p5Rule1 } from "../../../lib/policy/rules/p5-1";
import { p5Rule2 } from "../../../lib/policy/rules/p5-2";
import { Secret } from "../../../lib/support/secret";
import { compliantFacts, PLAN_HASH } from "../compliant-facts";
import { HOSTILE } from "../rule-harness";
import { deployment, namespace } from "../small-objects";

const EU = { cluster: "eu-prod" };
const ACME = { cluster: "eu-prod", tenant: "acme" };

function resource(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  parent?: StackResource,
): StackResource {
  const line = parent === undefined ? {} : { parent: parent.urn };
  return {
    type,
    name,
    urn: `urn:${type}:${name}`,
    ...line,
    inputs,
    dependencies: [],
    protect: false,
  };
}

const cluster = resource("atom:index:AtomCluster", "eu", {
  cluster: "eu-prod",
  region: "eu-west",
  bootstrap: { argv: ["ansible-playbook"], planHash: PLAN_HASH, document: [], mode: "check" },
});
const tenant = resource("atom:index:Tenant", "acme", { tenant: "acme", cluster: "eu-prod" });

describe("graphFromResources", () => {
  test("makes nodes of components and Vault resources", () => {
    const { charts } = compliantFacts();
    const { reference, signatures } = charts[0]!;
    const release = { automaticRollback: true, historyLimit: 5, timeoutSeconds: 120 };
    const chart = resource("atom:index:AtomChart", "acme", {
      ...{ tenant: "acme", cluster: "eu-prod" },
      ...{ chart: { reference, signatures }, release },
    });
    const graph = graphFromResources(
      [
        cluster,
        tenant,
        chart,
        resource("atom:index:NodePool", "workers", {
          cluster: "eu-prod",
          pool: "big",
          join: { argv: [], planHash: PLAN_HASH, confirmed: PLAN_HASH, document: [] },
        }),
        resource("vault:index/policy:Policy", "p", { name: "tenant-acme", policy: "" }, chart),
        resource(
          "vault:kubernetes/authBackendRole:AuthBackendRole",
          "r",
          {
            roleName: "tenant-acme",
            boundServiceAccountNames: ["api"],
            boundServiceAccountNamespaces: ["tenant-acme"],
            tokenPolicies: ["tenant-acme"],
            tokenTtl: 900,
          },
          chart,
        ),
      ],
      { trustedKeys: ["PEM"] },
    );
    expect({ ...graph }).toEqual({
      clusters: ["eu-prod"],
      plain: false,
      trustedKeys: ["PEM"],
      objects: [],
      tenants: [{ id: "tenant acme", scope: ACME }],
      charts: [{ id: "chart tenant-acme", scope: ACME, reference, signatures }],
      releases: [{ id: "release tenant-acme", scope: ACME, ...release }],
      playbooks: [
        {
          id: "playbook eu-prod/bootstrap",
          scope: EU,
          argv: ["ansible-playbook"],
          planHash: PLAN_HASH,
          document: [],
        },
        {
          id: "playbook eu-prod/join-big",
          scope: EU,
          argv: [],
          planHash: PLAN_HASH,
          confirmed: PLAN_HASH,
          document: [],
        },
      ],
      vaultPolicies: [
        { id: "vault policy tenant-acme", scope: ACME, name: "tenant-acme", policy: "" },
      ],
      vaultRoles: [
        {
          id: "vault role tenant-acme",
          scope: ACME,
          name: "tenant-acme",
          boundNamespaces: ["tenant-acme"],
          boundServiceAccounts: ["api"],
          policies: ["tenant-acme"],
          tokenTtlSeconds: 900,
        },
      ],
      replicas: [],
      stackReferences: [],
      metrics: [],
      mirrors: [],
    });
  });

  test("takes manifests as they are, and kinds from the type where the inputs name none", () => {
    const api = deployment("api", "tenant-acme");
    const { objects } = graphFromResources([
      resource("kubernetes:apps/v1:Deployment", "d", { ...api }),
      resource("kubernetes:core/v1:ConfigMap", "c", { metadata: { name: "c" } }),
      resource("kubernetes:rbac.authorization.k8s.io/v1:Role", "r", { metadata: { name: "r" } }),
    ]);
    expect(objects).toEqual([
      {
        id: "Deployment tenant-acme/api",
        scope: { cluster: "default", tenant: "acme" },
        object: api,
        protect: false,
      },
      {
        id: "ConfigMap c",
        scope: { cluster: "default" },
        protect: false,
        object: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" } },
      },
      {
        id: "Role r",
        scope: { cluster: "default" },
        protect: false,
        object: {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "Role",
          metadata: { name: "r" },
        },
      },
    ]);
  });

  test("expands lists, shows a Helm release, and leaves components and other providers out", () => {
    const items = [namespace("a", {}), namespace("b", {})];
    const chart = resource("kubernetes:helm.sh/v4:Chart", "x", {});
    const { objects } = graphFromResources([
      resource("kubernetes:core/v1:List", "l", { items }),
      resource("kubernetes:helm.sh/v3:Release", "h", { name: "nginx", namespace: "web" }),
      chart,
      resource("kubernetes:core/v1:ConfigMap", "c", { metadata: { name: "c" } }, chart),
      resource("kubernetes:yaml:ConfigFile", "x", {}),
      resource("pulumi:providers:kubernetes", "x", {}),
      resource("aws:s3/bucket:Bucket", "x", {}),
    ]);
    expect(objects.map(({ id }) => id)).toEqual([
      "Namespace a",
      "Namespace b",
      "Release web/nginx",
      "ConfigMap c",
    ]);
  });

  test("tells whose a resource is by the nearest component, else by its namespace's label", () => {
    const wrapper = resource("my:own:Wrapper", "w", { cluster: "not-ours" }, tenant);
    const labels = { "atom.cloud/tenant": "beta" };
    const { objects } = graphFromResources(
      [
        tenant,
        wrapper,
        resource("kubernetes:core/v1:Namespace", "n", { ...namespace("home", labels) }),
        resource("kubernetes:core/v1:ConfigMap", "a", { metadata: { name: "a" } }, wrapper),
        resource("kubernetes:core/v1:ConfigMap", "b", {
          metadata: { name: "b", namespace: "home" },
        }),
        resource("kubernetes:core/v1:ConfigMap", "c", {
          metadata: { name: "c", namespace: "away" },
        }),
        resource("kubernetes:core/v1:ConfigMap", "d", { metadata: { name: "d" } }, cluster),
      ],
      { cluster: "us-prod" },
    );
    expect(objects.map(({ id, scope }) => [id, scope])).toEqual([
      ["Namespace home", { cluster: "us-prod", tenant: "beta" }],
      ["ConfigMap a", ACME],
      ["ConfigMap home/b", { cluster: "us-prod", tenant: "beta" }],
      ["ConfigMap away/c", { cluster: "us-prod" }],
      // Its parent is not among the resources.
      ["ConfigMap d", { cluster: "us-prod" }],
    ]);
  });

  test("gives a tenant what stands beside its components in its own stack", () => {
    const inStack = (stack: string, type: string, name: string): StackResource => {
      const urn = `urn:pulumi:${stack}::atom::${type}::${name}`;
      const root = `urn:pulumi:${stack}::atom::pulumi:pulumi:Stack::atom-${stack}`;
      return { ...resource(type, name, { metadata: { name } }), urn, parent: root };
    };
    const brought = [
      ["kubernetes:core/v1:PersistentVolume", "whole-node"],
      ["kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration", "every-pod"],
      ["kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration", "every-pod"],
      ["kubernetes:admissionregistration.k8s.io/v1:MutatingAdmissionPolicy", "every-pod"],
      ["kubernetes:apiregistration.k8s.io/v1:APIService", "v1.apps"],
    ] as const;
    const refused = (stack: string) =>
      evaluate(
        graphFromResources(brought.map(([type, name]) => inStack(stack, type, name))),
        ALL_RULES.filter(({ id }) => id === "P1-RBAC-2"),
      ).flatMap(({ findings }) => findings.map(({ scope, object }) => [scope.tenant, object]));
    expect(refused("tenant.acme.eu-west").sort()).toEqual([
      ["acme", "APIService v1.apps"],
      ["acme", "MutatingAdmissionPolicy every-pod"],
      ["acme", "MutatingWebhookConfiguration every-pod"],
      ["acme", "PersistentVolume whole-node"],
      ["acme", "ValidatingWebhookConfiguration every-pod"],
    ]);
    expect(refused("platform.eu-west")).toEqual([]);
  });

  test.each([
    [
      "tenant.acme.eu-west",
      "acme",
      ["P5-1 tenant acme", "P5-1 Namespace tenant-globex", "P5-2 ConfigMap tenant-globex/c"],
    ],
    ["platform.eu-west", "globex", []],
  ])("takes a Tenant in the stack %s for %s, whoever it names", (stack, owner, refused) => {
    const inStack = (of: StackResource) => ({
      ...of,
      urn: `urn:pulumi:${stack}::atom::${of.type}::x`,
    });
    const labels = { "atom.cloud/tenant": "globex", "atom.cloud/role": "tenant" };
    const globex = inStack(resource("atom:index:Tenant", "x", { tenant: "globex" }));
    const home = { ...namespace("tenant-globex", labels) };
    const config = { metadata: { name: "c", namespace: "tenant-globex" } };
    const graph = graphFromResources([
      globex,
      inStack(resource("kubernetes:core/v1:Namespace", "n", home, globex)),
      inStack(resource("kubernetes:core/v1:ConfigMap", "c", config, globex)),
    ]);
    const scope = { cluster: "default", tenant: owner };
    expect(graph.tenants).toEqual([{ id: `tenant ${owner}`, scope }]);
    expect(graph.objects.map((node) => node.scope)).toEqual([scope, scope]);
    const found = evaluate(graph, [p5Rule1, p5Rule2]).flatMap(({ findings }) => findings);
    expect(found.map(({ rule, object }) => `${rule} ${object}`).sort()).toEqual(refused.sort());
  });

  test("does not hang where a resource is its own ancestor", () => {
    const loop = resource("my:own:Loop", "l", {});
    const { objects } = graphFromResources([
      { ...loop, parent: loop.urn },
      resource("kubernetes:core/v1:ConfigMap", "a", { metadata: { name: "a" } }, loop),
    ]);
    expect(objects.map(({ id }) => id)).toEqual(["ConfigMap a"]);
  });

  test("S6 keeps what is unknown unknown, and fails it", () => {
    const chart = resource("atom:index:AtomChart", "acme", {
      ...{ tenant: "acme", cluster: "eu-prod", chart: UNKNOWN, release: UNKNOWN },
    });
    const pods = resource("kubernetes:apps/v1:Deployment", "d", {
      metadata: UNKNOWN,
      spec: UNKNOWN,
    });
    const graph = graphFromResources([chart, pods], { trustedKeys: ["PEM"] });
    const causes = new Map(
      evaluate(graph, ALL_RULES).map(({ rule, findings }) => [rule, findings[0]?.cause]),
    );
    for (const rule of ["P2-1", "P2-2", "P2-3", "P4-1", "P5-2", "P7-1", "P7-2", "P7-3"]) {
      expect([rule, causes.get(rule)]).toEqual([rule, "undecided"]);
    }
  });

  test("S6 fails a component of Pulumi's own that a preview could not look into", () => {
    const group = resource("kubernetes:yaml/v2:ConfigGroup", "addons", {});
    const findings = (...resources: StackResource[]) =>
      evaluate(graphFromResources(resources), ALL_RULES).flatMap((result) => result.findings);
    expect(findings(group, resource("my:own:Child", "c", {}, group))).toEqual([]);
    expect(new Set(findings(group).map(({ object, cause }) => `${object} ${cause}`))).toEqual(
      new Set(["object addons undecided"]),
    );
    expect(new Set(findings(group).map(({ policy }) => policy))).toEqual(
      new Set(["P1", "P2", "P4", "P5", "P6"]),
    );
  });

  test("lets no secret into the graph, and counts a rule that needs one as undecided", () => {
    const api = deployment("api", "tenant-acme");
    const graph = graphFromResources([
      resource("kubernetes:apps/v1:Deployment", "d", { ...api, spec: Secret.of("canary-1") }),
      resource("kubernetes:core/v1:Secret", "s", {
        metadata: { name: "s" },
        stringData: { password: Secret.of("canary-2"), user: "api", url: UNKNOWN },
        data: Secret.of("canary-3"),
      }),
    ]);
    expect(graph.objects.map(({ object }) => [object["spec"], object["stringData"]])).toEqual([
      [UNKNOWN, undefined],
      [undefined, { user: "api", url: UNKNOWN }],
    ]);
    const findings = evaluate(graph, ALL_RULES);
    expect(inspect([graph, findings], { depth: null })).not.toMatch(/canary/);
    expect(findings.find(({ rule }) => rule === "P2-1")!.findings).toMatchObject([
      { cause: "undecided" },
    ]);
  });

  test.each(HOSTILE)("does not crash for the inputs %s", (value) => {
    const types = [
      ...["atom:index:AtomCluster", "atom:index:NodePool", "atom:index:Tenant"],
      ...["atom:index:AtomChart", "kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Namespace"],
      ...["vault:index/policy:Policy", "vault:kubernetes/authBackendRole:AuthBackendRole"],
    ];
    const fields = [
      "metadata",
      "spec",
      "cluster",
      "tenant",
      "chart",
      "release",
      "bootstrap",
      "join",
    ];
    const inputs = Object.fromEntries(fields.map((field) => [field, value]));
    const graph = graphFromResources(types.map((type) => resource(type, "x", inputs)));
    const crashed = evaluate(graph, ALL_RULES).flatMap(({ findings }) =>
      findings.filter(({ object }) => object.startsWith("cluster ")),
    );
    expect(crashed).toEqual([]);
  });

  test("knows the resource behind a finding", () => {
    const config = resource("kubernetes:core/v1:ConfigMap", "a", { metadata: { name: "a" } });
    const { urnOf } = stackGraph([tenant, config]);
    expect(urnOf({ scope: { cluster: "default" }, object: "ConfigMap a" })).toBe(config.urn);
    expect(urnOf({ scope: ACME, object: "tenant acme" })).toBe(tenant.urn);
    expect(urnOf({ scope: EU, object: "cluster eu-prod" })).toBeUndefined();
  });
});
