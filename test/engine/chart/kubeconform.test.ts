import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import type { Toolchain } from "../toolchain/resolve";
import { resolveToolchain } from "../toolchain/resolve";
import { kubeconform, KUBERNETES_MINORS } from "./kubeconform";

let tools: Toolchain;
beforeAll(async () => {
  const parts = ["kubeconform", "kubernetes-schemas", "secrets-store-crds"] as const;
  tools = await resolveToolchain({ parts });
});

const secretsFile = (metadata: object, spec: object) => ({
  apiVersion: "secrets-store.csi.x-k8s.io/v1",
  kind: "SecretProviderClass",
  metadata: { name: "database", ...metadata },
  spec: { provider: "vault", parameters: { objects: "[]" }, ...spec },
});

const deployment = (more: object) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "api" },
  spec: {
    selector: { matchLabels: { app: "api" } },
    template: {
      metadata: { labels: { app: "api" } },
      spec: { containers: [{ name: "api", image: "api", resources: { limits: { cpu: 1 } } }] },
    },
    ...more,
  },
});

const yamlOf = (...objects: object[]) => objects.map((object) => stringify(object)).join("---\n");

describe.each(KUBERNETES_MINORS)("kubeconform for Kubernetes %s", (kubernetes) => {
  test("takes what is valid", async () => {
    const yaml = yamlOf(deployment({ replicas: 3 }), secretsFile({ labels: { app: "api" } }, {}));
    expect(await kubeconform(tools, { yaml, kubernetes })).toEqual([]);
  });

  test("refuses unknown fields, wrong types and unknown kinds, also of the CSI driver's", async () => {
    const yaml = yamlOf(
      deployment({ replicas: "3", replica: 3 }),
      secretsFile({ label: {} }, { parameters: { roleName: 1 }, secretObject: [] }),
      { apiVersion: "apps/v1beta1", kind: "Deployment", metadata: { name: "old" } },
    );
    expect(await kubeconform(tools, { yaml, kubernetes })).toEqual([
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "api",
        problems: [
          "at '/spec': additional properties 'replica' not allowed",
          "at '/spec/replicas': got string, want null or integer",
        ],
      },
      {
        apiVersion: "secrets-store.csi.x-k8s.io/v1",
        kind: "SecretProviderClass",
        name: "database",
        problems: [
          "at '/metadata': additional properties 'label' not allowed",
          "at '/spec': additional properties 'secretObject' not allowed",
          "at '/spec/parameters/roleName': got number, want string",
        ],
      },
      {
        apiVersion: "apps/v1beta1",
        kind: "Deployment",
        name: "old",
        problems: ["could not find schema for Deployment"],
      },
    ]);
  });
});

test("kubeconform knows the fields of a minor and no later ones", async () => {
  // 1.33 brought it (KEP-4960).
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stops" },
    spec: { containers: [{ name: "api", lifecycle: { stopSignal: "SIGTERM" } }] },
  };
  const refusals = await Promise.all(
    KUBERNETES_MINORS.map((kubernetes) => kubeconform(tools, { yaml: yamlOf(pod), kubernetes })),
  );
  expect(refusals.map(({ length }) => length)).toEqual([1, 1, 1, 1, 0, 0, 0]);
});

test("kubeconform refuses a key that is there twice", async () => {
  const yaml = `${yamlOf(deployment({}))}kind: Deployment\n`;
  expect(await kubeconform(tools, { yaml, kubernetes: "1.35" })).toMatchObject([
    { problems: [expect.stringContaining('key "kind" already set in map')] },
  ]);
});

test("fails on no resource, which would be nothing to refuse", async () => {
  await expect(kubeconform(tools, { yaml: "", kubernetes: "1.35" })).rejects.toThrow(
    "kubeconform was given no resource",
  );
});
