import type { VersionRange } from "./tool-version";

/**
 * What the engine tests need from outside of npm: one or more programs, or some files, made together
 * and pinned together.
 */
export interface Part {
  /** Names its folder in the cache. */
  readonly name: string;
  /** As its makers number it: `3.6.5`. */
  readonly version: string;
  /** Versions that are as good when they are on PATH. @default the same major, from the pinned minor on */
  readonly fits?: VersionRange;
  /** Programs that it brings. Empty for a part of files. */
  readonly tools: readonly Tool[];
  readonly source: Source;
}

export interface Tool {
  /** What the engine tests call it. */
  readonly name: string;
  /** File name of the program, on PATH and in the part's `bin/`. @default the tool's name */
  readonly executable?: string;
  /** How it tells its version. @default it does not, so only the pinned one is ever used */
  readonly probe?: VersionProbe;
}

export interface VersionProbe {
  readonly arguments: readonly string[];
  /** Finds the version on standard output; its first group is the version. Guards against a namesake. */
  readonly reads: RegExp;
}

/** How a part is made. Each one's `pins` is a folder beside this file, whose every file is in the part's key. */
export type Source = GoPrograms | GoFiles | PythonPackages | PythonFiles | NodeRuntime;

/** Main packages of Go modules, compiled here; `pins` has go.mod, go.sum and sometimes a main.go. */
export interface GoPrograms {
  readonly kind: "go programs";
  readonly pins: string;
  /** Path and version of the module that the part's version comes from, as in go.mod's `require`. */
  readonly module: string;
  /** Their last path element names the program. */
  readonly packages: readonly string[];
  /** String variables that the linker sets (`-X`), because upstream's release does so too. */
  readonly stamps: Readonly<Record<string, string>>;
}

/** Files as a Go module publishes them, put into the part's `share/`. */
export interface GoFiles {
  readonly kind: "go files";
  readonly pins: string;
  /** Path and version of the module, as in go.mod's `require`. */
  readonly module: string;
  /** Folder in the module that its files are named from. */
  readonly from: string;
  /** Path below `share/`, and the file in the module that it is a copy of. */
  readonly files: Readonly<Record<string, string>>;
}

/** Packages in a virtual environment of their own; `pins` has a requirements.txt with hashes. */
export interface PythonPackages {
  readonly kind: "python packages";
  readonly pins: string;
}

/** Files as a Python package publishes them, put into the part's `share/`; none of its code is run. */
export interface PythonFiles {
  readonly kind: "python files";
  /** Has a requirements.txt with hashes, of the one package. */
  readonly pins: string;
  /** Folder in site-packages that its files are named from. */
  readonly from: string;
  /** Path below `share/`, and the file in the package that it is a copy of. */
  readonly files: Readonly<Record<string, string>>;
}

/** A Node runtime from the npm package of this platform; `pins` has a package-lock.json with its integrity. */
export interface NodeRuntime {
  readonly kind: "node runtime";
  readonly pins: string;
}

/** File name of a tool's program. */
export function executableOf(tool: Tool): string {
  return tool.executable ?? tool.name;
}
