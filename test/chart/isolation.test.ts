import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";

import { host } from "../../lib/chart/chart-service";
import { renderChart } from "../../lib/chart/render";
import { compileTemplate, scopeOf } from "../../lib/chart/template/instantiate";
import { toYaml } from "../../lib/support/yaml-writer";
import { tenantNamespace } from "../../lib/kubernetes/names";
import { chartInput } from "./fixture";

/** Names that come close to each other: prefixes, suffixes, with hyphens between. */
const tenants = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom("t1", "t10", "t1-a", "x-t1", "acme", "acme-eu"), fc.nat(99))
    .map(([name, number]) => `${name}-${number}`),
  { minLength: 2, maxLength: 5 },
);
const layer = fc.record({
  services: fc.record({
    api: fc.record({
      replicas: fc.integer({ min: 1, max: 4 }),
      secrets: fc.subarray(["database", "smtp"]),
    }),
    reports: fc.record({
      image: fc.constant("worker"),
      port: fc.integer({ min: 10_000, max: 20_000 }),
      ingress: fc.record({ enabled: fc.boolean() }),
      autoscaling: fc.record({ enabled: fc.boolean() }),
    }),
  }),
});

test("V12 no tenant's manifests name another tenant, its namespace or its hosts", () => {
  fc.assert(
    fc.property(tenants, layer, (names, values) => {
      for (const name of names) {
        // Whole names: "t1" is no mention of "t1" inside "t10".
        const words = toYaml(renderChart(chartInput(values, name))).split(/[^-a-z0-9]+/);
        expect(words).toContain(tenantNamespace(name));
        for (const other of names.filter((candidate) => candidate !== name)) {
          expect([words.includes(other), words.includes(tenantNamespace(other))]).toEqual([
            false,
            false,
          ]);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test("every object states the tenant's namespace, name and tenant label", () => {
  fc.assert(
    fc.property(tenants, layer, ([name = ""], values) => {
      for (const { metadata } of renderChart(chartInput(values, name))) {
        expect(metadata).toMatchObject({
          namespace: tenantNamespace(name),
          labels: { "atom.cloud/tenant": name, "app.kubernetes.io/instance": name },
        });
      }
    }),
    { numRuns: 30 },
  );
});

interface Place {
  readonly service: string;
  readonly tenant: string;
  readonly domain: string;
}

test("no two services, tenants or domains have the same host", () => {
  const label = fc.constantFrom("a", "b", "a-b", "c");
  const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  // Two places are told apart by what they say, not by their prototypes.
  const place = fc.record({ service: label, tenant: label, domain }, { noNullPrototype: true });
  const made = compileTemplate(host);
  const hostOf = ({ service: name, ...values }: Place) => made(scopeOf({ name, values }));
  fc.assert(
    fc.property(place, place, (one, other) => {
      const same = hostOf(one) === hostOf(other);
      expect(same).toBe(isDeepStrictEqual(one, other));
    }),
  );
});
