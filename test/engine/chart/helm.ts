import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { packageChart } from "../../../lib/chart/package";
import { objectId } from "../../../lib/kubernetes/object";
import type { KubernetesObject } from "../../../lib/kubernetes/object";
import { runCommand } from "../project/run-command";
import type { Outcome } from "../project/run-command";

/** The chart as `helm` sees it, in a folder of its own. */
export class HelmChart {
  readonly archive: string;
  readonly #folder: string;
  readonly #helm: string;

  /** @param helm path of the program. */
  constructor(helm: string) {
    this.#helm = helm;
    this.#folder = mkdtempSync(join(tmpdir(), "atom-helm-"));
    this.archive = join(this.#folder, "services.tgz");
    writeFileSync(this.archive, packageChart().archive.bytes);
  }

  /** Runs `helm` with values in a file of their own, which are all that differs from the chart's. */
  async run(args: readonly string[], values: unknown): Promise<Outcome> {
    const file = join(mkdtempSync(join(this.#folder, "values-")), "values.json");
    writeFileSync(file, JSON.stringify(values));
    return runCommand(this.#helm, [...args, "--values", file], {
      folder: this.#folder,
      environment: { HOME: this.#folder },
    });
  }

  /** The objects of `helm template`, sorted; or what it says if it refuses the values. */
  async template(values: unknown): Promise<Rendered> {
    const { code, stdout, stderr } = await this.run(["template", "acme", this.archive], values);
    if (code !== 0) return { refused: stderr };
    return { objects: parseObjects(stdout) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** What a renderer made of values, or why it did not. */
export type Rendered =
  { readonly objects: readonly KubernetesObject[] } | { readonly refused: string };

/** Helm prints objects in an order of its own. */
export function sorted(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return [...objects].sort((a, b) => (objectId(a) < objectId(b) ? -1 : 1));
}

/** The objects in what Helm prints, sorted. */
export function parseObjects(yaml: string): KubernetesObject[] {
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as unknown);
  return sorted(documents.filter((object) => object !== null) as KubernetesObject[]);
}
