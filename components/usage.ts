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
    throw withoutStack(error);
  }
}

/** The same for what is found out later. */
export async function checkedLater<T>(found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    throw withoutStack(error);
  }
}

function withoutStack(error: unknown): unknown {
  return error instanceof UsageError
    ? new pulumi.ResourceError(error.message, undefined, true)
    : error;
}
