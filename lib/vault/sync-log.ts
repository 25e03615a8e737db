import { z } from "zod";
import { canonicalJson } from "../support/canonical-json";
import type { Clock } from "../support/clock";
import { isDigest, sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { UsageError } from "../support/problem";

/** What happened to one path: no value, and no hash of one. */
export interface SyncEvent {
  /** `write`, `remove`, `sign`, `verify` and so on. */
  readonly action: string;
  readonly path: string;
  /** The version concerned, or null for the secret as a whole. */
  readonly version: number | null;
  /** `DONE`, `VERIFIED`, or why not: `FORBIDDEN`, `HELD`, `SYNC_SIMULATED`. */
  readonly outcome: string;
}

/** One line of the log. */
export interface SyncLogEntry extends SyncEvent {
  /** From 1. */
  readonly seq: number;
  readonly at: string;
  /** The hash of the line before; of zeros for the first. */
  readonly previous: Digest;
  /** Over the canonical JSON of all other fields, so that no line can be changed or taken out unseen. */
  readonly hash: Digest;
}

/** What a check of a log found. */
export type SyncLogCheck =
  | { readonly intact: true; readonly entries: readonly SyncLogEntry[] }
  /** The first line that is not as it was written, from 1. */
  | { readonly intact: false; readonly line: number; readonly reason: string };

const GENESIS: Digest = `sha256:${"0".repeat(64)}`;

const digest = z.custom<Digest>(isDigest);
const entrySchema = z.strictObject({
  seq: z.int().positive(),
  at: z.iso.datetime(),
  action: z.string(),
  path: z.string(),
  version: z.int().positive().nullable(),
  outcome: z.string(),
  previous: digest,
  hash: digest,
});

/**
 * An audit log of JSON lines in which each line carries the hash of the one before. The same clock
 * and events give the same text. It shows a changed, missing or added line in the middle; lines
 * cut off at the end show only to who kept the last hash.
 */
export class SyncLog {
  readonly #clock: Clock;
  readonly #lines: string[];
  readonly #sink: (line: string) => void;
  #last: Digest;

  /**
   * @param text the log so far.
   * @param sink takes each new line, its newline included, before it counts as written.
   * @throws UsageError naming the first broken line of `text`.
   */
  constructor(clock: Clock, text = "", sink: (line: string) => void = () => undefined) {
    const check = verifySyncLog(text);
    if (!check.intact) {
      const message = `is broken: ${check.reason}`;
      const mend = "keep the file as evidence, and start a new one";
      throw new UsageError("Vault sync log", [{ path: "", line: check.line, message, mend }]);
    }
    this.#clock = clock;
    this.#sink = sink;
    this.#lines = text.split("\n").filter((line) => line !== "");
    this.#last = check.entries.at(-1)?.hash ?? GENESIS;
  }

  append({ action, path, version, outcome }: SyncEvent): void {
    const seq = this.#lines.length + 1;
    const at = this.#clock.now().toISOString();
    const entry = { seq, at, action, path, version, outcome, previous: this.#last };
    const hash = hashOf(entry);
    const line = JSON.stringify({ ...entry, hash });
    this.#sink(`${line}\n`);
    this.#lines.push(line);
    this.#last = hash;
  }

  /** The whole log. */
  get text(): string {
    return this.#lines.map((line) => `${line}\n`).join("");
  }
}

/** Checks that every line of a log is as it was written, and names the first that is not. */
export function verifySyncLog(text: string): SyncLogCheck {
  const lines = text.split("\n");
  const rest = lines.pop();
  const entries: SyncLogEntry[] = [];
  for (const [index, line] of lines.entries()) {
    const entry = parseLine(line);
    const reason = entry === undefined ? "it is no log line" : lineFault(entry, entries.at(-1));
    if (entry === undefined || reason !== undefined) {
      return { intact: false, line: index + 1, reason: reason ?? "" };
    }
    entries.push(entry);
  }
  return rest === ""
    ? { intact: true, entries }
    : { intact: false, line: lines.length + 1, reason: "it has no end" };
}

function lineFault(entry: SyncLogEntry, before: SyncLogEntry | undefined): string | undefined {
  const { hash, ...fields } = entry;
  if (entry.seq !== (before?.seq ?? 0) + 1) return "its number does not follow the line before";
  if (entry.previous !== (before?.hash ?? GENESIS))
    return "the line before is not the one it followed";
  return hash === hashOf(fields) ? undefined : "its hash does not fit its content";
}

function parseLine(line: string): SyncLogEntry | undefined {
  try {
    const entry = entrySchema.parse(JSON.parse(line));
    // Exactly the bytes that were written: doubled keys and blanks would pass otherwise.
    return JSON.stringify(entry) === line ? entry : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(entry: Omit<SyncLogEntry, "hash">): Digest {
  return sha256(canonicalJson(entry));
}
