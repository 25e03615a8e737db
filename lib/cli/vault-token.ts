import { UsageError } from "../support/problem";
import { Secret } from "../support/secret";
import type { Terminal } from "./terminal";

/** The token of the Vault that is to be scanned. @throws UsageError if `VAULT_TOKEN` is not set. */
export function vaultToken({ VAULT_TOKEN: token = "" }: Terminal["environment"]): Secret {
  if (token !== "") return Secret.of(token);
  throw new UsageError("audit", [
    { path: "VAULT_TOKEN", message: "is not set, and --vault needs it" },
  ]);
}
