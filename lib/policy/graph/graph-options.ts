import type { MetricsNode, ReplicaNode } from "./graph";

export interface ResourceGraphOptions {
  /**
   * The cluster of what stands in no component that names one.
   *
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * Public keys (PEM) whose signatures count.
   *
   * @default - none: every signed chart is a violation
   */
  readonly trustedKeys?: readonly string[];
  /**
   * What daemons answered to a scrape.
   *
   * @default - none was asked
   */
  readonly metrics?: readonly MetricsNode[];
  /**
   * Secrets as they lie on the far side of a replication, with what their signatures say.
   *
   * @default - none is known of
   */
  readonly replicas?: readonly ReplicaNode[];
  /**
   * The resources are some of a stack's: a chart or a group of manifests may have children all the
   * same if none is among them.
   *
   * @default false
   */
  readonly partial?: boolean;
}
