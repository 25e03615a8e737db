import type { Scope } from "./graph";

/** One thing that a rule looks at and decides on its own: a container, a binding, a namespace. */
export interface Subject {
  readonly scope: Scope;
  /** The node's id: `Deployment tenant-acme/api`. */
  readonly object: string;
  /** Path inside the object, empty for the whole of it. */
  readonly field: string;
  /**
   * Set where the subject could not even be looked up: a value is unknown, or the object is not
   * built as it should be. It is not handed to the rule's check and counts as undecided.
   */
  readonly failure?: Error;
}
