import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { writeFileAtomic } from "../../../lib/support/atomic-file";
import { BUNDLED_PROGRAM } from "../bundled-program";

/** The parts of a Pulumi install that may be doubled, and the program that each double is. */
const DOUBLES = {
  "pulumi-language-nodejs": "language-host.ts",
  "pulumi-resource-command": "command-provider.ts",
  "pulumi-resource-vault": "vault-provider.ts",
} as const;

/** The second line of each installed executable: a double is never taken for the genuine part. */
const MARK = "# A DOUBLE, for tests only.";

export interface PluginPart {
  readonly name: keyof typeof DOUBLES;
  readonly kind: "genuine" | "double";
  /** The executable. */
  readonly file: string;
}

/** Where the genuine parts may be. */
export interface GenuineLookup {
  /** @default the PATH of this process */
  readonly path?: string;
  /** Pulumi's own folder, which holds `plugins/`. @default $PULUMI_HOME, or `~/.pulumi` */
  readonly pulumiHome?: string;
}

/**
 * Writes a double of each part that is not installed into a folder, to be put on PATH: one small
 * executable and one bundled program each, which run on the Node that runs this, whatever PATH and
 * NODE_OPTIONS say later.
 *
 * @returns what each part is, for the header of a run.
 */
export async function installDoubles(
  folder: string,
  lookup: GenuineLookup = {},
): Promise<readonly PluginPart[]> {
  const names = Object.keys(DOUBLES) as (keyof typeof DOUBLES)[];
  // A genuine part in the folder itself is not written over.
  const path = [resolve(folder), lookup.path ?? process.env["PATH"] ?? ""].join(delimiter);
  const parts = names.map((name): PluginPart => {
    const genuine = findGenuine(name, { ...lookup, path });
    return genuine === undefined
      ? { name, kind: "double", file: resolve(folder, name) }
      : { name, kind: "genuine", file: genuine };
  });
  for (const { name, kind } of parts) {
    if (kind === "genuine") removeDouble(resolve(folder, name));
  }
  const doubles = parts.filter(({ kind }) => kind === "double");
  for (const [name, code] of await bundle(doubles.map(({ name }) => name))) {
    const program = resolve(folder, `${name}.double.cjs`);
    writeFileAtomic(program, code);
    writeFileAtomic(resolve(folder, name), launcher(program), 0o755);
  }
  return parts;
}

/**
 * The genuine executable of a part, found as the engine does: on PATH, beside `pulumi` itself, or
 * among the plugins that Pulumi downloaded, in the version of the SDK that this repository pins.
 */
function findGenuine(name: keyof typeof DOUBLES, lookup: GenuineLookup = {}): string | undefined {
  const folders = (lookup.path ?? process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const pulumi = folders.map((folder) => join(folder, "pulumi")).find(isGenuine);
  const home = lookup.pulumiHome ?? process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return [
    ...folders,
    ...(pulumi === undefined ? [] : [dirname(realpathSync(pulumi))]),
    ...pluginFolders(join(home, "plugins"), name),
  ]
    .map((folder) => join(folder, name))
    .find(isGenuine);
}

/** `resource-vault-v7.8.0` and its like, for `pulumi-resource-vault`. A language host has none. */
function pluginFolders(plugins: string, name: string): string[] {
  const [, provider] = /^pulumi-resource-(.*)$/.exec(name) ?? [];
  if (provider === undefined) return [];
  return [join(plugins, `resource-${provider}-v${sdkVersion(provider)}`)];
}

function sdkVersion(provider: string): string {
  const manifest = require.resolve(`@pulumi/${provider}/package.json`);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function isGenuine(file: string): boolean {
  try {
    const found = statSync(file);
    return found.isFile() && (found.mode & 0o111) !== 0 && !isDouble(file);
  } catch {
    return false;
  }
}

function isDouble(file: string): boolean {
  const handle = openSync(file, "r");
  try {
    const start = Buffer.alloc(100);
    return start.toString("utf8", 0, readSync(handle, start)).includes(MARK);
  } finally {
    closeSync(handle);
  }
}

/** One of an earlier installation would be found before the genuine part. */
function removeDouble(file: string): void {
  if (existsSync(file) && isDouble(file)) rmSync(file);
}

/** One file each: an engine starts its plugins with every command, and loading many files is slow. */
async function bundle(
  names: readonly (keyof typeof DOUBLES)[],
): Promise<[name: string, code: string][]> {
  const { outputFiles } = await build({
    entryPoints: names.map((name) => ({ in: join(__dirname, DOUBLES[name]), out: name })),
    outdir: "/",
    ...BUNDLED_PROGRAM,
  });
  return names.map((name, index) => [name, outputFiles[index]!.text]);
}

function launcher(program: string): string {
  return `#!/bin/sh
${MARK} NODE_OPTIONS are for what it starts.
DOUBLE_NODE_OPTIONS=\${NODE_OPTIONS-} NODE_OPTIONS= exec ${quoted(process.execPath)} ${quoted(program)} "$@"
`;
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
