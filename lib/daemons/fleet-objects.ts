import { stringify } from "yaml";
import { regionWithCluster, tenantsIn } from "../fleet/fleet-parts";
import type { LoadedFleet } from "../fleet/read-fleet";
import type { Fleet } from "../fleet/schema";
import { mirroredImages, renderTenantChart } from "../fleet/tenant-chart";
import { PLATFORM_NAMESPACE } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { scanRights } from "../monitor/scan-role";
import { planDaemons } from "../platform/daemon-plan";
import { planPlatformNamespace } from "../platform/namespace-plan";
import { evaluate } from "../policy/evaluation/evaluate";
import type { ResourceGraph } from "../policy/graph/graph";
import { graphFromManifests } from "../policy/graph/graph-from-manifests";
import { policyMatrix } from "../policy/matrix";
import type { Outcome } from "../policy/matrix";
import { ALL_RULES } from "../policy/rules";
import type { ImageLock } from "../registry/mirror/image";
import { systemClock } from "../support/clock";
import { UsageError } from "../support/problem";
import { planTenant } from "../tenant/plan";

/** Name of the daemons' own image in the fleet's image list. */
export const DAEMON_IMAGE = "selfhost";

/** The services of every tenant in every region, as they would be applied now. */
export function renderFleet(
  fleet: Fleet,
  lock: ImageLock,
): { readonly objects: number; readonly renders: readonly (readonly KubernetesObject[])[] } {
  const renders = fleet.regions.flatMap(({ name: region }) =>
    tenantsIn(fleet, region).map((tenant) =>
      renderTenantChart(fleet, lock, { tenant: tenant.name, region }),
    ),
  );
  return { objects: renders.reduce((sum, objects) => sum + objects.length, 0), renders };
}

/** What P1 to P7 say of all that a fleet would put on its clusters. */
export interface FleetAudit {
  readonly outcome: Outcome;
  readonly objects: number;
  /** `eu-prod P1-POD-3 Deployment tenant-acme/api`, those that a waiver lifts left out. */
  readonly findings: readonly string[];
}

/** Plans every object of a fleet, cluster by cluster, and decides P1 to P7 over them. */
export function auditFleet({ fleet }: LoadedFleet, lock: ImageLock): FleetAudit {
  const audits = plannedGraphs(fleet, lock).map((graph) => {
    const results = evaluate(graph, ALL_RULES);
    const matrix = policyMatrix(graph, results, fleet.waivers ?? [], systemClock.now());
    return { outcome: matrix.outcome, objects: graph.objects.length, findings: standing(matrix) };
  });
  const outcomes = audits.map(({ outcome }) => outcome);
  return {
    outcome: outcomes.find((outcome) => outcome !== "pass") ?? "pass",
    objects: audits.reduce((sum, { objects }) => sum + objects, 0),
    findings: audits.flatMap(({ findings }) => findings),
  };
}

function standing({ clusters }: ReturnType<typeof policyMatrix>): string[] {
  return clusters.flatMap(({ cluster, findings }) =>
    findings
      .filter(({ waiver }) => waiver === undefined)
      .map(({ rule, object }) => `${cluster} ${rule} ${object}`),
  );
}

/** A graph for each cluster of a fleet, of every object that is planned for it. */
export function plannedGraphs(fleet: Fleet, lock: ImageLock): ResourceGraph[] {
  return fleet.clusters.map(({ name: cluster, region }) =>
    graphFromManifests(plannedObjects(fleet, lock, region), { cluster }),
  );
}

/** The platform's objects on a region's cluster, and those of every tenant in it. */
function plannedObjects(fleet: Fleet, lock: ImageLock, region: string): KubernetesObject[] {
  const { cluster } = regionWithCluster(fleet, region);
  return [
    ...planPlatformNamespace(),
    ...planDaemons({
      image: daemonImage(fleet, lock),
      fleet: stringify(fleet),
      cluster: cluster.name,
      monitorRights: scanRights(),
    }),
    ...tenantsIn(fleet, region).flatMap(({ name, quota }) => [
      ...planTenant({
        name,
        region,
        cluster: cluster.name,
        quota,
        platformNamespace: PLATFORM_NAMESPACE,
      }).objects,
      ...renderTenantChart(fleet, lock, { tenant: name, region }),
    ]),
  ];
}

function daemonImage(fleet: Fleet, lock: ImageLock): string {
  const image = mirroredImages(fleet, lock)[DAEMON_IMAGE];
  if (image !== undefined) return image;
  throw new UsageError("fleet", [
    {
      path: "images",
      message: `has no image '${DAEMON_IMAGE}', which the daemons run`,
      mend: `add { name: ${DAEMON_IMAGE}, source: … }`,
    },
  ]);
}
