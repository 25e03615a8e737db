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
   * The resources are some of a stack's: a chart or a group of manifests may have children all the
   * same if none is among them.
   *
   * @default false
   */
  readonly partial?: boolean;
}
