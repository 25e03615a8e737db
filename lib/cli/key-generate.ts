import { existsSync } from "node:fs";
import { generateKeyFiles } from "../signing/key";
import { createFileExclusive } from "../support/exclusive-file";
import { UsageError } from "../support/problem";
import type { CommandContext } from "./command-context";
import { choosePassword } from "./key-password";

/**
 * Makes a key pair in `<prefix>.key`, which its owner alone may read, and `<prefix>.pub`.
 *
 * @throws UsageError if one of the files is there already: a key that is written over is lost.
 */
export async function generateKey(
  { terminal }: CommandContext,
  { outputKeyPrefix }: { readonly outputKeyPrefix: string },
): Promise<void> {
  const privatePath = `${outputKeyPrefix}.key`;
  const publicPath = `${outputKeyPrefix}.pub`;
  // Before anybody types a password for nothing.
  const present = [privatePath, publicPath].find((path) => existsSync(path));
  if (present !== undefined) throw isThere(present);
  const { privateKeyPem, publicKeyPem } = generateKeyFiles(await choosePassword(terminal));
  write(privatePath, privateKeyPem, 0o600);
  write(publicPath, publicKeyPem, 0o644);
  terminal.out(`${privatePath}\n${publicPath}\n`);
}

function write(path: string, content: string, mode: number): void {
  let written: boolean;
  try {
    written = createFileExclusive(path, content, mode);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    throw new UsageError("key file", [{ path, message: `cannot be written (${code})` }]);
  }
  if (!written) throw isThere(path);
}

function isThere(path: string): UsageError {
  const mend = "choose another --output-key-prefix, or move it away";
  return new UsageError("key file", [{ path, message: "is there already", mend }]);
}
