import { performance } from "node:perf_hooks";
import type { KubernetesObject } from "../lib/kubernetes/object";
import { evaluate } from "../lib/policy/evaluation/evaluate";
import { LiveEvaluation } from "../lib/policy/evaluation/live-evaluation";
import type { ObjectNode, ResourceGraph } from "../lib/policy/graph/graph";
import { graphFromManifests } from "../lib/policy/graph/graph-from-manifests";
import { ALL_RULES } from "../lib/policy/rules";
import { objectsOf } from "./tenant-objects";

/** What one process measures, in seconds. */
export interface PolicyRun {
  readonly objects: number;
  readonly rules: number;
  /** A look at each value of each object, and nothing else. */
  readonly walk: number;
  /** The graph of the objects, and all rules over it, for the first time in the process. */
  readonly first: number;
  /** The same over other objects, as a daemon does it each time but the first. */
  readonly again: number;
  /** The same with checks that do nothing: what it takes to find what is to be decided. */
  readonly lookUps: number;
  /** Peak resident memory so far, in MB (10^6 bytes). */
  readonly megabytes: number;
  /** One more replica of one Deployment, of which nothing else hangs. */
  readonly workload: number;
  /** Another host of one Ingress, with which all others are compared. */
  readonly host: number;
}

function measure(tenants: number): PolicyRun {
  const text = JSON.stringify(
    Array.from({ length: tenants }, (_, index) => objectsOf(`t-${index}`)).flat(),
  );
  // As a cluster gives them: nothing is shared between two of them.
  const read = () => JSON.parse(text) as KubernetesObject[];
  const objects = read();
  look(objects);
  const walk = Math.min(
    timed(() => look(objects)),
    timed(() => look(objects)),
  );
  const first = timed(() => audit(objects));
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const others = read();
  const again = timed(() => audit(others));
  const more = read();
  const lookUps = timed(() => audit(more, IDLE_RULES));

  const graph = graphFromManifests(objects, { plain: true });
  const live = new LiveEvaluation(graph, ALL_RULES);
  const workload = timedChanges(live, graph, "Deployment", (object, round) => {
    (object["spec"] as Record<string, unknown>)["replicas"] = 1 + (round % 2);
  });
  const host = timedChanges(live, graph, "Ingress", (object, round) => {
    const spec = object["spec"] as { rules: { host: string }[]; tls: { hosts: string[] }[] };
    spec.rules[0]!.host = spec.tls[0]!.hosts[0] = `other-${round}.atom.example`;
  });
  return {
    objects: objects.length,
    rules: ALL_RULES.length,
    walk,
    first,
    again,
    lookUps,
    megabytes,
    workload,
    host,
  };
}

const IDLE_RULES = ALL_RULES.map((rule) => ({ ...rule, check: () => undefined }));

function audit(objects: readonly KubernetesObject[], rules = ALL_RULES): void {
  const findings = evaluate(graphFromManifests(objects, { plain: true }), rules).flatMap(
    (result) => result.findings,
  );
  const [finding] = findings;
  if (finding !== undefined) {
    throw new Error(`${finding.rule} ${finding.object}: ${finding.message}`);
  }
}

function look(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key in value) look((value as Record<string, unknown>)[key]);
}

const ROUNDS = 21;

/** The median of several changes of objects of a kind. */
function timedChanges(
  live: LiveEvaluation,
  { objects }: ResourceGraph,
  kind: string,
  edit: (object: Record<string, unknown>, round: number) => void,
): number {
  const times = Array.from({ length: ROUNDS }, (_, round) => {
    const before = objects.filter(({ object }) => object.kind === kind)[round]!;
    const object = structuredClone(before.object) as KubernetesObject & Record<string, unknown>;
    edit(object, round);
    const after: ObjectNode = { ...before, object };
    return timed(() => live.change({ before, after }));
  });
  return times.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

function timed(action: () => void): number {
  const began = performance.now();
  action();
  return (performance.now() - began) / 1000;
}

process.stdout.write(`${JSON.stringify(measure(Number(process.argv[2])))}\n`);
