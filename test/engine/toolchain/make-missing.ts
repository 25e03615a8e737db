import { readFileSync } from "node:fs";
import type { PartState } from "./locate";
import { makePart, partLog } from "./make-part";
import type { MakePartOptions } from "./make-part";

/** Lines of a failed part's log that are shown. */
const LAST_LINES = 15;

/** How making a part ended. */
export interface PartEnd {
  readonly outcome: "built" | "found" | "failed";
  readonly seconds: number;
}

export interface MakeMissingOptions extends Omit<MakePartOptions, "onWait"> {
  /** Told what happens, a line or some at a time without a line break at their end. */
  readonly report: (text: string) => void;
}

/**
 * Makes the parts that are missing. Those that Go compiles come one after another, because the compiler
 * takes every core by itself; downloads go on beside them, also one after another. A part that fails
 * does not stop the others.
 *
 * @returns how each part ended, by its name
 * @throws the signal's reason if it was aborted
 */
export async function makeMissing(
  missing: readonly PartState[],
  options: MakeMissingOptions,
): Promise<ReadonlyMap<string, PartEnd>> {
  const ends = new Map<string, PartEnd>();
  const inTurn = async (queue: readonly PartState[]) => {
    for (const { part } of queue) ends.set(part.name, await makeAndReport(part, options));
  };
  const compiled = ({ part }: PartState) => part.source.kind === "go programs";
  const queues = await Promise.allSettled([
    inTurn(missing.filter(compiled)),
    inTurn(missing.filter((state) => !compiled(state))),
  ]);
  for (const queue of queues) if (queue.status === "rejected") throw queue.reason;
  return ends;
}

async function makeAndReport(
  part: PartState["part"],
  { report, ...options }: MakeMissingOptions,
): Promise<PartEnd> {
  const title = `${part.name} ${part.version}`;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const onWait = (reason: string) => report(`${title}: waits, ${reason}`);
  options.signal.throwIfAborted();
  report(`${title}: starts`);
  try {
    const outcome = (await makePart(part, { ...options, onWait })) === "made" ? "built" : "found";
    const end = { outcome, seconds: seconds() } as const;
    report(`${title}: ${outcome} in ${end.seconds.toFixed(1)} s`);
    return end;
  } catch (error) {
    options.signal.throwIfAborted();
    report(
      `${title}: failed: ${(error as Error).message}\n${lastLines(partLog(options.cache, part))}`,
    );
    return { outcome: "failed", seconds: seconds() };
  }
}

function lastLines(log: string): string {
  const lines = readText(log).trimEnd().split("\n").slice(-LAST_LINES);
  return [...lines.map((line) => `    ${line}`), `  all of it: ${log}`].join("\n");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
