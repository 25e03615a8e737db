import { readFileSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { ResourceGraphOptions } from "../lib/policy/graph-from-resources";
import { parseWaivers } from "../lib/policy/waiver";
import type { Waiver } from "../lib/policy/waiver";

/** What `--policy-pack-config` may say, for each of the two policies. */
export const CONFIG_SCHEMA: PolicyConfigSchema = {
  properties: {
    cluster: {
      type: "string",
      description: "Cluster of what stands in no component that names one.",
    },
    trustedKeys: {
      type: "array",
      items: { type: "string" },
      description: "Public keys (PEM) whose signatures on charts count.",
    },
    trustedKeyFiles: {
      type: "array",
      items: { type: "string" },
      description: "Files with such keys; relative paths start at this pack's folder.",
    },
    waivers: {
      type: "array",
      items: { type: "object" },
      description: "Rules lifted from objects: rule, object, reason, expires, owner.",
    },
  },
};

export interface PackConfig {
  readonly graph: ResourceGraphOptions;
  readonly waivers: readonly Waiver[];
}

/**
 * Reads what the user configured. Keys come from the configuration and from the files that
 * `ATOM_TRUSTED_KEYS` lists (separated as in `PATH`, relative to the shell's folder): the engine
 * runs a pack in the pack's own folder.
 *
 * @throws UsageError for a waiver that is none, Error for a key's file that cannot be read: either
 * way the engine stops, and nothing passes.
 */
export function readPackConfig(
  config: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PackConfig {
  const { cluster } = config;
  const files = texts(config["trustedKeyFiles"]).map((path) => readKey(path, "trustedKeyFiles"));
  return {
    graph: {
      ...(typeof cluster === "string" ? { cluster } : {}),
      trustedKeys: [...texts(config["trustedKeys"]), ...files, ...keysFrom(environment)],
    },
    waivers: parseWaivers(config["waivers"] ?? []),
  };
}

function keysFrom({
  ATOM_TRUSTED_KEYS = "",
  PWD = ".",
}: Readonly<Record<string, string | undefined>>): string[] {
  return ATOM_TRUSTED_KEYS.split(delimiter)
    .filter((path) => path !== "")
    .map((path) => readKey(resolve(PWD, path), "ATOM_TRUSTED_KEYS"));
}

function readKey(path: string, named: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    const mend = "make a key pair with: cosign generate-key-pair";
    throw new Error(`${named}: the file '${path}' cannot be read; ${mend}`);
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
