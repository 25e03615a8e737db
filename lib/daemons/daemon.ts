/** What one pass of a daemon found. The summary is for people and holds no secret. */
export interface Reconciliation {
  /** Whether what the daemon keeps true is true now. */
  readonly healthy: boolean;
  /** One line: `5 images whole and signed`. */
  readonly summary: string;
}

/** A long-running part of the platform: it looks, compares with the declaration, and mends or reports. */
export interface Daemon {
  readonly name: string;
  /** One pass. It may throw: the daemon is then unhealthy until a pass succeeds. */
  reconcile(): Promise<Reconciliation>;
  /**
   * Ends when there is a reason for a pass before the interval is over, and when it is aborted.
   *
   * @default - there is none
   */
  changed?(signal: AbortSignal): Promise<void>;
  /** Ends what goes on between two passes. */
  stop?(): void;
}

/** A daemon's last word. `starting` until its first pass has ended. */
export interface DaemonStatus {
  readonly name: string;
  readonly status: "starting" | "healthy" | "unhealthy";
  readonly summary: string;
}
