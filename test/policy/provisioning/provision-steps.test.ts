import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import { Home } from "../../../lib/policy/graph/home";
import { latencyOf } from "../../../lib/policy/provisioning/provision-latency";
import { schedule } from "../../../lib/policy/provisioning/provision-simulation";
import {
  longestTime,
  provisionings,
  provisionSteps,
} from "../../../lib/policy/provisioning/provision-steps";
import type { Provisioning } from "../../../lib/policy/provisioning/provision-steps";
import { ACME } from "../compliant-facts";
import { graphWith } from "../small-objects";

const seconds = fc.integer({ min: 0, max: 90 });
const stages = fc.array(fc.array(seconds, { maxLength: 30 }), { maxLength: 5 });

describe("provisionings", () => {
  test("an object goes after the stage before it, the slowest first, and the chart before all", () => {
    const graph = graphWith();
    const own = provisionings(graph).find(({ scope }) => scope.tenant === "acme")!;
    const steps = provisionSteps(graph, own.scope, own.stages);
    expect(steps.map(({ name, after }) => [name, after])).toEqual([
      ["chart", []],
      ["Namespace tenant-acme", [0]],
      ["", [1]],
      ["Deployment tenant-acme/api", [2]],
      ["Job tenant-acme/migrate", [2]],
      ["StatefulSet tenant-acme/store", [2]],
      ["PodDisruptionBudget tenant-acme/api", [2]],
      ["Service tenant-acme/store", [2]],
      ["ServiceMonitor tenant-acme/store", [2]],
      ["", [3, 4, 5, 6, 7, 8]],
    ]);
  });

  test("no run exceeds the longest time, however many slots there are", () => {
    const graph = new ResourceGraph({});
    const home = new Home("eu", undefined);
    const slots = fc.integer({ min: 1, max: 20 });
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(stages, slots, shares, (times, parallelism, share) => {
        const timed = times.map((stage) =>
          stage.map((p99) => ({ subject: { object: "x", home }, latency: { p50: 0, p99 } })),
        ) as unknown as Provisioning["stages"];
        const steps = provisionSteps(graph, ACME, timed);
        const durations = steps.map(({ p99 }, at) => p99 * (share[at] ?? 1));
        const longest = longestTime(graph, ACME, timed, parallelism);
        const { makespan } = schedule(steps, durations, parallelism);
        expect(makespan).toBeLessThanOrEqual(longest + 1e-9);
      }),
    );
  });
});

describe("latencyOf", () => {
  const object = (kind: string, spec: unknown, annotations: Record<string, string> = {}) =>
    latencyOf({ apiVersion: "v1", kind, metadata: { name: "x", annotations }, spec });
  const containers = [{ name: "a" }, { name: "b" }];

  test.each<[string, unknown, number, number]>([
    ["ConfigMap", {}, 0.05, 1],
    ["CronJob", {}, 0.05, 1],
    ["PersistentVolumeClaim", {}, 3.05, 16],
    ["Ingress", {}, 30.05, 61],
    // 1 write, 5 start, 5 for the init container, 3 pulls of 8.
    ["Deployment", { template: { spec: { containers, initContainers: [{}] } } }, 8.05, 35],
    ["StatefulSet", { replicas: 3, template: { spec: { containers: [{}] } } }, 9.05, 40],
    ["Job", { activeDeadlineSeconds: 40, template: { spec: {} } }, 10.05, 41],
    ["Job", { template: { spec: {} } }, 1.05, 6],
  ])("of a %s with %j", (kind, spec, p50, p99) => {
    const latency = object(kind, spec);
    expect([latency.p50, latency.p99]).toEqual([expect.closeTo(p50), expect.closeTo(p99)]);
  });

  test("of what Pulumi does not wait for is that of a write", () => {
    expect(object("Ingress", {}, { "pulumi.com/skipAwait": "true" })).toEqual({
      p50: 0.05,
      p99: 1,
    });
  });
});
