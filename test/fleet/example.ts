import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { checkFleet, readFleet } from "../../lib/fleet/read-fleet";
import type { Fleet } from "../../lib/fleet/schema";
import { UsageError } from "../../lib/support/problem";
import { parseYamlDocument } from "../../lib/support/yaml-document";

export const EXAMPLE = path.resolve(__dirname, "../../examples/fleet/atom.yaml");

/** The example's fleet, to change at will. */
export const exampleFleet = (): Fleet => structuredClone(readFleet(EXAMPLE).fleet);

/** Type of what a test changes: fields of any kind at any place. */
export type Loose = { [key: string]: Loose } & { [index: number]: Loose };

/** The problems of the example after a change, a line each. */
export function problemsAfter(change: (fleet: Loose) => void): string[] {
  const fleet = exampleFleet();
  change(fleet as unknown as Loose);
  return problemsOf(stringify(fleet, { aliasDuplicateObjects: false }));
}

export function problemsOf(text: string): string[] {
  return linesOf(() => checkFleet(parseYamlDocument(text, "fleet"), "fleet"));
}

/** What a usage error says, without its heading; no line if there is no error. */
export function linesOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split("\n").slice(1);
  }
  return [];
}

/** A temporary folder for a test. */
export const temporaryFolder = () => fs.mkdtempSync(path.join(os.tmpdir(), "atom-fleet-"));
