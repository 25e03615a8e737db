import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LoadedFleet } from "../fleet/read-fleet";
import { readPrivateKey } from "../signing/key";
import type { SigningKey } from "../signing/key";
import { UsageError } from "../support/problem";
import { Secret } from "../support/secret";

/** The user's own key, or why what is rendered goes without its signature. */
export interface RenderKey {
  readonly key?: SigningKey;
  readonly note?: string;
}

/**
 * The private key that a fleet names, opened with `COSIGN_PASSWORD`. Without one nothing rendered is signed, so that
 * two runs write the same bytes; one that cannot be used is told, and stops nothing.
 */
export function readRenderKey(
  { fleet, folder }: LoadedFleet,
  { COSIGN_PASSWORD: password }: Readonly<Record<string, string | undefined>>,
): RenderKey {
  const path = fleet.signing?.privateKey;
  if (path === undefined) return {};
  try {
    const pem = readFileSync(resolve(folder, path), "utf8");
    return { key: readPrivateKey(pem, password === undefined ? undefined : Secret.of(password)) };
  } catch (error) {
    return { note: `what is rendered is not signed: the private key ${reason(error)}` };
  }
}

function reason(error: unknown): string {
  if (error instanceof UsageError) return error.problems.map(({ message }) => message).join("; ");
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  return `cannot be read (${code})`;
}
