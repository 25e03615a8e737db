import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pinsFolder, shareFolder } from "./cache";
import type { GoFiles, GoPrograms, Part, PythonFiles } from "./part";
import type { CommandContext } from "./run-command";
import { runCommand } from "./run-command";

/** Makes a part in an empty folder. */
export type FillPart = (part: Part, folder: string, context: CommandContext) => Promise<void>;

/**
 * A workspace of the user's must not change what is built. go.sum is complete and stays as it is.
 * cgo is off because the programs then run wherever the cache is.
 */
const GO_ENVIRONMENT = { GOWORK: "off", CGO_ENABLED: "0" };

/** Makes a part with the tool that its source names: go, pip or npm. */
export const fillPart: FillPart = async (part, folder, context) => {
  const { source } = part;
  switch (source.kind) {
    case "go programs":
      return buildGoPrograms(source, pinsFolder(part), folder, context);
    case "go files":
      return copyGoFiles(source, pinsFolder(part), folder, context);
    case "python packages":
      return installPythonPackages(part, folder, context);
    case "python files":
      return copyPythonFiles(part, source, folder, context);
    case "node runtime":
      return installNode(pinsFolder(part), folder, context);
  }
};

async function buildGoPrograms(
  { packages, stamps }: GoPrograms,
  pins: string,
  folder: string,
  context: CommandContext,
): Promise<void> {
  const flags = Object.entries(stamps).map(([name, value]) => `-X ${name}=${value}`);
  const bin = join(folder, "bin");
  mkdirSync(bin);
  await runCommand(
    {
      argv: [
        "go",
        "build",
        "-mod=readonly",
        // The checkout's revision would make the same part another file after each commit.
        "-buildvcs=false",
        "-trimpath",
        `-ldflags=${["-s", "-w", ...flags].join(" ")}`,
        "-o",
        `${bin}/`,
        ...packages,
      ],
      folder: pins,
      environment: GO_ENVIRONMENT,
    },
    context,
  );
}

async function copyGoFiles(
  { module, from, files }: GoFiles,
  pins: string,
  folder: string,
  context: CommandContext,
): Promise<void> {
  const [path] = module.split(" ") as [string];
  const output = await runCommand(
    {
      argv: ["go", "mod", "download", "-json", path],
      folder: pins,
      environment: GO_ENVIRONMENT,
    },
    context,
  );
  const { Dir } = JSON.parse(output) as { readonly Dir: string };
  copyToShare(join(Dir, from), files, folder);
}

/** Copies files into the share of a part's folder. */
function copyToShare(from: string, files: Readonly<Record<string, string>>, folder: string): void {
  for (const [name, file] of Object.entries(files)) {
    const target = join(shareFolder(folder), name);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(from, file), target);
    // Go's module cache is read-only, and a copy takes the mode along.
    chmodSync(target, 0o644);
  }
}

async function installPythonPackages(
  part: Part,
  folder: string,
  context: CommandContext,
  flags: readonly string[] = [],
): Promise<void> {
  const pins = pinsFolder(part);
  await runCommand(
    { argv: ["python3", "-m", "venv", "--prompt", part.name, folder], folder: pins },
    context,
  );
  await runCommand(
    {
      argv: [
        join(folder, "bin", "python"),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--require-hashes",
        "--requirement=requirements.txt",
        ...flags,
      ],
      folder: pins,
    },
    context,
  );
}

async function copyPythonFiles(
  part: Part,
  { from, files }: PythonFiles,
  folder: string,
  context: CommandContext,
): Promise<void> {
  const environment = join(folder, "environment");
  const packages = join(folder, "packages");
  const flags = ["--no-deps", "--no-compile", `--target=${packages}`];
  await installPythonPackages(part, environment, context, flags);
  copyToShare(join(packages, from), files, folder);
  for (const made of [environment, packages]) rmSync(made, { recursive: true });
}

async function installNode(pins: string, folder: string, context: CommandContext): Promise<void> {
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(pins, file), join(folder, file));
  }
  // The lock file holds the integrity of every platform's package; npm takes this platform's only.
  await runCommand(
    { argv: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder },
    context,
  );
  mkdirSync(join(folder, "bin"));
  const runtime = `node-${process.platform}-${process.arch}`;
  symlinkSync(join("..", "node_modules", runtime, "bin", "node"), join(folder, "bin", "node"));
}
