import type { Problem } from "../../../lib/support/problem";
import { pinsFolder } from "./cache";
import type { Part, Source, VersionProbe } from "./part";
import { probeVersion } from "./probe-version";
import { searchPath } from "./search-path";
import type { ToolVersion } from "./tool-version";
import { parseVersion } from "./tool-version";

/** A program that parts are made with, and that we do not make. */
interface Prerequisite {
  readonly executable: string;
  readonly probe: VersionProbe;
  /** The first version that will do. */
  readonly least: ToolVersion;
  readonly mend: string;
}

const GO: Prerequisite = {
  executable: "go",
  probe: { arguments: ["version"], reads: /go version go(\S+)/ },
  least: { major: 1, minor: 26, patch: 0 },
  mend: "install Go and put it on PATH",
};

const PYTHON: Prerequisite = {
  executable: "python3",
  // Some systems pack venv and ensurepip apart.
  probe: {
    arguments: ["-c", "import ensurepip, sys, venv; print(*sys.version_info[:3], sep='.')"],
    reads: /^(\S+)$/,
  },
  least: { major: 3, minor: 11, patch: 0 },
  mend: "install Python with its venv module and put it on PATH",
};

const NPM: Prerequisite = {
  executable: "npm",
  probe: { arguments: ["--version"], reads: /^(\S+)$/ },
  least: { major: 9, minor: 0, patch: 0 },
  mend: "install Node with npm and put it on PATH",
};

const NEEDED_FOR: Readonly<Record<Source["kind"], Prerequisite>> = {
  "go programs": GO,
  "go files": GO,
  "python packages": PYTHON,
  "python files": PYTHON,
  "node runtime": NPM,
};

/** What is not there of that which these parts are made with; one problem for each program. */
export async function missingPrerequisites(
  parts: readonly Part[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Problem[]> {
  // Any part's folder will do: they all ask for the same Go, which Go itself may choose by their go.mod.
  const needed = new Map(parts.map((part) => [NEEDED_FOR[part.source.kind], pinsFolder(part)]));
  const problems = await Promise.all(
    [...needed].map(([prerequisite, folder]) => check(prerequisite, folder, environment)),
  );
  return problems.filter((problem) => problem !== undefined);
}

async function check(
  { executable, probe, least, mend }: Prerequisite,
  folder: string,
  environment: NodeJS.ProcessEnv,
): Promise<Problem | undefined> {
  const [path] = searchPath(executable, environment);
  const found = path && (await probeVersion(path, probe, environment, folder));
  const version = parseVersion(found ?? "");
  if (version !== undefined && isAtLeast(version, least)) return undefined;
  const what = path === undefined ? "is not on PATH" : `is ${found ?? "of no known version"}`;
  const allowed = `${least.major}.${least.minor} or later`;
  return { path: executable, message: `${what}; ${allowed} is needed`, mend };
}

function isAtLeast(version: ToolVersion, least: ToolVersion): boolean {
  if (version.major !== least.major) return version.major > least.major;
  return version.minor >= least.minor;
}
