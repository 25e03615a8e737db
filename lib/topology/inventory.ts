import { readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "../support/problem";
import type { Inventory } from "./inventory-builder";
import { parseIniInventory } from "./inventory-ini";
import { parseYamlInventory } from "./inventory-yaml";

export type { Inventory, InventoryHost } from "./inventory-builder";

const YAML_ENDINGS = [".yml", ".yaml", ".json"];
const LARGEST_INVENTORY = 16 * 1024 * 1024;

/**
 * Reads a static Ansible inventory: YAML for `.yml`, `.yaml` and `.json`, else INI. Folders, scripts
 * and plugin configurations are refused, since only Ansible can run them; `host_vars/` and
 * `group_vars/` beside the file are not read.
 *
 * @param path opened as it is; `shownAs` is what problems and the result name instead.
 * @throws UsageError with file, line and mend. No message repeats the value of a variable.
 */
export function readInventory(path: string, shownAs = path): Inventory {
  const text = readText(path, shownAs);
  if (text.startsWith("#!")) {
    throw refusal(shownAs, "is a script", "save its output as a static inventory and name that");
  }
  return YAML_ENDINGS.includes(extname(path).toLowerCase())
    ? parseYamlInventory(text, shownAs)
    : parseIniInventory(text, shownAs);
}

function readText(path: string, shownAs: string): string {
  let size: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw refusal(shownAs, "is a folder", "name one inventory file in it");
    size = stat.size;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refusal(
      shownAs,
      `cannot be read (${errorCode(error)})`,
      "paths are relative to the file that names them",
    );
  }
  if (size > LARGEST_INVENTORY) throw refusal(shownAs, "is larger than 16 MiB");
  return readFileSync(path, "utf8");
}

function refusal(path: string, message: string, mend?: string): UsageError {
  return new UsageError("inventory", [
    mend === undefined ? { path, message } : { path, message, mend },
  ]);
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
