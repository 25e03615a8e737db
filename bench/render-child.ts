import { performance } from "node:perf_hooks";
import { Script } from "node:vm";
import { ApiObject, App, Chart } from "cdk8s";
import { resolveValues } from "../lib/chart/resolve-values";
import { evaluate } from "../lib/policy/evaluation/evaluate";
import { graphFromManifests } from "../lib/policy/graph/graph-from-manifests";
import { ALL_RULES } from "../lib/policy/rules";
import { objectsOf } from "./tenant-objects";

/** What one process measures, in seconds. */
export interface RenderRun {
  readonly objects: number;
  /** The checks of what is given, the objects, all rules, and JSON. */
  readonly ours: number;
  /** Of which the objects are. */
  readonly render: number;
  /** Peak resident memory so far, in MB (10^6 bytes). */
  readonly megabytes: number;
  /** Literals with the tenant's name in them, and JSON. */
  readonly bare: number;
  /** One tenant's values changed: from its layers to its objects. */
  readonly again: number;
  /** The same objects, handed to one cdk8s App a tenant, and JSON. */
  readonly cdk8s: number;
}

function measure(tenants: number): RenderRun {
  const names = Array.from({ length: tenants }, (_, index) => `t-${index}`);
  let bytes = 0;

  const began = performance.now();
  const objects = names.flatMap((name) => objectsOf(name));
  const rendered = performance.now();
  const findings = evaluate(graphFromManifests(objects, { plain: true }), ALL_RULES).flatMap(
    (result) => result.findings,
  );
  for (const object of objects) bytes += JSON.stringify(object).length;
  const ours = (performance.now() - began) / 1000;
  const megabytes = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const [finding] = findings;
  if (finding !== undefined)
    throw new Error(`${finding.rule} ${finding.object}: ${finding.message}`);

  const bare = timed(() => {
    const build = bareBuilder();
    for (const object of names.flatMap(build)) bytes -= JSON.stringify(object).length;
  });
  if (bytes !== 0) throw new Error(`the bare loop's objects differ by ${bytes} bytes`);

  const again = timed(() => {
    objectsOf("t-0", resolveValues({ tenant: { services: { api: { replicas: 3 } } } }));
  });
  const cdk8s = timed(() => {
    for (let index = 0; index < names.length; index += 1) {
      const chart = new Chart(new App(), "tenant", { disableResourceNameHashes: true });
      const own = objects.slice(
        (index * objects.length) / tenants,
        ((index + 1) * objects.length) / tenants,
      );
      own.forEach((object, id) => new ApiObject(chart, String(id), object));
      for (const object of chart.toJson() as unknown[]) bytes += JSON.stringify(object).length;
    }
  });
  return {
    objects: objects.length,
    ours,
    render: (rendered - began) / 1000,
    megabytes,
    bare,
    again,
    cdk8s,
  };
}

/** The fastest way there is: the objects of a tenant as literals, compiled. */
function bareBuilder(): (tenant: string) => unknown[] {
  const literals = JSON.stringify(objectsOf("t-bare"));
  const source = literals.replace(/"(?:[^"\\]|\\.)*"/g, (text) =>
    text.includes("t-bare") ? text.replaceAll("t-bare", '" + tenant + "') : text,
  );
  return new Script(`(tenant) => (${source})`).runInThisContext() as (tenant: string) => unknown[];
}

function timed(action: () => void): number {
  const began = performance.now();
  action();
  return (performance.now() - began) / 1000;
}

process.stdout.write(`${JSON.stringify(measure(Number(process.argv[2])))}\n`);
