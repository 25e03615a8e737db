import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ninetyNinth, schedule } from "../../../lib/policy/provisioning/provision-simulation";
import type { ProvisionStep } from "../../../lib/policy/provisioning/provision-simulation";

const step = (after: readonly number[] = [], p50 = 1, p99 = p50): ProvisionStep => {
  return { name: "step", after, p50, p99 };
};

const times = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 30 });

/** Steps that wait for some of those before them. */
const graphs = times.chain((durations) =>
  fc
    .tuple(
      ...durations.map((_, at) => fc.uniqueArray(fc.nat(Math.max(0, at - 1)), { maxLength: at })),
    )
    .map((after) => ({ durations, steps: after.map((earlier) => step(earlier)) })),
);

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Seconds of the longest chain, by its definition. */
function longestChain(steps: readonly ProvisionStep[], durations: readonly number[]): number {
  const ends: number[] = [];
  for (const [at, { after }] of steps.entries()) {
    ends.push(durations[at]! + Math.max(0, ...after.map((earlier) => ends[earlier]!)));
  }
  return Math.max(...ends);
}

describe("schedule", () => {
  test("a chain takes the sum of its steps, and all of them are its critical path", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 9 }), (durations, parallelism) => {
        const chain = durations.map((_, at) => step(at === 0 ? [] : [at - 1]));
        expect(schedule(chain, durations, parallelism)).toEqual({
          makespan: sum(durations),
          criticalPath: durations.map((_, at) => at),
        });
      }),
    );
  });

  test("a fan-out without a limit takes as long as its slowest step", () => {
    fc.assert(
      fc.property(times, (durations) => {
        const fan = durations.map(() => step());
        const makespan = Math.max(...durations);
        const { criticalPath, ...rest } = schedule(fan, durations, Infinity);
        expect(rest).toEqual({ makespan });
        expect(criticalPath.map((at) => durations[at])).toEqual([makespan]);
      }),
    );
  });

  test("M workers do N equal jobs in ceil(N / M) times", () => {
    const size = fc.integer({ min: 1, max: 60 });
    fc.assert(
      fc.property(size, size, size, (jobs, workers, seconds) => {
        const steps = Array.from({ length: jobs }, () => step());
        const durations = steps.map(() => seconds);
        const { makespan, criticalPath } = schedule(steps, durations, workers);
        expect(makespan).toBe(Math.ceil(jobs / workers) * seconds);
        expect(criticalPath.length).toBe(Math.ceil(jobs / workers));
      }),
    );
  });

  test("any graph keeps Graham's bounds, and its critical path adds up", () => {
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 9 }), ({ steps, durations }, workers) => {
        const { makespan, criticalPath } = schedule(steps, durations, workers);
        const chain = longestChain(steps, durations);
        const work = sum(durations) / workers;
        expect(makespan).toBeGreaterThanOrEqual(Math.max(chain, work) - 1e-9);
        expect(makespan).toBeLessThanOrEqual(work + (1 - 1 / workers) * chain + 1e-9);
        expect(sum(criticalPath.map((at) => durations[at]!))).toBe(makespan);
        expect(schedule(steps, durations, Infinity).makespan).toBe(chain);
      }),
    );
  });

  test("no step takes no time", () => {
    expect(schedule([], [], 1)).toEqual({ makespan: 0, criticalPath: [] });
  });

  test("fails for steps that wait for each other", () => {
    expect(() => schedule([step([1]), step([0]), step()], [1, 1, 1], 4)).toThrow(
      "steps wait for each other",
    );
  });
});

describe("ninetyNinth", () => {
  const options = { parallelism: Infinity, runs: 20_000, seed: 1 };

  test("one step takes its own p99", () => {
    expect(ninetyNinth([step([], 2, 20)], options).makespan / 20).toBeCloseTo(1, 1);
  });

  test("steps of a fixed time take exactly that", () => {
    const chain = [step([], 3), step([0], 4)];
    expect(ninetyNinth(chain, { ...options, runs: 10 }).makespan).toBe(7);
  });

  test("the slowest of N exponential steps is as late as the closed form says", () => {
    const jobs = 8;
    const steps = Array.from({ length: jobs }, () => step());
    const exponential = (_: ProvisionStep, random: () => number) => -Math.log(1 - random());
    const { makespan } = ninetyNinth(steps, { ...options, runs: 40_000, sample: exponential });
    // P(all are done by t) = (1 - e^-t)^N.
    const exact = -Math.log(1 - 0.99 ** (1 / jobs));
    expect(Math.abs(makespan - exact) / exact).toBeLessThan(0.01);
  });

  test("the same seed gives the same result, and another one nearly the same", () => {
    const steps = [step([], 1, 5), step([0], 1, 9), step([0], 2, 30), step([1, 2], 1, 2)];
    const [once, again, other] = [1, 1, 2].map((seed) => ninetyNinth(steps, { ...options, seed }));
    expect(once).toEqual(again);
    expect(once).not.toEqual(other);
    expect(Math.abs(once!.makespan / other!.makespan - 1)).toBeLessThan(0.15);
  });
});
