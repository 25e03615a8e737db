import { delimiter, resolve } from "node:path";
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { ResourceGraphOptions } from "../lib/policy/graph/graph-from-resources";
import { readTrustedKey } from "../lib/policy/signatures/trusted-key-file";
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
 * @throws UsageError for a waiver that is none, and for a key's file that cannot be read: either way
 * the engine stops, and nothing passes. CrossGuard prints an error's stack, so these have none.
 */
export function readPackConfig(
  config: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PackConfig {
  try {
    return read(config, environment);
  } catch (error) {
    if (error instanceof Error && error.name === "UsageError") {
      error.stack = `${error.name}: ${error.message}`;
    }
    throw error;
  }
}

function read(
  config: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): PackConfig {
  const { cluster } = config;
  const files = texts(config["trustedKeyFiles"]).map((path) =>
    readTrustedKey(path, "trustedKeyFiles"),
  );
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
    .map((path) => readTrustedKey(resolve(PWD, path), "ATOM_TRUSTED_KEYS"));
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
