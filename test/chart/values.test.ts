import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chartDefaults } from "../../lib/chart/defaults";
import { resolveValues } from "../../lib/chart/resolve-values";
import type { ValuesLayers } from "../../lib/chart/resolve-values";
import type { ServiceLayer } from "../../lib/chart/service";
import { layerValues, valuesLayerSchema } from "../../lib/chart/values";
import type { ValuesLayer } from "../../lib/chart/values";
import { parseQuantity } from "../../lib/kubernetes/quantity";
import { problemsOf } from "./fixture";

const api = (layer: ServiceLayer): ValuesLayer => ({ services: { api: layer } });

describe("resolveValues", () => {
  test("gives the chart's defaults where no layer says anything", () => {
    expect(resolveValues()).toEqual(chartDefaults);
  });

  test.each<[string, (keyof ValuesLayers)[], number]>([
    ["the chart", [], 2],
    ["the region", ["region"], 3],
    ["the tenant", ["tenant"], 4],
    ["the stack", ["stack"], 5],
    ["the tenant over the region", ["region", "tenant"], 4],
    ["the stack over the region", ["region", "stack"], 5],
    ["the stack over the tenant", ["tenant", "stack"], 5],
    ["the stack over all", ["region", "tenant", "stack"], 5],
  ])("takes a number from %s", (_who, layers, replicas) => {
    const said = { region: 3, tenant: 4, stack: 5 };
    const given = Object.fromEntries(layers.map((name) => [name, api({ replicas: said[name] })]));
    expect(resolveValues(given).services["api"]?.replicas).toBe(replicas);
  });

  test("merges maps, replaces lists, and takes out what a layer says null of", () => {
    const resolved = resolveValues({
      region: api({ env: { A: "1", B: "2" }, secrets: ["database"] }),
      tenant: {
        ingress: { issuer: null },
        ...api({
          env: { B: null, C: "3" },
          secrets: ["smtp"],
          resources: { limits: { cpu: "1" } },
        }),
      },
    });
    expect(resolved).toEqual({
      ...chartDefaults,
      ingress: {},
      services: {
        ...chartDefaults.services,
        api: {
          ...chartDefaults.services["api"],
          env: { A: "1", C: "3" },
          secrets: ["smtp"],
          resources: {
            ...chartDefaults.services["api"]?.resources,
            limits: { cpu: "1", memory: "512Mi", "ephemeral-storage": "256Mi" },
          },
        },
      },
    });
  });

  test("fills a tenant's own service from the defaults of any service", () => {
    const { reports } = resolveValues({
      tenant: { services: { reports: { image: "worker", port: 8090 } } },
    }).services;
    expect(reports).toEqual({
      enabled: true,
      image: "worker",
      replicas: 1,
      port: 8090,
      metricsPort: 9090,
      resources: {
        requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
        limits: { cpu: "200m", memory: "256Mi", "ephemeral-storage": "256Mi" },
      },
      env: {},
      labels: {},
      secrets: [],
      egress: [],
      ingress: { enabled: false, path: "/" },
      autoscaling: { enabled: false, maxReplicas: 5, targetCpuPercent: 80 },
    });
  });

  test("takes a service named like a member of every object for a service", () => {
    const layer = { services: { constructor: { image: "worker", port: 8090 } } };
    expect(Object.keys(resolveValues({ tenant: layer }).services)).toEqual([
      ...Object.keys(chartDefaults.services),
      "constructor",
    ]);
  });

  test("fits its defaults into 2 cpu and 4Gi, with one more pod a service during a rollout", () => {
    const services = Object.values(resolveValues().services);
    const most = (name: "cpu" | "memory") =>
      services.reduce(
        (sum, { replicas, resources }) =>
          sum + (replicas + 1) * parseQuantity(resources.limits[name]),
        0,
      );
    expect([most("cpu") <= 2, most("memory") <= parseQuantity("4Gi")]).toEqual([true, true]);
  });

  test("fails naming the layer and every field", () => {
    const region = { services: { api: { replica: 3 } } } as unknown as ValuesLayer;
    expect(problemsOf(() => resolveValues({ region }))).toEqual([
      'region.services.api: unknown key "replica"; did you mean "replicas"?',
    ]);
  });

  test("fails on what is wrong only once the layers meet", () => {
    const resolve = () =>
      resolveValues({
        region: api({ metricsPort: 8080, autoscaling: { enabled: true } }),
        tenant: api({ replicas: 6, resources: { requests: { memory: "1Gi" } } }),
        stack: { services: { reports: { image: "worker" } } },
      });
    expect(problemsOf(resolve)).toEqual([
      "services.api.metricsPort: port 8080 is used twice, for http and for metrics; choose two ports",
      "services.api.autoscaling.maxReplicas: 'maxReplicas' (5) must be at least 'replicas' (6)",
      "services.api.resources.requests.memory: the request (1Gi) must not exceed the limit (512Mi)",
      "services.reports.port: missing; a number is required",
    ]);
  });

  test("S10 fails on a key that changes every object", () => {
    const layer = JSON.parse('{"services":{"api":{"env":{"__proto__":{"x":"1"}}}}}') as ValuesLayer;
    expect(problemsOf(() => resolveValues({ tenant: layer }))).toEqual([
      'tenant.services.api.env.__proto__: key "__proto__" is not allowed',
    ]);
  });
});

describe("layerValues", () => {
  const name = fc.constantFrom("A", "B", "constructor", "toString");
  const removable = fc.dictionary(name, fc.option(fc.string()), { noNullPrototype: true });
  const service = fc.record(
    {
      replicas: fc.integer({ min: 1, max: 5 }),
      env: removable,
      labels: removable,
      secrets: fc.array(fc.constantFrom("database", "smtp")),
      ingress: fc.record({ enabled: fc.boolean() }, { requiredKeys: [] }),
      resources: fc.record(
        { limits: fc.record({ cpu: fc.constantFrom("1", "2") }, { requiredKeys: [] }) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
  const layer = fc.record(
    {
      ingress: fc.record(
        { issuer: fc.option(fc.constantFrom("a", "b")) },
        { requiredKeys: [], noNullPrototype: true },
      ),
      services: fc.dictionary(fc.constantFrom("api", "reports", "constructor"), service, {
        noNullPrototype: true,
      }),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  test("is associative: layers can be laid together in any grouping", () => {
    fc.assert(
      fc.property(layer, layer, layer, (a, b, c) => {
        expect(layerValues(layerValues(a, b), c)).toEqual(layerValues(a, layerValues(b, c)));
      }),
    );
  });

  test("is idempotent, and nothing is its neutral layer", () => {
    fc.assert(
      fc.property(layer, (a) => {
        expect(layerValues(a, a)).toEqual(layerValues(a));
        expect(layerValues({}, a, {})).toEqual(a);
      }),
    );
  });

  test("changes none of its layers", () => {
    fc.assert(
      fc.property(layer, layer, (a, b) => {
        const before = structuredClone([a, b]);
        layerValues(a, b);
        expect([a, b]).toEqual(before);
      }),
    );
  });
});

describe("valuesLayerSchema", () => {
  test("gives a layer back as it was", () => {
    const layer = { ingress: { issuer: null }, services: { api: { env: { A: null, B: "b" } } } };
    expect(valuesLayerSchema.parse(layer)).toEqual(layer);
  });
});
