import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { packageChart } from "../../lib/chart/package";
import { renderHelmValues } from "../../lib/chart/helm-values";
import { toYaml } from "../../lib/support/yaml-writer";
import { mapBounded } from "../../lib/support/map-bounded";
import { packageRoot } from "../../lib/support/package-root";
import { goodDocument } from "../../test/chart/helm-documents";
import { resolveToolchain } from "../../test/engine/toolchain/resolve";
import { FOR_MANY_OBJECTS, measureChild } from "../child";
import { median } from "../figure";
import type { Figure } from "../figure";
import type { RenderRun } from "../render-child";

const ROUNDS = 5;
const FEW = 100;
const MANY = 1000;
/** Processes of other tools at once: as many as there are cores on the smallest machine this runs on. */
const AT_ONCE = 2;

/**
 * Render, all policy rules and JSON for a cluster full of tenants, beside a bare loop that makes the same
 * objects, one cdk8s App a tenant, and the two tools that people render with.
 */
export async function measureRender(): Promise<Figure[]> {
  const tools = await resolveToolchain({ parts: ["helm", "kubectl"] });
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({ few: await run(FEW), many: await run(MANY) });
  }
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const others = await measureTools(tools.path("helm"), tools.path("kubectl"));
  const ours = of(({ few }) => few.ours);
  const { objects } = rounds[0]!.many;
  return [
    {
      name: `a bare loop, ${MANY} tenants, ${objects} objects`,
      value: of(({ many }) => many.bare),
      unit: "s",
    },
    { name: `objects alone, ${MANY} tenants`, value: of(({ many }) => many.render), unit: "s" },
    {
      name: `objects, all rules and JSON, ${MANY} tenants`,
      value: of(({ many }) => many.ours),
      unit: "s",
      limit: 0.5,
    },
    {
      name: "the same over the bare loop",
      value: of(({ many }) => many.ours / many.bare),
      unit: "x",
      limit: 3,
    },
    {
      name: `${MANY} tenants over ${FEW}`,
      value: of(({ few, many }) => many.ours / few.ours),
      unit: "x",
      limit: 12,
    },
    {
      name: "peak memory of the process",
      value: Math.max(...rounds.map(({ many }) => many.megabytes)),
      unit: "MB",
      limit: 150,
    },
    { name: "one tenant again", value: of(({ many }) => many.again * 1000), unit: "ms", limit: 20 },
    {
      name: `one cdk8s App a tenant and JSON, ${MANY} tenants`,
      value: of(({ many }) => many.cdk8s),
      unit: "s",
    },
    { name: `helm template, ${FEW} tenants`, value: others.helm, unit: "s" },
    { name: "helm template over ours", value: others.helm / ours, unit: "x" },
    { name: `kubectl kustomize, ${FEW} tenants`, value: others.kustomize, unit: "s" },
    { name: "kubectl kustomize over ours", value: others.kustomize / ours, unit: "x" },
  ];
}

interface Round {
  readonly few: RenderRun;
  readonly many: RenderRun;
}

async function run(tenants: number): Promise<RenderRun> {
  const program = join(packageRoot(), "dist/bench/render-child.js");
  const child = await measureChild(program, [String(tenants)], { nodeOptions: FOR_MANY_OBJECTS });
  return JSON.parse(child.output) as RenderRun;
}

/** Seconds that other tools take for the services of {@link FEW} tenants, a process a tenant. */
async function measureTools(
  helm: string,
  kubectl: string,
): Promise<{ readonly helm: number; readonly kustomize: number }> {
  const folder = mkdtempSync(join(tmpdir(), "atom-bench-render-"));
  try {
    const tenants = Array.from({ length: FEW }, (_, index) => `t-${index}`);
    const archive = write(folder, "services.tgz", packageChart().archive.bytes);
    write(folder, "base/objects.yaml", toYaml(renderHelmValues(goodDocument)));
    write(folder, "base/kustomization.yaml", "resources: [objects.yaml]\n");
    for (const tenant of tenants) {
      write(folder, `${tenant}.json`, JSON.stringify({ ...goodDocument, tenant }));
      const overlay = `resources: [../base]\nnamespace: tenant-${tenant}\nnameSuffix: -${tenant}\n`;
      write(folder, `${tenant}/kustomization.yaml`, overlay);
    }
    return {
      helm: await timeEach(tenants, folder, (tenant) => [
        ...[helm, "template", tenant, archive, "--values", `${tenant}.json`],
      ]),
      kustomize: await timeEach(tenants, folder, (tenant) => [kubectl, "kustomize", tenant]),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function timeEach(
  tenants: readonly string[],
  folder: string,
  commandOf: (tenant: string) => readonly string[],
): Promise<number> {
  const began = performance.now();
  await mapBounded(tenants, AT_ONCE, async (tenant) => {
    const [command = "", ...args] = commandOf(tenant);
    const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
  });
  return (performance.now() - began) / 1000;
}

function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
