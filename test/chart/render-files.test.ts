import { expect, test } from "vitest";

import { renderChart } from "../../lib/chart/render";
import { renderFiles } from "../../lib/chart/render-files";
import { toYaml } from "../../lib/support/yaml-writer";
import { chartInput } from "./fixture";

const kindsOf = (yaml: string) =>
  new Set([...yaml.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind));

test("sorts a tenant and its chart into files that apply in order", () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-acme" } };
  const quota = { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "quota" } };
  const chart = renderChart(chartInput({ services: { api: { secrets: ["database"] } } }));
  const files = renderFiles([namespace, quota, ...chart]);
  expect(files.map(({ name, yaml }) => [name, kindsOf(yaml)])).toEqual([
    ["00-policy.yaml", new Set(["Namespace", "ResourceQuota", "ServiceAccount"])],
    ["10-config.yaml", new Set(["ConfigMap", "SecretProviderClass"])],
    ["20-workloads.yaml", new Set(["Deployment", "Service", "PodDisruptionBudget"])],
    ["30-ingress.yaml", new Set(["Ingress"])],
  ]);
  expect(files.map(({ yaml }) => yaml).join("")).toBe(toYaml([namespace, quota, ...chart]));
});

test("leaves out a file that would be empty", () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "tenant-acme" } };
  expect(renderFiles([namespace])).toEqual([{ name: "00-policy.yaml", yaml: toYaml([namespace]) }]);
});
