import { recordedEntryFault } from "../../signing/image-signature";
import type { SignatureRecord } from "../../signing/signature";
import { defineRule } from "../evaluation/rule";
import type { ChartNode, MirrorNode } from "../graph/graph";
import { eachElement } from "../reading/read";
import type { Fields } from "../reading/read";
import { listOf, recordOf } from "../reading/shape";
import { holdsUnknown } from "../reading/unknown";
import type { ChartSubject, MirrorSubject } from "../subjects/fact-subjects";
import { charts, mirrors } from "../subjects/fact-subjects";

/** Where a fact has signatures: a chart's own, those of images, and those of what it is rendered to. */
const LISTS = [["signatures"], ["imageSignatures"], ["render", "signatures"]] as const;

/**
 * A log entry that comes along with a signature of a chart or an image is about that very signature:
 * content, signature and key. Whether the signature is a trusted key's is P2-3's question.
 */
export const p2Rule4 = defineRule<ChartSubject | MirrorSubject>({
  id: "P2-4",
  policy: "P2",
  severity: "high",
  title: "every log entry beside a signature has that signature's content, signature and key",
  why: "an entry about something else says nothing on when the chart was signed, and whoever counts on it takes any signature for a logged one",
  remediation:
    "take the entry away, or sign anew with cosign from 3.0.4 on; verify with that version, too",
  source:
    "CVE-2026-22703, GHSA-whqx-f9j3-ch6m; sigstore-conformance wrong-hashedrekord-entry_fail, dsse-mismatch-*_fail",
  subjects(graph) {
    const nodes = [...graph.charts, ...graph.mirrors];
    const subjects = [...charts(graph), ...mirrors(graph)];
    return subjects.filter((_, index) => mayHaveEntry(nodes[index]!));
  },
  check({ fact }, report) {
    for (const list of LISTS) {
      eachElement(fact, list, (signature, place) => {
        const fault = entryFault(signature);
        if (fault !== undefined) report(`${place}.logEntry`, fault);
      });
    }
  },
});

/** Whether there is an entry, or nobody can tell. */
function mayHaveEntry(node: ChartNode | MirrorNode): boolean {
  const lists = LISTS.map(([first, second]) => {
    const part: unknown = recordOf(node)[first];
    return second === undefined ? part : recordOf(part)[second];
  });
  return holdsUnknown(lists) || lists.some((list) => listOf(list).some(hasEntry));
}

function hasEntry(signature: unknown): boolean {
  return recordOf(signature)["logEntry"] !== undefined;
}

/** An entry beside what is no signature is about none. */
function entryFault(signature: Fields): string | undefined {
  if (!hasEntry(signature)) return undefined;
  const { payload, signature: made, keyId, logEntry } = signature;
  const isText = [payload, made, keyId, logEntry].every((part) => typeof part === "string");
  if (!isText) return "the log entry lies beside no signature";
  return recordedEntryFault(signature as unknown as SignatureRecord);
}
