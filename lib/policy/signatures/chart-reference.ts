import type { Digest } from "../../support/digest";

/** Where a chart lies, by digest. */
export interface ChartReference {
  /** As signatures name it: host, port and path, no tag: `registry.example:5000/atom/charts/services`. */
  readonly repository: string;
  readonly digest: Digest;
}

const HOST = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?";
const PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(
  `^(?:oci://)?(${HOST}(?:/${PART})+)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@(sha256:[0-9a-f]{64})$`,
);
/** What is longer is no reference and not matched against. */
const LONGEST = 1024;

/**
 * Reads an OCI reference by digest, with or without Helm's `oci://` and a tag; undefined for
 * anything else, a reference by tag alone among it.
 */
export function readChartReference(text: string): ChartReference | undefined {
  const match = text.length <= LONGEST ? REFERENCE.exec(text) : null;
  if (!match) return undefined;
  return { repository: match[1]!, digest: match[2] as Digest };
}
