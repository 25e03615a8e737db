import type { PlaybookConfirmation, PlaybookRun } from "../support/playbook-run";
import { planPlaybookRun } from "../support/playbook-run";
import type { Topology } from "./topology";

export const BOOTSTRAP_PLAYBOOK = "playbooks/bootstrap.yml";

export interface BootstrapOptions {
  /** Inventory to run against, as the user wrote it. @default the topology's own, if it came from one */
  readonly inventory?: string;
  /** @default a dry run */
  readonly apply?: PlaybookConfirmation;
}

/**
 * The bootstrap playbook over the nodes of a topology, limited to exactly those. The plan's hash
 * covers the topology, so a confirmation does not outlive a change of the nodes.
 */
export function planBootstrap(topology: Topology, options: BootstrapOptions = {}): PlaybookRun {
  const { kind, detail } = topology.source;
  const inventory = options.inventory ?? (kind === "inventory" ? detail : undefined);
  return planPlaybookRun({
    playbook: BOOTSTRAP_PLAYBOOK,
    covers: topology,
    ...(inventory === undefined ? {} : { inventory }),
    ...(options.apply === undefined ? {} : { apply: options.apply }),
    limit: [...topology.masters, ...topology.workers].map(({ name }) => name),
  });
}
