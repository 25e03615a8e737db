import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseEnvironment } from "../fleet/environment";
import { readTrustedKey } from "../fleet/fleet-files";
import type { LoadedFleet } from "../fleet/read-fleet";
import { isSealed, readPrivateKey } from "../signing/key";
import type { SigningKey } from "../signing/key";
import { readTrustedKeys } from "../signing/trusted-keys";
import { inFile } from "../support/in-file";
import { UsageError } from "../support/problem";
import { passwordIn, readPassword } from "./key-password";
import type { Terminal } from "./terminal";

const MAKE_KEY = "make a pair with: atom key generate; then export COSIGN_KEY_PATH=cosign.key";

/**
 * The key that signs: the file that `COSIGN_KEY_PATH` or the fleet names, opened with
 * `COSIGN_PASSWORD` where it is encrypted.
 *
 * @param loaded the fleet whose key it is. @default - only `COSIGN_KEY_PATH` counts
 * @throws UsageError if there is none, it cannot be read, or the fleet does not trust its public half.
 * The message holds nothing of it.
 */
export function readSigningKey(
  environment: Terminal["environment"],
  loaded?: LoadedFleet,
): SigningKey {
  const { path, pem } = readKeyFile(environment, loaded);
  const key = inFile(path, () => readPrivateKey(pem, passwordIn(environment)));
  return trustedBy(loaded, key);
}

/**
 * The same for a command that a person runs: a password that is not in `COSIGN_PASSWORD` is asked for
 * at the terminal.
 *
 * @throws UsageError as {@link readSigningKey}, also if the password is not typed.
 */
export async function askForSigningKey(
  terminal: Terminal,
  loaded?: LoadedFleet,
): Promise<SigningKey> {
  const { path, pem } = readKeyFile(terminal.environment, loaded);
  const password = isSealed(pem) ? await readPassword(terminal) : undefined;
  const key = inFile(path, () => readPrivateKey(pem, password));
  return trustedBy(loaded, key);
}

/** What another key signs would be refused by everybody who reads it: before anything is written. */
function trustedBy(loaded: LoadedFleet | undefined, key: SigningKey): SigningKey {
  if (loaded === undefined) return key;
  const trusted = readTrustedKeys(readTrustedKey(loaded));
  if (trusted.some(({ keyId }) => keyId === key.keyId)) return key;
  const file = loaded.fleet.signing?.publicKey ?? "cosign.pub";
  throw new UsageError("signing", [
    {
      path: loaded.fleet.signing?.privateKey ?? "COSIGN_KEY_PATH",
      message: `is not the private half of a key in ${file}, which the fleet trusts`,
      mend: `set COSIGN_KEY_PATH to the one that is, or add this one's public half to ${file}`,
    },
  ]);
}

function keyPath(
  environment: Terminal["environment"],
  loaded: LoadedFleet | undefined,
): string | undefined {
  // The fleet has the variable laid over it already, relative to its own folder.
  if (loaded === undefined) return parseEnvironment(environment).COSIGN_KEY_PATH;
  const declared = loaded.fleet.signing?.privateKey;
  return declared === undefined ? undefined : resolve(loaded.folder, declared);
}

function readKeyFile(
  environment: Terminal["environment"],
  loaded: LoadedFleet | undefined,
): { readonly path: string; readonly pem: string } {
  const path = keyPath(environment, loaded);
  if (path === undefined) throw problem("COSIGN_KEY_PATH", "there is no key to sign with");
  try {
    return { path, pem: readFileSync(path, "utf8") };
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw problem(path, `the private key's file cannot be read (${code})`);
  }
}

function problem(path: string, message: string): UsageError {
  return new UsageError("signing", [{ path, message, mend: MAKE_KEY }]);
}
