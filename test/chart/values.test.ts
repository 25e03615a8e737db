import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { chartDefaults, serviceDefaults } from "../../lib/chart/defaults";
import { resolveValues } from "../../lib/chart/resolve-values";
import type { ServiceLayer, ServiceValues } from "../../lib/chart/service";
import { layerValues } from "../../lib/chart/values";
import { valuesLayerSchema } from "../../lib/chart/chart-values-schema";
import type { ValuesLayer } from "../../lib/chart/values";
import type { ValuesLayers } from "../../lib/chart/values-layers";
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
      probes: { path: "/health" },
      volumes: {},
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

  describe("takes what a layer sets to null for what no layer below has said:", () => {
    const region = api({
      replicas: 4,
      env: { A: "1" },
      labels: { team: "web" },
      secrets: ["database"],
      egress: [{ cidr: "10.0.0.0/8", ports: [1] }],
      autoscaling: { enabled: true, maxReplicas: 9 },
      resources: { limits: { cpu: "4" } },
    });
    const below = resolveValues({ region }).services["api"]!;

    test.each<[string, ServiceLayer, Partial<ServiceValues>]>([
      ["a number", { replicas: null }, { replicas: 1 }],
      ["a switch", { enabled: null }, { enabled: true }],
      ["a port", { metricsPort: null }, { metricsPort: 9090 }],
      ["lists", { secrets: null, egress: null }, { secrets: [], egress: [] }],
      ["maps of names", { env: null, labels: null }, { env: {}, labels: {} }],
      ["one name", { env: { A: null }, labels: { team: null } }, { env: {}, labels: {} }],
      ["all resources", { resources: null }, { resources: serviceDefaults.resources }],
      [
        "one side of the resources",
        { resources: { limits: null } },
        { resources: { ...below.resources, limits: serviceDefaults.resources.limits } },
      ],
      [
        "one resource",
        { resources: { limits: { cpu: null } } },
        { resources: { ...below.resources, limits: { ...below.resources.limits, cpu: "200m" } } },
      ],
      ["the address", { ingress: null }, { ingress: { enabled: false, path: "/" } }],
      [
        "part of the autoscaling",
        { autoscaling: { maxReplicas: null } },
        { autoscaling: { enabled: true, maxReplicas: 5, targetCpuPercent: 80 } },
      ],
    ])("%s", (_what, layer, changes) => {
      const { services } = resolveValues({ region, tenant: api(layer) });
      expect(services["api"]).toEqual({ ...below, ...changes });
    });

    test("a whole service, which is gone then", () => {
      const tenant = { services: { console: null, reports: null } };
      const { api, scheduler, worker } = chartDefaults.services;
      expect(resolveValues({ tenant }).services).toEqual({ api, scheduler, worker });
    });

    test("a whole service, of which a layer above says something again", () => {
      const gone = { services: { api: null } };
      const stack = api({ image: "worker", port: 8090, env: { B: "2" } });
      const expected = { ...serviceDefaults, image: "worker", port: 8090, env: { B: "2" } };
      expect(resolveValues({ region, tenant: gone, stack }).services["api"]).toEqual(expected);
    });

    test("the public addresses' settings", () => {
      expect(resolveValues({ tenant: { ingress: null } }).ingress).toEqual({});
    });

    test("fails where nothing is left that a service needs", () => {
      expect(problemsOf(() => resolveValues({ tenant: api({ image: null, port: null }) }))).toEqual(
        [
          "services.api.image: missing; a string is required",
          "services.api.port: missing; a number is required",
        ],
      );
    });

    test("fails inside a list, and for all services at once", () => {
      const tenant = { services: { api: { secrets: [null] } } } as unknown as ValuesLayer;
      const stack = { services: null } as unknown as ValuesLayer;
      expect([
        ...problemsOf(() => resolveValues({ tenant })),
        ...problemsOf(() => resolveValues({ stack })),
      ]).toEqual([
        "tenant.services.api.secrets[0]: expected a string, received null",
        "stack.services: expected a map, received null",
      ]);
    });
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
  const options = { requiredKeys: [] as [], noNullPrototype: true };
  const name = fc.constantFrom("A", "B", "toString");
  const removable = fc.option(
    fc.dictionary(name, fc.option(fc.constantFrom("1", "2")), { noNullPrototype: true }),
  );
  const amounts = fc.option(
    fc.record({ cpu: fc.option(fc.constantFrom("100m", "200m")) }, options),
  );
  const service = fc.option(
    fc.record(
      {
        image: fc.option(fc.constantFrom("a", "b")),
        port: fc.option(fc.constantFrom(8080, 8090)),
        replicas: fc.option(fc.integer({ min: 1, max: 5 })),
        env: removable,
        labels: removable,
        secrets: fc.option(fc.array(fc.constantFrom("database", "smtp"))),
        ingress: fc.option(fc.record({ enabled: fc.option(fc.boolean()) }, options)),
        resources: fc.option(fc.record({ requests: amounts, limits: amounts }, options)),
      },
      options,
    ),
  );
  const layer = fc.record(
    {
      ingress: fc.option(fc.record({ issuer: fc.option(fc.constantFrom("a", "b")) }, options)),
      services: fc.dictionary(fc.constantFrom("api", "reports", "constructor"), service, {
        noNullPrototype: true,
      }),
    },
    options,
  );

  test("is associative: layers can be laid together in any grouping", () => {
    fc.assert(
      fc.property(layer, layer, layer, layer, (a, b, c, d) => {
        const oneByOne = layerValues(layerValues(layerValues(a, b), c), d);
        expect(layerValues(a, b, c, d)).toEqual(oneByOne);
        expect(layerValues(layerValues(a, b), layerValues(c, d))).toEqual(oneByOne);
        expect(layerValues(a, layerValues(b, layerValues(c, d)))).toEqual(oneByOne);
        expect(layerValues(a, layerValues(b, c), d)).toEqual(oneByOne);
      }),
      { numRuns: 1000 },
    );
  });

  test("lets the region's and the tenant's layer be one, or two", () => {
    const outcome = (layers: ValuesLayers) => {
      let values: unknown;
      const problems = problemsOf(() => (values = resolveValues(layers)));
      return { values, problems: problems.sort() };
    };
    fc.assert(
      fc.property(layer, layer, layer, (region, tenant, stack) => {
        expect(outcome({ stack: layerValues(region, tenant, stack) })).toEqual(
          outcome({ region, tenant, stack }),
        );
      }),
      { numRuns: 1000 },
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
    const layer = {
      ingress: { issuer: null },
      services: { api: { env: { A: null, B: "b" }, replicas: null }, console: null },
    };
    expect(valuesLayerSchema.parse(layer)).toEqual(layer);
  });
});
