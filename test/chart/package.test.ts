import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { chartDefaults, serviceDefaults } from "../../lib/chart/defaults";
import { renderHelmValues } from "../../lib/chart/helm-values";
import { chartReference, packageChart, pushChart } from "../../lib/chart/package";
import type { ChartPackage } from "../../lib/chart/package";
import type { ChartValues } from "../../lib/chart/values";
import { scopeOf } from "../../lib/kubernetes/kinds";
import { sha256 } from "../../lib/support/digest";
import { problemsOf } from "./fixture";
import { goodDocument } from "./helm-documents";

const textOf = (chart: ChartPackage, name: string) =>
  chart.files.find((file) => file.name === name)?.text ?? "";

function withApi(change: Partial<ChartValues["services"][string]>): ChartValues {
  const api = { ...serviceDefaults, image: "api", port: 8080, ...chartDefaults.services["api"] };
  return {
    ...chartDefaults,
    services: { ...chartDefaults.services, api: { ...api, ...change } },
  };
}

describe("packageChart", () => {
  const chart = packageChart();

  test("gives the same bytes each time", () => {
    expect(packageChart(structuredClone(chartDefaults))).toEqual(chart);
  });

  test("is an OCI artifact that Helm knows, and names every part by its digest and size", () => {
    expect(JSON.parse(Buffer.from(chart.manifest.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {
        mediaType: "application/vnd.cncf.helm.config.v1+json",
        digest: sha256(chart.config.bytes),
        size: chart.config.bytes.length,
      },
      layers: [
        {
          mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
          digest: sha256(chart.archive.bytes),
          size: chart.archive.bytes.length,
        },
      ],
      annotations: {
        "org.opencontainers.image.title": "services",
        "org.opencontainers.image.version": chart.version,
        "org.opencontainers.image.description":
          "The services of ATOM Cloud for one tenant in one region",
      },
    });
    expect(chart.digest).toBe(sha256(chart.manifest.bytes));
    expect(parse(textOf(chart, "Chart.yaml"))).toEqual(
      JSON.parse(Buffer.from(chart.config.bytes).toString()),
    );
  });

  test("has a version of its own for what is in it, in the form of a tag too", () => {
    expect(chart.version).toMatch(/^1\.0\.0\+[0-9a-f]{12}$/);
    expect(chart.tag).toBe(chart.version.replace("+", "_"));
    expect(packageChart(withApi({ replicas: 3 })).version).not.toBe(chart.version);
  });

  test("has a template for each kind, and what Helm shows of a chart", () => {
    expect(chart.files.map(({ name }) => name)).toEqual([
      "Chart.yaml",
      "README.md",
      "ci/default-values.yaml",
      "templates/NOTES.txt",
      "templates/_helpers.tpl",
      "templates/config-map.yaml",
      "templates/deployment.yaml",
      "templates/horizontal-pod-autoscaler.yaml",
      "templates/ingress.yaml",
      "templates/network-policy.yaml",
      "templates/pod-disruption-budget.yaml",
      "templates/secret-provider-class.yaml",
      "templates/service-account.yaml",
      "templates/service.yaml",
      "values.schema.json",
      "values.yaml",
    ]);
  });

  test("has the defaults as its values", () => {
    expect(parse(textOf(chart, "values.yaml"))).toEqual({ release: "7.2.0", ...chartDefaults });
  });

  test("has values to lint it with, which make its default services of one tenant", () => {
    const values: unknown = parse(textOf(chart, "ci/default-values.yaml"));
    const deployments = renderHelmValues(values).filter(({ kind }) => kind === "Deployment");
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual(
      Object.keys(chartDefaults.services),
    );
    expect(textOf(chart, "README.md")).toContain(
      "helm lint --strict services --values services/ci/default-values.yaml",
    );
  });

  test("tells of every value in the README", () => {
    const rows = textOf(chart, "README.md").match(/^\| `[^`]+` \|.*$/gm) ?? [];
    const named = rows.map((row) => /`([^`]+)`/.exec(row)![1]);
    expect(named).toEqual(expect.arrayContaining(["tenant", "services.*.port", "images.*"]));
    expect(rows.filter((row) => row.endsWith("|  |"))).toEqual([]);
  });

  test("has a schema that refuses unknown keys at every level", () => {
    const open: string[] = [];
    const visit = (at: string, schema: unknown): void => {
      if (typeof schema !== "object" || schema === null) return;
      const { type, additionalProperties } = schema as Record<string, unknown>;
      if (type === "object" && additionalProperties === undefined) open.push(at);
      for (const [key, member] of Object.entries(schema)) visit(`${at}/${key}`, member);
    };
    visit("values", JSON.parse(textOf(chart, "values.schema.json")));
    expect(open).toEqual([]);
  });

  test("shows every kind of object that the chart can make, each of a known namespaced kind", () => {
    const objects = renderHelmValues(goodDocument);
    expect(new Set(objects.map(({ kind }) => kind))).toEqual(
      new Set([
        "ServiceAccount",
        "NetworkPolicy",
        "ConfigMap",
        "SecretProviderClass",
        "Deployment",
        "Service",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
        "Ingress",
      ]),
    );
    expect(new Set(objects.map(scopeOf))).toEqual(new Set(["Namespaced"]));
  });

  test.each<[string, ChartValues]>([
    ["replicas", withApi({ replicas: 3 })],
    ["a variable", withApi({ env: { A: "" } })],
    ["a limit by notation only", withApi({ labels: { team: "" } })],
    ["the issuer", { ...chartDefaults, ingress: {} }],
    ["a service that is not enabled", withApi({ enabled: false })],
  ])("has another digest once %s changes", (_what, defaults) => {
    expect(packageChart(defaults).digest).not.toBe(chart.digest);
  });

  test("fails on defaults that are no valid values", () => {
    expect(problemsOf(() => packageChart(withApi({ port: 9090 })))).toEqual([
      "services.api.metricsPort: port 9090 is used twice, for http and for metrics; choose two ports",
    ]);
  });
});

test("a reference names the chart by digest", () => {
  const chart = packageChart();
  expect(chartReference("registry.atom.example:5000")).toBe(
    `registry.atom.example:5000/atom/charts/services@${chart.digest}`,
  );
});

test("a push stores every part before the manifest that names it", async () => {
  const chart = packageChart();
  const stored: string[] = [];
  await pushChart(chart, {
    putBlob: async (repository, { digest, size }, open) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of open()) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      expect([bytes.length, sha256(bytes)]).toEqual([size, digest]);
      stored.push(`${repository} ${digest}`);
    },
    putManifest: (repository, reference, mediaType, bytes) => {
      stored.push(`${repository} ${reference} ${mediaType} ${sha256(bytes)}`);
      return Promise.resolve();
    },
  });
  const repository = "atom/charts/services";
  const manifest = `application/vnd.oci.image.manifest.v1+json ${chart.digest}`;
  expect(stored).toEqual([
    ...[chart.config, chart.archive].map(({ digest }) => `${repository} ${digest}`),
    `${repository} ${chart.digest} ${manifest}`,
    `${repository} ${chart.tag} ${manifest}`,
  ]);
});
