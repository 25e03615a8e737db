import * as pulumi from "@pulumi/pulumi";
import { disconnect, runInPulumiStack, setAllConfig, setMockOptions } from "@pulumi/pulumi/runtime";
import type { StackResource } from "../policy/graph/graph-from-resources";
import { Secret } from "../support/secret";
import type { StackOutputs } from "./recording-monitor";
import { RecordingMonitor, ROOT_TYPE } from "./recording-monitor";

export interface RecordOptions {
  /** @default "atom" */
  readonly project?: string;
  /** @default "stack" */
  readonly stack?: string;
  /**
   * Leave what only a real deployment can know unknown, as the engine's preview does.
   * @default true
   */
  readonly preview?: boolean;
  /** Stack configuration, keys with their project: `atom:fleet`. A {@link Secret} stays one. */
  readonly config?: Readonly<Record<string, string | Secret>>;
  /** What StackReferences find. @default none */
  readonly references?: StackOutputs;
}

/** What a Pulumi program asked the engine for, as the engine's preview of it has it. */
export interface RecordedStack {
  readonly project: string;
  readonly stack: string;
  /** Sorted by URN: the order of registration is not the same each time. Without the stack itself. */
  readonly resources: readonly StackResource[];
  /** The program's outputs, resolved. A secret output is a {@link Secret}, an unknown one undefined. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

export const ORGANIZATION = "organization";

// The SDK keeps its settings in the process, so one program runs at a time.
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a Pulumi program in this process, without an engine, a provider or a network, and records
 * every resource that it registers.
 *
 * @throws whatever the program throws.
 */
export function recordStack(
  program: () => Record<string, unknown> | void | Promise<Record<string, unknown> | void>,
  options: RecordOptions = {},
): Promise<RecordedStack> {
  const run = last.then(() => record(program, options));
  last = run.catch(() => undefined);
  return run;
}

async function record(
  program: () => Record<string, unknown> | void | Promise<Record<string, unknown> | void>,
  {
    project = "atom",
    stack = "stack",
    preview = true,
    config = {},
    references = {},
  }: RecordOptions,
): Promise<RecordedStack> {
  const monitor = new RecordingMonitor(references);
  setMockOptions(monitor, project, stack, preview, ORGANIZATION);
  setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [key, plain(value)])),
    Object.keys(config).filter((key) => config[key] instanceof Secret),
  );
  let outputs: Record<string, unknown> = {};
  let failure: { error: unknown } | undefined;
  // An error that leaves runInPulumiStack also leaves unhandled rejections behind.
  await runInPulumiStack(async () => {
    try {
      outputs = (await program()) ?? {};
    } catch (error) {
      failure = { error };
    }
  });
  await disconnect();
  if (failure) throw failure.error;
  if (monitor.failures.length > 0) throw new Error(monitor.failures.join("; "));
  const root = monitor.recorded.find(({ type }) => type === ROOT_TYPE)?.urn;
  return {
    project,
    stack,
    resources: [...monitor.recorded]
      .sort((a, b) => (a.urn < b.urn ? -1 : 1))
      .filter(({ type }) => type !== ROOT_TYPE)
      .map(({ parent, ...resource }) =>
        parent === undefined || parent === root ? resource : { ...resource, parent },
      ),
    outputs: await resolveOutputs(outputs),
  };
}

function plain(value: string | Secret): string {
  return value instanceof Secret ? value.reveal() : value;
}

async function resolveOutputs(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  const resolved = await Promise.all(
    Object.entries(outputs).map(
      async ([name, value]) => [name, await resolveOutput(value)] as const,
    ),
  );
  return Object.fromEntries(resolved);
}

async function resolveOutput(value: unknown): Promise<unknown> {
  const output = pulumi.output(value) as pulumi.Output<unknown> & {
    promise(): Promise<unknown>;
    isKnown: Promise<boolean>;
    isSecret: Promise<boolean>;
  };
  const [found, known, secret] = await Promise.all([
    output.promise(),
    output.isKnown,
    output.isSecret,
  ]);
  if (!known) return undefined;
  return secret ? Secret.of(typeof found === "string" ? found : JSON.stringify(found)) : found;
}
