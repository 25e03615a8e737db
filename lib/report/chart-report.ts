import { hexOf } from "../support/digest";
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
  readonly files: readonly RenderedFile[];
  /** Of all the files together: that of {@link digestList}. */
  readonly digest: Digest;
}

export interface RenderedFile {
  readonly name: string;
  readonly digest: Digest;
}

/**
 * The digests of a render's files in the form in which `sha256sum` prints them, and reads them with `--check`.
 *
 * @param files in the order of their names.
 */
export function digestList(files: readonly RenderedFile[]): string {
  return files.map(({ name, digest }) => `${hexOf(digest)}  ${name}\n`).join("");
}

/** The digest of every render, by its folder: `eu-west/acme`. */
export function renderDigests(stacks: readonly RenderedStack[]): Readonly<Record<string, Digest>> {
  return Object.fromEntries(
    stacks.map(({ region, owner, digest }) => [`${region}/${owner}`, digest]),
  );
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
    "A render's digest is that of its files' digests, as `sha256sum *.yaml | sha256sum` gives it in its folder.",
    markdownTable(
      ["render or file", "digest"],
      stacks.flatMap(({ region, owner, files, digest }) => [
        [code(`${region}/${owner}`), shortDigest(digest)],
        ...files.map((file) => [code(`${region}/${owner}/${file.name}`), shortDigest(file.digest)]),
      ]),
    ),
    "## Next",
    bullets([
      "Compare with a cluster: `kubectl diff -f reports/rendered/<region>/<tenant>/`.",
      "Deploy a stack: `pulumi up --stack tenant.<name>.<region> --policy-pack policy-pack`.",
    ]),
  );
}
