import { RegistryError } from "../registry/registry-error";
import { VaultError } from "../vault/vault-error";
import type { CommandContext } from "./command-context";
import { NO_ANSWER_MEND } from "./no-answer";
import { EXIT } from "./terminal";

/** Does what talks to servers. One that refuses or is away is no bug of ours: one line and exit 1. */
export async function withServers(
  { terminal, finish }: CommandContext,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RegistryError) && !(error instanceof VaultError)) throw error;
    const isAway = error instanceof RegistryError && error.failure === "unreachable";
    terminal.error(`failed: ${error.message}${isAway ? `; ${NO_ANSWER_MEND}` : ""}\n`);
    finish(EXIT.failed);
  }
}
