import { isScalar, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { printable } from "../kubernetes/names";
import { secretPathProblem } from "../kubernetes/secret-path";
import { Problems } from "../support/problem";
import { Secret } from "../support/secret";
import { parseStrict, strictObject } from "../support/strict-schema";
import { customMetadataProblem } from "./custom-metadata";
import type { KvStore } from "./kv-store";
import { sealPayload } from "./payload";
import { tenantFolder, tenantOf } from "./secret-path";

/** One secret that an in-memory store begins with. */
export interface SeedSecret {
  readonly tenant: string;
  /** Below the mount: `tenants/acme/database`. */
  readonly path: string;
  /** Field names and values. */
  readonly data: Readonly<Record<string, Secret>>;
  readonly customMetadata: Readonly<Record<string, string>>;
}

const seedSchema = strictObject({
  version: z.literal(1),
  secrets: z
    .array(
      strictObject({
        path: z.string(),
        data: z.record(z.string(), z.string()),
        customMetadata: z.record(z.string(), z.string()).optional(),
      }),
    )
    .max(100_000),
});

/**
 * Reads the secrets of a seed file: YAML with `version: 1` and a list of path, data and custom
 * metadata. Values are strings; what a message says never holds one.
 *
 * @throws UsageError with every problem found.
 */
export function readSeed(text: string): readonly SeedSecret[] {
  const { secrets } = parseStrict(seedSchema, parseYaml(text), "secrets file");
  const problems = new Problems();
  const seen = new Set<string>();
  secrets.forEach(({ path, customMetadata }, index) => {
    const problem = seedPathProblem(path);
    if (problem !== undefined) problems.add(`secrets[${index}].path`, problem);
    if (seen.has(path)) problems.add(`secrets[${index}].path`, `${printable(path)} stands twice`);
    seen.add(path);
    const metadataProblem = customMetadataProblem(customMetadata ?? {});
    if (metadataProblem !== undefined) {
      problems.add(`secrets[${index}].customMetadata`, metadataProblem);
    }
  });
  problems.throwIfAny("secrets file");
  return secrets.map(({ path, data, customMetadata = {} }) => ({
    tenant: tenantOf(path)!,
    path,
    data: Object.fromEntries(
      Object.entries(data).map(([field, value]) => [field, Secret.of(value)]),
    ),
    customMetadata,
  }));
}

/** Writes seed secrets as version 1 each. A secret that the store has already fails. */
export async function seedStore(store: KvStore, seed: readonly SeedSecret[]): Promise<void> {
  for (const { path, data, customMetadata } of seed) {
    const fields = Object.entries(data).map(([field, value]) => [field, value.reveal()]);
    await store.write(path, sealPayload(Object.fromEntries(fields) as Record<string, string>), 0);
    if (Object.keys(customMetadata).length > 0) await store.writeMetadata(path, { customMetadata });
  }
}

function seedPathProblem(path: string): string | undefined {
  const tenant = tenantOf(path);
  return tenant === undefined
    ? `${printable(path)} is not in a tenant's folder; write tenants/<tenant>/<secret>`
    : secretPathProblem(path.slice(tenantFolder(tenant).length));
}

/** YAML without aliases and tags of its own; a syntax error is told by its line and kind only. */
function parseYaml(text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  });
  const problems = new Problems();
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    problems.add(`line ${lines.linePos(pos[0]).line}`, `is no valid YAML (${code.toLowerCase()})`);
  }
  problems.throwIfAny("secrets file");
  if (isScalar(document.contents) || document.contents === null) return undefined;
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    problems.add("", "has an alias (*name); write the value out");
    problems.throwIfAny("secrets file");
    return undefined;
  }
}
