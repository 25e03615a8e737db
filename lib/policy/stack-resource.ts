/** One resource of a Pulumi stack, as an engine or a monitor saw it registered. */
export interface StackResource {
  /** Type token: `kubernetes:apps/v1:Deployment`, `atom:index:Tenant`. */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN of the parent. */
  readonly parent?: string;
  /** Unknown values are `UNKNOWN`, secret ones `Secret`. */
  readonly inputs: Record<string, unknown>;
  /** URNs. */
  readonly dependencies: readonly string[];
  readonly protect: boolean;
}
