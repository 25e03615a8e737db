import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FillPart } from "../engine/toolchain/fill-part";
import type { Part } from "../engine/toolchain/part";

/** A part like the real ones, with a program that {@link fillSample} makes in no time. */
export const SAMPLE_PART: Part = {
  name: "sample",
  version: "1.2.3",
  tools: [{ name: "sample", probe: { arguments: ["--version"], reads: /^sample v(\S+)/ } }],
  source: {
    kind: "go programs",
    pins: "go/etcd",
    module: "example.test/sample v1.2.3",
    packages: ["example.test/sample"],
    stamps: {},
  },
};

/** A program that prints a line whatever it is asked. */
export function writeProgram(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${line}'\n`);
  chmodSync(path, 0o755);
}

export const fillSample: FillPart = (part, folder) => {
  writeProgram(join(folder, "bin", part.name), `${part.name} v${part.version}`);
  return Promise.resolve();
};
