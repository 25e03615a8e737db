import type { Precheck } from "../fleet/precheck";
import type { Fleet } from "../fleet/schema";
import type { JoinRecord } from "../join/record";
import type { PolicyMatrix } from "../policy/matrix";
import type { MirrorState } from "../registry/mirror/state";
import { helmOrchestratorPage, renderDigests } from "../report/chart-report";
import { clusterBootstrapPage } from "../report/cluster-report";
import type { ClusterReport } from "../report/cluster-report";
import { nodeJoinPage } from "../report/join-report";
import { registryMirrorPage } from "../report/mirror-report";
import { compliancePage, policyMonitorPage } from "../report/policy-report";
import type { ReportWriter } from "../report/report-writer";
import { SNAPSHOT_FILE, snapshotOf } from "../report/snapshot";
import { vaultSyncPage } from "../report/vault-report";
import { packageVersions } from "../support/versions";
import type { ChartStepResult } from "./chart-step";
import type { HealthReport } from "./health-step";
import type { VaultStepResult } from "./vault-step";

export interface RunResults {
  readonly fleet: Fleet;
  readonly precheck: Precheck;
  readonly clusters: readonly ClusterReport[];
  readonly mirror: MirrorState;
  readonly vault: VaultStepResult;
  readonly charts: ChartStepResult;
  readonly joins: readonly JoinRecord[];
  readonly matrix: PolicyMatrix;
  readonly health: HealthReport;
}

/** Writes everything that a run leaves for people and programs; the snapshot comes last. */
export function writeReports(writer: ReportWriter, results: RunResults): void {
  const { fleet, clusters, mirror, vault, charts, joins, matrix } = results;
  const reports = (name: string) => `reports/${name}`;
  writer.json(reports("G.3_precheck.json"), results.precheck);
  writer.json(reports("cluster_topology.json"), {
    version: 1,
    clusters: clusters.map(({ topology }) => topology),
  });
  writer.json(reports("mirror_state.json"), mirror);
  writer.text(reports("vault_sync.log"), vault.log);
  writer.json(reports("selfhost_policy_audit.json"), matrix);
  writer.json(reports("G.3_health.json"), { version: 1, ...results.health });
  writer.text(reports("G.3.1_cluster_bootstrap.md"), clusterBootstrapPage(clusters));
  writer.text(reports("G.3.2_registry_mirror.md"), registryMirrorPage(mirror));
  writer.text(reports("G.3.3_vault_sync.md"), vaultSyncPage(vault.replicas));
  writer.text(
    reports("G.3.4_helm_orchestrator.md"),
    helmOrchestratorPage(charts.reference, charts.rendered),
  );
  writer.text(reports("G.3.5_node_join.md"), nodeJoinPage(joins));
  writer.text(reports("G.3.6_policy_monitor.md"), policyMonitorPage(matrix));
  writer.text("docs/policies/selfhost_compliance.md", compliancePage(matrix));
  writer.json(
    reports(SNAPSHOT_FILE),
    snapshotOf({
      release: fleet.release,
      versions: packageVersions(),
      renders: renderDigests(charts.rendered),
      files: writer.digests,
    }),
  );
  writer.prune(reports("rendered"));
}
