/** One resource of a Pulumi stack, as an engine or a monitor saw it registered. */
export interface StackResource {
  /** Type token: `kubernetes:apps/v1:Deployment`, `atom:index:Tenant`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN of the parent. */
  readonly parent?: string;
  /** URN of the provider that it is made through, if the program names one. */
  readonly provider?: string;
  /** Unknown values are `UNKNOWN`, secret ones `Secret`. */
  readonly inputs: Record<string, unknown>;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
}
