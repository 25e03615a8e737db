import * as pulumi from "@pulumi/pulumi";
import { UsageError } from "../lib/support/problem";

/**
 * Runs a component's checks. A user's mistake becomes an error that Pulumi prints without a stack,
 * thrown before the component has registered anything.
 */
export function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof UsageError) throw new pulumi.ResourceError(error.message, undefined, true);
    throw error;
  }
}
