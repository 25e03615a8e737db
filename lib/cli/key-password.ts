import { UsageError } from "../support/problem";
import { Secret } from "../support/secret";
import { askHidden, canAsk } from "./hidden-input";
import type { Terminal } from "./terminal";

/** The password in `COSIGN_PASSWORD`. An empty one is a password too, as it is for cosign. */
export function passwordIn(environment: Terminal["environment"]): Secret | undefined {
  const { COSIGN_PASSWORD } = environment;
  return COSIGN_PASSWORD === undefined ? undefined : Secret.of(COSIGN_PASSWORD);
}

/**
 * The password of a key that is to be opened: `COSIGN_PASSWORD`, or what is typed at the terminal.
 *
 * @returns undefined if there is neither.
 */
export async function readPassword(terminal: Terminal): Promise<Secret | undefined> {
  const given = passwordIn(terminal.environment);
  if (given !== undefined || !canAsk()) return given;
  return askHidden("Password of the private key: ", terminal);
}

/**
 * The password for a key that is to be made: `COSIGN_PASSWORD`, or what is typed twice.
 *
 * @throws UsageError if there is neither, or the two are not the same.
 */
export async function choosePassword(terminal: Terminal): Promise<Secret> {
  const given = passwordIn(terminal.environment);
  if (given !== undefined) return given;
  if (!canAsk()) {
    throw passwordError("is not set, and there is no terminal to type a password at");
  }
  const first = await askHidden("Password for the private key: ", terminal);
  const second = await askHidden("The same password again: ", terminal);
  if (first.reveal() === second.reveal()) return first;
  throw new UsageError("password", [{ path: "", message: "the two are not the same" }]);
}

function passwordError(message: string): UsageError {
  const mend = "export COSIGN_PASSWORD, which may be empty";
  return new UsageError("password", [{ path: "COSIGN_PASSWORD", message, mend }]);
}
