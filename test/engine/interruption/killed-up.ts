import { rmSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RecordedStack } from "../../../lib/simulation/record-stack";
import type { PulumiOptions, PulumiStack } from "../project/pulumi";
import type { Outcome } from "../project/run-command";

/** When a run is to be killed: as soon as either says so. */
export interface Moment {
  /** Asked with each resource that the run reports as created, under its {@link reportedNames}. */
  readonly created?: (resource: string) => boolean;
  /** Asked again and again while it runs. */
  readonly reached?: () => boolean | Promise<boolean>;
}

export interface InterruptedRun extends Outcome {
  readonly killed: boolean;
}

const POLL = 5;

/**
 * What a run calls the resources that it makes: `kubernetes:core/v1:Service acme-api`. A component is
 * there, for a run that goes on, from its first mention; what is read is not made.
 */
export function reportedNames({ resources }: RecordedStack): string[] {
  return resources
    .filter(({ type }) => !/^(atom|pulumi:pulumi):/.test(type))
    .map(({ type, name }) => `${type.replace(/\/\w+:(?=[A-Z]\w+$)/, shortened)} ${name}`);
}

/** `vault:index/mount:Mount` is shown as `vault:index:Mount`, but no version of an API is left out. */
function shortened(module: string): string {
  return /^\/v\d/.test(module) ? module : ":";
}

/** `pulumi up`, killed with all that it started at one moment, if that comes before its end. */
export async function upKilledWhen(
  stack: PulumiStack,
  { created = () => false, reached = () => false }: Moment,
  options: PulumiOptions = {},
): Promise<InterruptedRun> {
  const killer = new AbortController();
  const run = stack.up({
    policyPack: false,
    ...options,
    signal: AbortSignal.any([killer.signal, ...(options.signal ? [options.signal] : [])]),
    onLine: (line) => {
      const [, resource] = /^ \+ +(\S+ \S+) created \(/.exec(line) ?? [];
      if (resource !== undefined && !killer.signal.aborted && created(resource)) killer.abort();
    },
  });
  const ended = run.then(() => true);
  try {
    while (!killer.signal.aborted) {
      if (await Promise.race([ended, sleep(POLL, false)])) break;
      if (await reached()) killer.abort();
    }
  } catch (error) {
    // A run that nobody waits for would go on beside the next test.
    killer.abort();
    await run;
    throw error;
  }
  const outcome = await run;
  removeTornSideFile(stack);
  return { ...outcome, killed: killer.signal.aborted };
}

/**
 * Beside each state the file backend keeps a side file, which it writes in two steps. Cut off between
 * them it is empty, and the engine reads neither; `docs/testing.md` says what to do.
 */
function removeTornSideFile(stack: PulumiStack): void {
  const file = `${stack.stateFile()}.attrs`;
  if (statSync(file, { throwIfNoEntry: false })?.size === 0) rmSync(file);
}

/** Resources that a killed run had begun to make and not recorded. */
export function unrecorded(stack: PulumiStack): string[] {
  return operationsIn(stack)
    .filter(({ type }) => type === "creating")
    .map(({ resource }) => resource.urn);
}

interface Operation {
  readonly type: string;
  readonly resource: { readonly urn: string };
}

function operationsIn(stack: PulumiStack): readonly Operation[] {
  const text = stack.stateText();
  if (text === "") return [];
  const { checkpoint } = JSON.parse(text) as {
    checkpoint: { latest?: { pending_operations?: Operation[] } };
  };
  return checkpoint.latest?.pending_operations ?? [];
}
