import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { KubernetesObject } from "../../lib/kubernetes/object";
import { podTemplateOf } from "../../lib/kubernetes/pod-template";
import type { StoredObject } from "./bed/api-server";
import { engine } from "./engine";
import { PodSecurityAdmission } from "./pod-security/admission";
import type { Mode, Standard } from "./pod-security/admission";
import { carrierOf, CARRIER_KINDS } from "./pod-security/carriers";
import { generatedEphemeral, generatedPods } from "./pod-security/generated-pods";
import { compliantPod } from "./pod-security/pod-fields";
import { Tally } from "./pod-security/tally";

const PODS = 2_000;
const EPHEMERAL = 300;
/** The same pods in every run, and others with another number. */
const SEED = Number(process.env["ATOM_POD_SECURITY_SEED"] ?? 1);
/** The versions of Kubernetes that are compared; the last is the API server's own. */
const MINORS = [25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35];
const NEWEST = MINORS.at(-1)!;
const STANDARDS: readonly Standard[] = MINORS.flatMap((minor) => [
  { level: "baseline", minor },
  { level: "restricted", minor },
]);
const MODES: readonly Mode[] = ["enforce", "warn"];
const admission = new PodSecurityAdmission(engine().bed.cluster);
const namespaces = MODES.flatMap((mode) => STANDARDS.map((standard) => ({ mode, standard })));

beforeAll(async () => {
  await eachOf(namespaces, ({ mode, standard }) => admission.addNamespace(mode, standard));
});

afterAll(async () => {
  await eachOf(namespaces, ({ mode, standard }) => admission.removeNamespace(mode, standard));
  admission.close();
});

test("PodSecurity and we agree on every check of generated pods, in every kind that carries one", async () => {
  const pods = fc.sample(generatedPods, { numRuns: PODS, seed: SEED });
  const tally = new Tally();
  await eachOf([...pods.entries()], async ([index, pod]) => {
    // Each kind meets each version: their numbers have no common divisor.
    const kind = atTurn(CARRIER_KINDS, index);
    const object = carrierOf(kind, pod);
    const minors = new Set([atTurn(MINORS, index), atTurn(MINORS, index + 5), NEWEST]);
    const standards = STANDARDS.filter(({ minor }) => minors.has(minor));
    // PodSecurity enforces nothing on what only carries a pod.
    const mode = kind === "Pod" && index % 2 === 0 ? "enforce" : "warn";
    const verdicts = await Promise.all(
      standards.map(async (standard) => {
        return { standard, verdict: await admission.ofObject(mode, standard, object) };
      }),
    );
    for (const { standard, verdict } of verdicts) {
      tally.compare(standard, podTemplateOf(object)!, verdict, object);
    }
    const restricted = verdicts.filter(({ standard }) => standard.level === "restricted");
    const newest = restricted.find(({ standard }) => standard.minor === NEWEST)!;
    for (const { standard, verdict } of restricted) {
      tally.compareRules(standard.minor, object, [verdict, newest.verdict]);
    }
  });
  tally.print(`pods, seed ${SEED}`);
  expect(tally.disagreements.slice(0, 5)).toEqual([]);
  expect(tally.compared).toBeGreaterThan(8 * PODS);
  expect(tally.refused.length, tally.refused[0]).toBeLessThan(PODS / 20);
  expect(tally.unbroken).toEqual([]);
});

test("PodSecurity and we agree on ephemeral containers", async () => {
  const containers = fc.sample(generatedEphemeral, { numRuns: EPHEMERAL, seed: SEED });
  const tally = new Tally();
  await eachOf(STANDARDS, async (standard) => {
    const own = containers.filter((_, index) => atTurn(MINORS, index) === standard.minor);
    for (const base of await standingPods(standard)) {
      for (const container of own) {
        const pod = { ...base, spec: { ...specOf(base), ephemeralContainers: [container] } };
        const verdict = await admission.ofEphemeral("warn", standard, pod);
        const object = pod as unknown as KubernetesObject;
        tally.compare(standard, podTemplateOf(object)!, verdict, object);
      }
    }
  });
  tally.print(`ephemeral containers, seed ${SEED}`);
  expect(tally.disagreements.slice(0, 5)).toEqual([]);
  expect(tally.compared).toBeGreaterThan(5 * EPHEMERAL);
});

/** Pods that stand: one that says all itself, one that leaves it to its containers, one with users of its own. */
async function standingPods(standard: Standard): Promise<StoredObject[]> {
  const { spec } = compliantPod(["c"]);
  const held = { ...spec, schedulingGates: [{ name: "example.com/held" }] };
  const [container] = spec.containers;
  const open = {
    ...container,
    securityContext: { ...container!.securityContext, ...spec.securityContext },
  };
  const specs = {
    closed: held,
    open: { ...held, securityContext: {}, containers: [open] },
    apart: { ...held, hostUsers: false },
  };
  return Promise.all(
    Object.entries(specs).map(([name, fields]) =>
      admission.addPod("warn", standard, {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name },
        spec: fields,
      }),
    ),
  );
}

function specOf({ spec }: StoredObject): object {
  return spec as object;
}

function atTurn<T>(list: readonly T[], turn: number): T {
  return list[turn % list.length]!;
}

/** Does something with each of a list, a few at a time. */
async function eachOf<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...list].values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}
