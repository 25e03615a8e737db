import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

/** Puts one of the programs beside this file into a project of its own, as JavaScript. */
export function layOutProgram(folder: string, name: string): void {
  layOut(folder, name, "Pulumi.yaml", { name: "atom", runtime: "nodejs", main: "index.js" });
}

/** The same for a policy pack. */
export function layOutPolicyPack(folder: string, name: string): void {
  layOut(folder, name, "PulumiPolicy.yaml", { runtime: "nodejs", main: "index.js" });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
}

/** JSON is YAML too. */
function layOut(folder: string, name: string, project: string, content: object): void {
  mkdirSync(folder, { recursive: true });
  const source = readFileSync(join(__dirname, `${name}.ts`), "utf8");
  const { code } = transformSync(source, { loader: "ts", format: "cjs", platform: "node" });
  writeFileSync(join(folder, "index.js"), code);
  writeFileSync(join(folder, project), JSON.stringify(content));
}
