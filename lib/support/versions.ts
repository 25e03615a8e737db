import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "./package-root";

/** The release of ATOM Cloud whose services, images and chart this library was made for. */
export const ATOM_RELEASE = "7.2.0";

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** This library's own version, and those of the parts that it was built with. */
export function packageVersions(): Readonly<Record<string, string>> {
  const text = readFileSync(join(packageRoot(), "package.json"), "utf8");
  const {
    name,
    version,
    peerDependencies = {},
    devDependencies = {},
  } = JSON.parse(text) as PackageFile;
  const parts = Object.keys(peerDependencies).map(
    (part) => [part, devDependencies[part] ?? peerDependencies[part]!] as const,
  );
  return Object.fromEntries([[name, version], ...parts]);
}
