import fs from "node:fs";
import path from "node:path";
import ts from "typescript";

const ROOT = path.resolve(__dirname, "../..");

/** Compiles `lib/support` into a folder, so that a child process can load it without a test runner. */
export function compileSupport(folder: string): void {
  const from = path.join(ROOT, "lib/support");
  for (const file of fs.readdirSync(from).filter((name) => name.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(fs.readFileSync(path.join(from, file), "utf8"), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    });
    fs.writeFileSync(path.join(folder, file.replace(/\.ts$/, ".js")), outputText);
  }
}

/** What the compiled files find their packages with. */
export const childEnvironment = { ...process.env, NODE_PATH: path.join(ROOT, "node_modules") };
