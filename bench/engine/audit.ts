import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { packageRoot } from "../../lib/support/package-root";
import { SCHEMA_FILE, writeKubeconformSchemas } from "../../test/engine/chart/kubeconform-schemas";
import { resolveToolchain } from "../../test/engine/toolchain/resolve";
import { median } from "../figure";
import type { Figure } from "../figure";
import { objectsOf } from "../tenant-objects";

const ROUNDS = 7;
const TENANTS = 42;

/**
 * `atom audit` of a file with some thousand objects, start-up included, beside kubeconform, which checks
 * the same objects against Kubernetes' schemas and nothing else.
 */
export async function measureAudit(): Promise<Figure[]> {
  const tools = await resolveToolchain({
    parts: ["kubeconform", "kubernetes-schemas", "secrets-store-crds"],
  });
  const folder = mkdtempSync(join(tmpdir(), "atom-bench-audit-"));
  try {
    const crds = tools.share("secrets-store-crds");
    writeKubeconformSchemas(folder, {
      definitions: join(tools.share("kubernetes-schemas"), "1.35.json"),
      customResources: ["secretproviderclasses.yaml", "secretproviderclasspodstatuses.yaml"].map(
        (file) => join(crds, file),
      ),
    });
    const objects = Array.from({ length: TENANTS }, (_, at) => objectsOf(`t-${at}`)).flat();
    const file = join(folder, "objects.json");
    const list = { apiVersion: "v1", kind: "List", items: objects };
    writeFileSync(file, JSON.stringify(list));
    const atom = [join(packageRoot(), "dist/lib/cli/main.js"), "audit", file];
    const conform = ["-strict", "-schema-location", join(folder, SCHEMA_FILE), file];
    const rounds: { readonly ours: number; readonly theirs: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const ours = await timeRun(process.execPath, atom);
      rounds.push({ ours, theirs: await timeRun(tools.path("kubeconform"), conform) });
    }
    const of = (pick: (round: (typeof rounds)[number]) => number) => median(rounds.map(pick));
    return [
      { name: `atom audit, ${objects.length} objects`, value: of(({ ours }) => ours), unit: "s" },
      { name: "kubeconform -strict", value: of(({ theirs }) => theirs), unit: "s" },
      { name: "ours over it", value: of(({ ours, theirs }) => ours / theirs), unit: "x" },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timeRun(command: string, args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}`);
  return (performance.now() - began) / 1000;
}
