import { UsageError } from "../support/problem";

/** How a user gets a key that this library can use. */
export const MAKE_KEY = "make a key pair with: atom key generate";

/** A key or a key file that cannot be used. The message holds nothing of what was read. */
export function keyError(subject: string, message: string, mend?: string): UsageError {
  return new UsageError(subject, [
    mend === undefined ? { path: "", message } : { path: "", message, mend },
  ]);
}
