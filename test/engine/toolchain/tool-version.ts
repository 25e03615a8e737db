/** A version's numbers; whatever follows them (a pre-release, a build) is left out. */
export interface ToolVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Versions of one major, from a minor on. */
export interface VersionRange {
  readonly major: number;
  readonly minor: number;
  /** The last one that fits. @default every later minor of the major does */
  readonly lastMinor?: number;
}

const VERSION = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d.])/;

/** @returns undefined for a text that does not begin with two or three numbers */
export function parseVersion(text: string): ToolVersion | undefined {
  const [, major, minor, patch] = VERSION.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return { major: Number(major), minor: Number(minor), patch: Number(patch ?? 0) };
}

export function fits(version: ToolVersion, range: VersionRange): boolean {
  const { major, minor, lastMinor = Infinity } = range;
  return version.major === major && version.minor >= minor && version.minor <= lastMinor;
}

/** The same major, from this version's minor on: what a pinned version stands for if nothing else is said. */
export function sameMajorFrom(version: string): VersionRange {
  const { major, minor } = expectVersion(version);
  return { major, minor };
}

/** Any patch of one minor. */
export function exactMinor(version: string): VersionRange {
  const { major, minor } = expectVersion(version);
  return { major, minor, lastMinor: minor };
}

function expectVersion(version: string): ToolVersion {
  const parsed = parseVersion(version);
  if (parsed === undefined) throw new Error(`'${version}' is no version`);
  return parsed;
}
