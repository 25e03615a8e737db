import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isDigest } from "../support/digest";
import type { Digest } from "../support/digest";
import { packageRoot } from "../support/package-root";
import { parseJson } from "../support/parse-json";
import { planPlaybookRun } from "../support/playbook-run";
import type { PlaybookRun } from "../support/playbook-run";
import { UsageError } from "../support/problem";
import { unknownWord } from "../support/strict-schema";

export const playbookRequestSchema = z.strictObject({
  playbook: z.string(),
  argv: z.array(z.string()).min(1),
  planHash: z.custom<Digest>(isDigest, "is no sha256 digest"),
});

export type PlaybookRequest = z.infer<typeof playbookRequestSchema>;

/** What was typed to let a run change machines. */
export interface PlaybookConsent {
  readonly apply?: true;
  readonly confirm?: string;
}

const PROGRAM = "ansible-playbook";
const CHECK = ["--check", "--diff"];

/**
 * The run that a request stands for. The request is believed nothing: the run is planned again from
 * the parts of its arguments, and every argument has to be one that the planner writes.
 *
 * @throws UsageError for another program, another playbook, or any other argument; and for a run
 * without `--check` that was not confirmed.
 */
export function readPlaybookRun(request: PlaybookRequest, consent: PlaybookConsent): PlaybookRun {
  const { playbook, argv, planHash } = request;
  if (argv[0] !== PROGRAM) {
    throw refused("argv[0]", `is not ${PROGRAM}; no other program is started`);
  }
  const known = ownPlaybooks();
  if (!known.includes(playbook)) {
    throw refused("playbook", unknownWord("playbook", playbook, known));
  }
  const planned = planAgain(request);
  const asked = argv.slice(1).includes("--check") ? "check" : "apply";
  const expected = asked === "check" ? planned.argv : withoutCheck(planned.argv);
  const odd = argv.findIndex((argument, index) => argument !== expected[index]);
  if (odd !== -1 || argv.length !== expected.length) {
    throw refused(
      odd === -1 ? "argv" : `argv[${odd}]`,
      "is not as this package plans it",
      "plan the run again with this release",
    );
  }
  const confirmed = isConfirmed(planHash, consent);
  if (asked === "apply" && !confirmed) {
    throw refused(
      "argv",
      "has no --check, and the run was not confirmed",
      `type --apply --confirm ${planHash} once you have looked at the plan`,
    );
  }
  return confirmed
    ? { ...planned, planHash, mode: "apply", argv: withoutCheck(planned.argv) }
    : { ...planned, planHash };
}

function isConfirmed(planHash: Digest, { apply, confirm }: PlaybookConsent): boolean {
  if (apply === undefined && confirm === undefined) return false;
  if (apply !== undefined && confirm === planHash) return true;
  const message =
    apply === undefined
      ? "is missing; --confirm alone changes nothing"
      : confirm === undefined
        ? "needs --confirm with the plan's hash"
        : "is confirmed for another plan";
  throw refused("--apply", message, `this plan's hash is ${planHash}`);
}

/** Plans from the values of the arguments; what does not belong to a plan shows in the comparison. */
function planAgain({ playbook, argv }: PlaybookRequest): PlaybookRun {
  const valueOf = (flag: string) =>
    argv.find((argument) => argument.startsWith(flag))?.slice(flag.length);
  const inventory = valueOf("--inventory=");
  const limit = valueOf("--limit=");
  return planPlaybookRun({
    playbook,
    ...(inventory === undefined ? {} : { inventory }),
    ...(limit === undefined ? {} : { limit: limit.split(",") }),
    variables: ownVariables(valueOf("--extra-vars=")),
  });
}

/** The variables that a plan may set; the planner adds those that keep host keys checked. */
function ownVariables(json: string | undefined): Record<string, string> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(json ?? "{}"));
  return Object.fromEntries(
    Object.entries(parsed.data ?? {}).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith("atom_") && typeof entry[1] === "string",
    ),
  );
}

function ownPlaybooks(): string[] {
  return readdirSync(join(packageRoot(), "playbooks"))
    .filter((name) => name.endsWith(".yml"))
    .map((name) => `playbooks/${name}`)
    .sort();
}

function withoutCheck(argv: readonly string[]): string[] {
  return argv.filter((argument) => !CHECK.includes(argument));
}

function refused(path: string, message: string, mend?: string): UsageError {
  return new UsageError("playbook run", [
    mend === undefined ? { path, message } : { path, message, mend },
  ]);
}
