import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { AnyRule } from "../../../lib/policy/evaluation/rule";
import type { ObjectCase, PartCase } from "../../policy/rule-cases";

interface Recorded<Case> {
  readonly rule: AnyRule;
  readonly cases: readonly Case[];
}

export interface RecordedCases {
  readonly objects: readonly Recorded<ObjectCase>[];
  readonly pods: readonly Recorded<PartCase>[];
  readonly containers: readonly Recorded<PartCase>[];
}

const FOLDER = join(__dirname, "../../policy/rules");

/**
 * The tables of cases in the unit tests of the rules, so that the API server is asked about what the
 * rules are asked about. The files are loaded; what else is in them makes no test and runs nothing.
 */
export async function recordedCases(): Promise<RecordedCases> {
  const objects: Recorded<ObjectCase>[] = [];
  const pods: Recorded<PartCase>[] = [];
  const containers: Recorded<PartCase>[] = [];
  vi.doMock("vitest", () => ({ describe: NOTHING, test: NOTHING, expect: NOTHING }));
  vi.doMock("../../policy/rule-cases", async (original) => ({
    ...(await original<object>()),
    describeObjectCases: (rule: AnyRule, cases: ObjectCase[]) => objects.push({ rule, cases }),
    describePodCases: (rule: AnyRule, cases: PartCase[]) => pods.push({ rule, cases }),
    describeContainerCases: (rule: AnyRule, cases: PartCase[]) => containers.push({ rule, cases }),
  }));
  for (const name of readdirSync(FOLDER).sort()) {
    const file = join(FOLDER, name);
    if (readFileSync(file, "utf8").includes("../rule-cases")) await import(file);
  }
  vi.doUnmock("vitest");
  vi.doUnmock("../../policy/rule-cases");
  return { objects, pods, containers };
}

/** Takes every call and every member, and does nothing. */
const NOTHING: unknown = new Proxy(() => undefined, { apply: () => NOTHING, get: () => NOTHING });
