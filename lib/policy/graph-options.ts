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
}
