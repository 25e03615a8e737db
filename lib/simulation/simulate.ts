import { rmSync } from "node:fs";
import { join } from "node:path";
import type { StackInputs } from "../../stacks/stack-inputs";
import { FLEET_FILES } from "../fleet/fleet-files";
import { precheck } from "../fleet/precheck";
import { readFleet } from "../fleet/read-fleet";
import type { LoadedFleet } from "../fleet/read-fleet";
import { OciLayout } from "../registry/layout/oci-layout";
import { writeMirrorState } from "../registry/mirror/state";
import type { RegistryClient } from "../registry/registry-client";
import { ReportWriter } from "../report/report-writer";
import { SNAPSHOT_FILE } from "../report/snapshot";
import { generateSigningKey } from "../signing/key";
import { writeSignatureSet } from "../signing/signature-file";
import { writeFileAtomic } from "../support/atomic-file";
import { SimulatedClock, systemClock } from "../support/clock";
import { withLock } from "../support/lock";
import { Redactor } from "../support/redactor";
import { orchestrateCharts } from "./chart-step";
import { bootstrapClusters } from "./cluster-step";
import { simulatedDaemons } from "./daemons";
import { checkHealth } from "./health-step";
import { joinNodes } from "./join-step";
import { scrapeDaemons } from "./metrics-step";
import { mirrorImages } from "./mirror-step";
import { monitorPolicies } from "./policy-step";
import { readRenderKey } from "./render-key";
import { StepRunner } from "./step";
import type { Listener, StepEnd } from "./step";
import { syncVault } from "./vault-step";
import { writeReports } from "./write-reports";
import { workspaceIn } from "./workspace";
import type { Workspace } from "./workspace";

export interface SimulateOptions {
  /** The fleet file. */
  readonly fleetPath: string;
  /** Folder to write below. */
  readonly out: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Port for `/health`; another is used if it is taken. @default 8600 */
  readonly port?: number;
  readonly listener?: Listener;
  readonly signal?: AbortSignal;
}

export interface SimulationResult {
  /** Whether no step failed. */
  readonly ok: boolean;
  readonly steps: readonly StepEnd[];
  /** Paths of all files written below the folder, sorted. */
  readonly files: readonly string[];
}

/** The day on which every simulation takes place, so that two runs write the same bytes. */
export const SIMULATED_START = new Date("2026-01-01T00:00:00.000Z");

/**
 * Self-hosts a fleet on this machine: the stacks that Pulumi would run, the planners that a deploy
 * would use, with an OCI layout for a registry, memory for a Vault, and a key that is thrown away.
 *
 * @throws UsageError for a fleet file that is not valid, before anything is written.
 */
export function simulate(options: SimulateOptions): Promise<SimulationResult> {
  const { fleetPath, out, environment } = options;
  const declared = readFleet(fleetPath, environment);
  return withLock(join(workspaceIn(out).work, "lock"), () => run(declared, options));
}

async function run(
  loaded: LoadedFleet,
  { out, environment, port = 8600, listener = {}, signal }: SimulateOptions,
): Promise<SimulationResult> {
  const { fleet: declared, folder } = loaded;
  const workspace = workspaceIn(out);
  const redactor = new Redactor();
  const clock = new SimulatedClock(SIMULATED_START);
  const key = generateSigningKey();
  const steps = new StepRunner({ listener, redactor, logs: workspace.logs, signal });
  try {
    const { clusters, fleet } = await steps.run("G.3.1", (context) =>
      bootstrapClusters(declared, folder, context),
    );
    const mirror = await steps.run("G.3.2", (context) =>
      mirrorImages(
        fleet,
        { work: workspace.work, target: emptyRegistry(workspace), key, clock },
        context,
      ),
    );
    const vault = await steps.run("G.3.3", (context) =>
      syncVault(fleet, { folder, key, clock, redactor }, context),
    );
    const inputs: StackInputs = {
      fleet,
      folder,
      images: mirror.lock,
      signing: {
        trustedKeys: [key.publicKeyPem],
        signatures: mirror.signatures,
        mirrorState: mirror.state,
      },
    };
    const writer = new ReportWriter(out, redactor);
    // That of an earlier run seals what is replaced from here on, and this one may not come to its end.
    rmSync(join(workspace.reports, SNAPSHOT_FILE), { force: true });
    const charts = await steps.run("G.3.4", (context) =>
      orchestrateCharts(
        inputs,
        { key, registry: mirror.target, writer, renderKey: readRenderKey(loaded, environment) },
        context,
      ),
    );
    const joins = await steps.run("G.3.5", (context) => joinNodes(fleet, { key, clock }, context));
    const trustedKeys = [key.publicKeyPem];
    const watched = { fleet, folder, clusters, mirror, vault, charts, joins, trustedKeys };
    const matrix = await steps.run("G.3.6", async (context) =>
      monitorPolicies(
        fleet,
        {
          stacks: charts.stacks,
          trustedKeys,
          replicas: vault.replicas.flatMap(({ records }) => records),
          metrics: await scrapeDaemons(simulatedDaemons(watched), fleet, context),
          now: systemClock.now(),
        },
        context,
      ),
    );
    const health = await steps.run("G.3", (context) =>
      checkHealth(simulatedDaemons({ ...watched, matrix }), { port }, context),
    );
    // With the lock, all that a stack needs to be previewed without a registry.
    writeFileAtomic(join(workspace.work, "cosign.pub"), key.publicKeyPem);
    writeMirrorState(join(workspace.work, FLEET_FILES.mirrorState), mirror.state);
    writeSignatureSet(join(workspace.work, FLEET_FILES.signatures), {
      version: 1,
      signatures: [...mirror.signatures, charts.signature],
    });
    writeReports(writer, {
      fleet,
      precheck: precheck(environment),
      clusters,
      mirror: mirror.state,
      vault,
      charts,
      joins,
      matrix,
      health,
    });
    return {
      ok: steps.ends.every(({ outcome }) => outcome !== "failed"),
      steps: steps.ends,
      files: Object.keys(writer.digests),
    };
  } finally {
    steps.runLog.writeTo(join(workspace.logs, "G.3_end2end.log"));
  }
}

/** The target starts empty, so that each run shows the whole copy. */
function emptyRegistry({ work }: Workspace): RegistryClient {
  const folder = join(work, "registry");
  rmSync(folder, { recursive: true, force: true });
  return new OciLayout(folder);
}
