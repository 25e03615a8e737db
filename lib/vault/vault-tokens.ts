import { Problems } from "../support/problem";
import { Secret } from "../support/secret";

/**
 * The tokens for the two Vaults: those of a plan, or else the environment's. `VAULT_TOKEN`, which any
 * Vault client reads, is the secondary's: that is the server that a stack's own provider works on.
 *
 * @throws UsageError naming each variable that is not set.
 */
export function readTokens(
  environment: Readonly<Record<string, string | undefined>>,
  planned: { readonly primary?: string | undefined; readonly secondary?: string | undefined } = {},
): { readonly primary: Secret; readonly secondary: Secret } {
  const problems = new Problems();
  const read = (names: string, mend: string, ...candidates: (string | undefined)[]) => {
    const token = candidates.find((candidate) => candidate !== undefined && candidate !== "");
    if (token === undefined) problems.add(names, "is not set", mend);
    return Secret.of(token ?? "");
  };
  const { VAULT_PRIMARY_TOKEN, VAULT_SECONDARY_TOKEN, VAULT_TOKEN } = environment;
  const tokens = {
    primary: read(
      "VAULT_PRIMARY_TOKEN",
      "export VAULT_PRIMARY_TOKEN=<token>",
      planned.primary,
      VAULT_PRIMARY_TOKEN,
    ),
    secondary: read(
      "VAULT_SECONDARY_TOKEN",
      "export VAULT_SECONDARY_TOKEN=<token>, or VAULT_TOKEN",
      planned.secondary,
      VAULT_SECONDARY_TOKEN,
      VAULT_TOKEN,
    ),
  };
  problems.throwIfAny("environment");
  return tokens;
}
