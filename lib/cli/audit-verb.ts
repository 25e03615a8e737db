import { evaluate } from "../policy/evaluate";
import { graphFromManifests } from "../policy/graph-from-manifests";
import { policyMatrix } from "../policy/matrix";
import type { PolicyMatrix } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import { count } from "../report/markdown";
import { systemClock } from "../support/clock";
import { UsageError } from "../support/problem";
import { textTable } from "../support/text-table";
import type { CommandContext } from "./command-context";
import { parseManifests } from "./manifest-documents";
import { readManifestFiles } from "./manifest-files";
import { EXIT } from "./terminal";

/** Decides P1 to P7 over manifests from files, folders and standard input. */
export async function auditManifests(
  { terminal, finish }: CommandContext,
  paths: readonly string[],
  { cluster, json }: { cluster: string; json?: true },
): Promise<void> {
  const files = await readManifestFiles(paths);
  const documents = files.flatMap(parseManifests);
  const graph = graphFromManifests(documents, { cluster });
  if (graph.objects.length === 0) {
    throw new UsageError("audit", [
      {
        path: paths.join(", "),
        message: "holds no Kubernetes object, so there is nothing to check",
      },
    ]);
  }
  const results = evaluate(graph, ALL_RULES);
  const matrix = policyMatrix(graph, results, [], systemClock.now());
  if (json) {
    terminal.out(`${JSON.stringify(matrix, null, 2)}\n`);
  } else {
    const examined = results.reduce((sum, result) => sum + result.examined, 0);
    const what =
      `${count(ALL_RULES.length, "rule")} over ${count(graph.objects.length, "object")} ` +
      `in ${count(files.length, "file")}, ${count(examined, "thing")} looked at`;
    terminal.out(`${findingsTable(matrix)}${what}: ${verdict(matrix)}\n`);
  }
  if (matrix.outcome === "violation") finish(EXIT.failed);
}

function findingsTable({ clusters }: PolicyMatrix): string {
  const rows = clusters
    .flatMap(({ findings }) => findings)
    .map(({ rule, object, field, message, remediation }) =>
      [rule, object, field, message, remediation].map(oneLine),
    );
  if (rows.length === 0) return "";
  return `${textTable(["rule", "object", "field", "finding", "how to mend it"], rows)}\n\n`;
}

function verdict({ outcome, clusters }: PolicyMatrix): string {
  const findings = clusters.reduce((sum, cluster) => sum + cluster.findings.length, 0);
  if (outcome === "violation") return count(findings, "violation");
  return outcome === "pass" ? "no violation" : "no rule applies, which is no pass";
}

/** Names come from the manifests: none may move the cursor or begin a line of its own. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "?");
}
