import { describe, expect, test } from "vitest";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { graphFromManifests } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { CROSS_NAMESPACE_FIELDS } from "../../../lib/policy/references/cross-namespace-fields";
import { p1Data3 } from "../../../lib/policy/rules/p1-data-3";
import { write } from "../change";
import type { Path } from "../change";
import { compliantTenant } from "../compliant-objects";
import { findingsOf, HOSTILE } from "../rule-harness";

function custom(group: string, kind: string, path: Path, value: unknown): KubernetesObject {
  const metadata = { name: "x", namespace: "tenant-acme" };
  const object = { apiVersion: `${group}/v1`, kind, metadata };
  write(object, path, value);
  return object;
}

/** With the object in a list of a list, as an exporter writes it. */
function found(object: KubernetesObject) {
  const list = (items: unknown[]) => ({ apiVersion: "v1", kind: "List", items });
  const graph = graphFromManifests([...compliantTenant(), list([list([object])])]);
  return findingsOf(graph, p1Data3).map(({ field, message }) => [field, message]);
}

/** The table's way to write a path, with the first element of each list. */
const concrete = (field: string): Path =>
  [...field.matchAll(/[^.[\]]+|\[([^\]]*)\]/g)].map(([key, inner]) =>
    inner === "" ? 0 : (inner ?? key),
  );

const BAD = {
  own: "tenant-globex",
  "own or platform": "tenant-globex",
  exported: "*",
  host: "*/*",
  middlewares: "tenant-globex-auth@kubernetescrd",
};
const GOOD = {
  own: "tenant-acme",
  "own or platform": "atom-platform",
  exported: ".",
  host: "./*",
  middlewares: "tenant-acme-auth@kubernetescrd, atom-platform-tls@kubernetescrd, secure@file",
};

const table = CROSS_NAMESPACE_FIELDS.flatMap(({ group, kinds, fields }) =>
  kinds.flatMap((kind) =>
    Object.entries(fields).map(([field, allowed]) => ({ group, kind, field, allowed })),
  ),
);

describe("P1-DATA-3", () => {
  test.each(table)("holds $field of $group $kind to its namespace", (row) => {
    const { group, kind, field, allowed } = row;
    const path = concrete(field);
    const of = (value: unknown) => found(custom(group, kind, path, value));
    const [good, bad] =
      typeof allowed === "object" ? ["Own", allowed.not] : [GOOD[allowed], BAD[allowed]];
    expect(of(good)).toEqual([]);
    expect(of(undefined)).toEqual([]);
    expect(of(bad)).toHaveLength(1);
    // Another group may have a kind of that name.
    expect(found(custom("example.com", kind, path, bad))).toEqual([]);
    expect(of(UNKNOWN)).toEqual([[expect.anything(), expect.stringMatching("not known yet")]]);
  });

  const monitor = (value: unknown) =>
    found(custom("monitoring.coreos.com", "ServiceMonitor", ["spec", "namespaceSelector"], value));

  test.each([
    ["tenant-acme2", '"tenant-acme2"'],
    ["", '""'],
    [7, "7"],
  ])("V12 fails a monitor of the namespace %j", (name, printed) => {
    expect(monitor({ matchNames: ["tenant-acme", name] })).toEqual([
      ["spec.namespaceSelector.matchNames[1]", `is ${printed}; allowed is "tenant-acme"`],
    ]);
  });

  const cases: readonly (readonly [string, string, Path, unknown, string, string])[] = [
    [
      "external-secrets.io",
      "ExternalSecret",
      ["spec", "secretStoreRef", "kind"],
      "ClusterSecretStore",
      "spec.secretStoreRef.kind",
      'is "ClusterSecretStore"; that reaches every namespace',
    ],
    [
      "gateway.networking.k8s.io",
      "HTTPRoute",
      ["spec", "parentRefs", 0, "namespace"],
      "tenant-globex",
      "spec.parentRefs[0].namespace",
      'is "tenant-globex"; allowed is "tenant-acme" or "atom-platform"',
    ],
    [
      "networking.istio.io",
      "Sidecar",
      ["spec", "egress", 0, "hosts", 0],
      "tenant-globex/db",
      "spec.egress[0].hosts[0]",
      'is "tenant-globex/db"; the namespace before the slash has to be "." or "tenant-acme" or "atom-platform"',
    ],
    [
      "networking.istio.io",
      "VirtualService",
      ["spec", "exportTo", 0],
      "*",
      "spec.exportTo[0]",
      'is "*"; allowed is "." or "tenant-acme"',
    ],
  ];
  test.each(cases)("fails %s %s", (group, kind, path, value, field, message) => {
    expect(found(custom(group, kind, path, value))).toEqual([[field, message]]);
  });

  test.each([
    "tenant-acme-x-auth@kubernetescrd",
    "tenant-acme-auth@kubernetescrd,tenant-globex-auth@kubernetescrd",
    "auth",
  ])("fails an Ingress with Traefik's middlewares %s", (value) => {
    const key = "traefik.ingress.kubernetes.io/router.middlewares";
    expect(
      found(custom("networking.k8s.io", "Ingress", ["metadata", "annotations", key], value)),
    ).toEqual([
      [
        `metadata.annotations["${key}"]`,
        `is "${value}"; allowed is <namespace>-<name>@kubernetescrd of "tenant-acme" or "atom-platform", with no '-' in the name`,
      ],
    ]);
  });

  test("finds what stands behind a field that cannot be read, and a group that is not known", () => {
    const route = custom("gateway.networking.k8s.io", "HTTPRoute", ["spec"], {
      parentRefs: "none",
      rules: [{ backendRefs: [{ name: "db", namespace: "tenant-globex" }] }],
    });
    const backend = [
      "spec.rules[0].backendRefs[0].namespace",
      'is "tenant-globex"; allowed is "tenant-acme"',
    ];
    expect(found(route)).toEqual([
      ["spec.parentRefs", "cannot be decided: it is no list"],
      backend,
    ]);
    const unknown = found({ ...route, apiVersion: UNKNOWN } as unknown as KubernetesObject);
    expect(unknown).toContainEqual(backend);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const { group, kind, field } of table) {
      for (const path of [["spec"], concrete(field), concrete(field).slice(0, -1)]) {
        const graph = graphFromManifests([...compliantTenant(), custom(group, kind, path, value)]);
        expect(findingsOf(graph, p1Data3).map(({ cause }) => cause)).not.toContain("error");
      }
    }
  });
});
