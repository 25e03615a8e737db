import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../project/run-command";
import type { Toolchain } from "../toolchain/resolve";
import { SCHEMA_FILE, writeKubeconformSchemas } from "./kubeconform-schemas";

/** Minors of Kubernetes that there are schemas of, each of its first release. */
export const KUBERNETES_MINORS = ["1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35"] as const;

export interface KubeconformInput {
  /** Documents of Kubernetes objects. */
  readonly yaml: string;
  readonly kubernetes: (typeof KUBERNETES_MINORS)[number];
}

/** A resource that is not valid, or of a kind that this Kubernetes does not have. */
export interface RefusedResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** In the order of the alphabet. */
  readonly problems: readonly string[];
}

/**
 * Runs `kubeconform -strict`, which finds unknown fields, wrong types and duplicate keys, without the
 * network. Besides Kubernetes' own kinds it knows those of the Secrets Store CSI driver.
 *
 * @param tools with the parts kubeconform, kubernetes-schemas and secrets-store-crds
 * @returns the resources that it refuses, in the order of the documents
 * @throws Error if it finds no resource at all, or does not run
 */
export async function kubeconform(
  tools: Toolchain,
  { yaml, kubernetes }: KubeconformInput,
): Promise<readonly RefusedResource[]> {
  const folder = mkdtempSync(join(tmpdir(), "atom-kubeconform-"));
  try {
    const crds = tools.share("secrets-store-crds");
    writeKubeconformSchemas(folder, {
      definitions: join(tools.share("kubernetes-schemas"), `${kubernetes}.json`),
      customResources: ["secretproviderclasses.yaml", "secretproviderclasspodstatuses.yaml"].map(
        (file) => join(crds, file),
      ),
    });
    // More than one worker would answer in any order.
    const format = ["-strict", "-summary", "-output", "json", "-n", "1"];
    const schemas = ["-schema-location", join(folder, SCHEMA_FILE)];
    const { code, stdout, stderr } = await runCommand(
      tools.path("kubeconform"),
      [...format, ...schemas, "-"],
      { folder, environment: {}, stdin: yaml },
    );
    // It ends with 1 if it refuses something, and also if it cannot start.
    if (!stdout.startsWith("{")) throw new Error(`kubeconform ended with ${code}\n${stderr}`);
    return refusedResources(JSON.parse(stdout) as Report);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What kubeconform prints for `-summary -output json` (its pkg/output/json.go). */
interface Report {
  readonly resources: readonly {
    readonly version: string;
    readonly kind: string;
    readonly name: string;
    readonly msg: string;
  }[];
  readonly summary: Readonly<Record<"valid" | "invalid" | "errors" | "skipped", number>>;
}

function refusedResources({ resources, summary }: Report): RefusedResource[] {
  if (summary.valid + summary.invalid + summary.errors === 0) {
    throw new Error("kubeconform was given no resource; it takes documents with a kind each");
  }
  return resources.map(({ version: apiVersion, kind, name, msg }) => ({
    apiVersion,
    kind,
    name,
    problems: problemsOf(msg),
  }));
}

/**
 * The problems with a place in the resource, or the whole message if there are none. The head names a file
 * of ours, groups only say that there are problems below them, and the order is that of a map in Go.
 */
function problemsOf(message: string): string[] {
  const [head = "", ...lines] = message.split(/ +- (?=at ')/);
  if (lines.length === 0) return [head];
  return lines.filter((line) => !line.endsWith("': validation failed")).sort();
}
