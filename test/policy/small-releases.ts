import { objectNode } from "../../lib/policy/graph/graph";
import type { ResourceGraph } from "../../lib/policy/graph/graph";
import { ACME } from "./compliant-facts";
import { graphWith } from "./small-objects";

export const FLUX = "HelmRelease tenant-acme/store";
export const PULUMI = "Release tenant-acme/store";

/** A release of Flux beside the small objects, with nothing to find in it but for some fields. */
export function withFlux(spec: unknown = {}, annotations: unknown = {}): ResourceGraph {
  const own = typeof spec === "object" && spec !== null && !Array.isArray(spec);
  return withObject({
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "store", namespace: "tenant-acme", annotations },
    spec: own ? { timeout: "1m", upgrade: { remediation: { retries: 1 } }, ...spec } : spec,
  });
}

/** A release of Pulumi's own, as its resource has it. */
export function withPulumi(inputs: Record<string, unknown> = {}): ResourceGraph {
  const metadata = { name: "store", namespace: "tenant-acme" };
  return withObject({
    ...{ apiVersion: "helm.sh/v3", kind: "Release", metadata, timeout: 60 },
    ...inputs,
  });
}

function withObject(object: unknown): ResourceGraph {
  return graphWith(({ objects }) => objects.push(objectNode(object as never, ACME)));
}
