import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ToolName } from "../toolchain/parts";
import type { EngineParts } from "./engine-environment";

/** The Nodes of the toolchain, besides the one that the tests run on. */
export type NodeRelease = Extract<ToolName, `node${number}`>;

/** Value for PATH on which `node` is of that release, and with it npm, npx and what Pulumi starts. */
export function pathWithNode(folder: string, { path }: EngineParts, release: NodeRelease): string {
  const bin = join(folder, release);
  const node = join(bin, "node");
  mkdirSync(bin, { recursive: true });
  const [tools = ""] = path.split(delimiter);
  if (!existsSync(node)) symlinkSync(join(tools, release), node);
  return [bin, path].join(delimiter);
}
