import type { Digest } from "../support/digest";
import { markdownTable } from "../support/text-table";
import { bullets, code, count, page, shortDigest } from "./markdown";

/** What one stack made. */
export interface RenderedStack {
  readonly stack: string;
  readonly region: string;
  /** A tenant's name, or `platform`. */
  readonly owner: string;
  readonly objects: number;
  readonly files: readonly { readonly name: string; readonly digest: Digest }[];
}

/** `G.3.4_helm_orchestrator.md` */
export function helmOrchestratorPage(reference: string, stacks: readonly RenderedStack[]): string {
  const objects = stacks.reduce((sum, stack) => sum + stack.objects, 0);
  return page(
    "Chart orchestrator",
    `${count(stacks.length, "stack")}, ${count(objects, "object")}. The chart ${code(reference)} was ` +
      "signed, and its signature verified by each tenant's stack before it registered anything.",
    markdownTable(
      ["stack", "region", "owner", "objects", "files"],
      stacks.map(({ stack, region, owner, objects: made, files }) => [
        code(stack),
        region,
        owner,
        String(made),
        files.map(({ name }) => `[${name}](rendered/${region}/${owner}/${name})`).join(" "),
      ]),
    ),
    "## Digests",
    markdownTable(
      ["file", "digest"],
      stacks.flatMap(({ region, owner, files }) =>
        files.map(({ name, digest }) => [code(`${region}/${owner}/${name}`), shortDigest(digest)]),
      ),
    ),
    "## Next",
    bullets([
      "Compare with a cluster: `kubectl diff -f reports/rendered/<region>/<tenant>/`.",
      "Deploy a stack: `pulumi up --stack tenant.<name>.<region> --policy-pack policy-pack`.",
    ]),
  );
}
