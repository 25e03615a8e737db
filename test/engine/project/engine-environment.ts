import { randomBytes } from "node:crypto";
import { mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { BedAccess } from "../bed/bed";
import { installDoubles } from "../doubles/install";
import type { PluginPart } from "../doubles/install";
import type { Toolchain } from "../toolchain/resolve";

/** A program of the toolchain, and where it was found. */
export interface EngineTool {
  readonly name: string;
  readonly version: string;
  readonly origin: string;
}

export interface EngineParts {
  /** Value for PATH: the toolchain's programs, the doubles, this Node, and the system's own. */
  readonly path: string;
  readonly tools: readonly EngineTool[];
  /** Which of Pulumi's own parts are the genuine ones. */
  readonly plugins: readonly PluginPart[];
}

/** Lays the programs that an engine needs into one folder. */
export async function layOutEngine(folder: string, tools: Toolchain): Promise<EngineParts> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  for (const [name, { path }] of tools.tools) symlinkSync(path, join(bin, name));
  const plugins = await installDoubles(bin);
  // The tests see neither the developer's PATH nor the plugins of their home folder.
  for (const { name, kind, file } of plugins) {
    if (kind === "genuine") symlinkSync(file, join(bin, name));
  }
  const path = [bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(
    delimiter,
  );
  const found = [...tools.tools].map(([name, { version, origin }]) => ({ name, version, origin }));
  return { path, tools: found, plugins };
}

/** What any program of a test sees: nothing of the developer's own settings, only where the package registries are. */
export function baseEnvironment(folder: string, path: string): Record<string, string> {
  const home = join(folder, "home");
  const temporary = join(folder, "tmp");
  for (const each of [home, temporary]) mkdirSync(each, { recursive: true });
  const passed = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      /^(npm_config_|NPM_CONFIG_|https?_proxy$|HTTPS?_PROXY$|NO_PROXY$|no_proxy$|NODE_EXTRA_CA_CERTS$)/.test(
        entry[0],
      ) && entry[1] !== undefined,
  );
  return {
    ...Object.fromEntries(passed),
    PATH: path,
    HOME: home,
    // What a program leaves there, such as a provider's kubeconfig, goes with the folder.
    TMPDIR: temporary,
    LANG: "C.UTF-8",
    CI: "true",
  };
}

/** What `pulumi` and `atom` see in a project on a bed. */
export function projectEnvironment(
  folder: string,
  project: string,
  { path }: EngineParts,
  bed: BedAccess,
): Record<string, string> {
  const state = join(folder, "state");
  mkdirSync(state, { recursive: true });
  return {
    ...baseEnvironment(folder, path),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    PULUMI_HOME: join(folder, "pulumi-home"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    KUBECONFIG: bed.cluster.kubeconfig,
    VAULT_CACERT: bed.caFile,
    VAULT_PRIMARY_TOKEN: bed.primary.rootToken,
    VAULT_SECONDARY_TOKEN: bed.secondary.rootToken,
    // What the provider reads.
    VAULT_TOKEN: bed.secondary.rootToken,
    NODE_EXTRA_CA_CERTS: bed.caFile,
    ATOM_REGISTRY_USERNAME: bed.securedRegistry.username,
    ATOM_REGISTRY_PASSWORD: bed.securedRegistry.password,
    ATOM_TRUSTED_KEYS: join(project, "cosign.pub"),
    COSIGN_KEY_PATH: join(project, "cosign.pem"),
  };
}
