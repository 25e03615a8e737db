import { stageOf } from "../kubernetes/apply-order";
import type { Stage } from "../kubernetes/apply-order";
import type { KubernetesObject } from "../kubernetes/object";
import { toYaml } from "../support/yaml-writer";

/** A file of manifests. */
export interface ManifestFile {
  readonly name: string;
  readonly yaml: string;
}

/** The stages that each file holds, in the order in which the files' names sort. */
const FILES: readonly { readonly name: string; readonly stages: readonly Stage[] }[] = [
  { name: "00-policy.yaml", stages: ["namespace", "policy"] },
  { name: "10-config.yaml", stages: ["config"] },
  { name: "20-workloads.yaml", stages: ["workload"] },
  { name: "30-ingress.yaml", stages: ["ingress"] },
];

/** All names that {@link renderFiles} gives to files. */
export const MANIFEST_FILES: readonly string[] = FILES.map(({ name }) => name);

/**
 * Objects as a few files whose names sort as a cluster needs them, for `kubectl apply -f <folder>`.
 * Within a file the objects keep their order.
 */
export function renderFiles(objects: readonly KubernetesObject[]): ManifestFile[] {
  return FILES.map(({ name, stages }) => ({
    name,
    objects: objects.filter((object) => stages.includes(stageOf(object))),
  }))
    .filter((file) => file.objects.length > 0)
    .map((file) => ({ name: file.name, yaml: toYaml(file.objects) }));
}
