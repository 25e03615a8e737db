import type { End, KvStore } from "./kv-store";
import { VaultUnreachable } from "./vault-error";

/** What was found of both ends: who they are, or why one or both are away. */
export type Reached =
  { readonly primary: string; readonly secondary: string } | { readonly away: readonly string[] };

/** Asks both ends who they are, so that a person hears of both if both are away. */
export async function reachBoth(ends: Readonly<Record<End, KvStore>>): Promise<Reached> {
  const [primary, secondary] = await Promise.all([
    identityOf(ends.primary),
    identityOf(ends.secondary),
  ]);
  return typeof primary === "string" && typeof secondary === "string"
    ? { primary, secondary }
    : {
        away: [primary, secondary].flatMap((found) =>
          typeof found === "string" ? [] : [found.message],
        ),
      };
}

async function identityOf(store: KvStore): Promise<string | VaultUnreachable> {
  try {
    return await store.identify();
  } catch (error) {
    if (error instanceof VaultUnreachable) return error;
    throw error;
  }
}
