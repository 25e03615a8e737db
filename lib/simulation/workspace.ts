import { join } from "node:path";

/** Where one run writes. All folders lie below the one that the user named. */
export interface Workspace {
  /** The same bytes each run. */
  readonly reports: string;
  /** The same bytes each run. */
  readonly compliance: string;
  /** What is measured or random. */
  readonly logs: string;
  /** Registries, stores, the locks. Nobody's to read. */
  readonly work: string;
}

export function workspaceIn(folder: string): Workspace {
  return {
    reports: join(folder, "reports"),
    compliance: join(folder, "docs", "policies", "selfhost_compliance.md"),
    logs: join(folder, "logs"),
    work: join(folder, ".atom", "simulation"),
  };
}
