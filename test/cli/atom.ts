import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { stringify } from "yaml";
import { runCommandLine } from "../../lib/cli/run";
import type { Terminal } from "../../lib/cli/terminal";
import { RecordingTerminal } from "../doubles/recording-terminal";

export interface Ended {
  readonly code: number;
  /** Standard output. */
  readonly out: string;
  /** Standard error. */
  readonly error: string;
}

/** Runs the program in this process. */
export async function atom(
  argv: readonly string[],
  {
    environment = {},
    input,
  }: { environment?: Terminal["environment"]; input?: string | object } = {},
): Promise<Ended> {
  const terminal = new RecordingTerminal(environment);
  const code = await withInput(input, () => runCommandLine(["node", "atom", ...argv], terminal));
  return { code, out: terminal.output, error: terminal.errors };
}

async function withInput<T>(input: string | object | undefined, work: () => Promise<T>) {
  if (input === undefined) return work();
  const real = Object.getOwnPropertyDescriptor(process, "stdin")!;
  const text = typeof input === "string" ? input : JSON.stringify(input);
  Object.defineProperty(process, "stdin", {
    ...real,
    get: () => Readable.from([Buffer.from(text)]),
  });
  try {
    return await work();
  } finally {
    Object.defineProperty(process, "stdin", real);
  }
}

/** Runs in another working directory. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  process.chdir(folder);
  try {
    return await work();
  } finally {
    process.chdir(before);
  }
}

/** A small fleet of one region and one tenant, with what a test changes about it. */
export function smallFleet(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: 1,
    release: "7.2.0",
    regions: [{ name: "eu-west", domain: "eu.atom.example" }],
    clusters: [
      {
        name: "eu-prod",
        region: "eu-west",
        source: { simulate: { masters: 1, workers: 1 } },
        nodePool: { name: "workers", nodes: 2, join: { ttl: "15m" } },
      },
    ],
    registry: { target: "registry.atom.example:5000" },
    images: imagesFrom("ghcr.io"),
    vault: {
      primary: "https://vault-a.atom.example:8200",
      secondary: "https://vault-b.atom.example:8200",
      mount: "atom",
    },
    tenants: [
      {
        name: "acme",
        regions: ["eu-west"],
        quota: { cpu: "8", memory: "16Gi" },
        secrets: ["database", "smtp"],
        services: { api: { secrets: ["database"] } },
      },
    ],
    ...changes,
  };
}

export const IMAGE_NAMES = ["api", "console", "scheduler", "selfhost", "worker"];

export function imagesFrom(registry: string): { name: string; source: string }[] {
  return IMAGE_NAMES.map((name) => ({ name, source: `${registry}/atom-cloud/${name}:7.2.0` }));
}

/** Writes a fleet file and gives its path. */
export function writeFleet(folder: string, fleet: Record<string, unknown> = smallFleet()): string {
  const path = join(folder, "atom.yaml");
  writeFileSync(path, stringify(fleet));
  return path;
}

export const KEY_PASSWORD = "a-password-of-the-test-8Kq2";

/** A key pair beside a fleet file; the private key is encrypted with {@link KEY_PASSWORD}. */
export function writeKeyPair(folder: string): {
  readonly privatePem: string;
  readonly environment: { COSIGN_KEY_PATH: string; COSIGN_PASSWORD: string };
} {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const privatePem = privateKey
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: KEY_PASSWORD })
    .toString();
  const path = join(folder, "cosign.pem");
  writeFileSync(path, privatePem, { mode: 0o600 });
  writeFileSync(join(folder, "cosign.pub"), publicKey.export({ type: "spki", format: "pem" }));
  return { privatePem, environment: { COSIGN_KEY_PATH: path, COSIGN_PASSWORD: KEY_PASSWORD } };
}
