import { performance } from "node:perf_hooks";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Redactor } from "../support/redactor";
import { RunLog } from "../support/run-log";

/** The parts of a run, in their order; the ids name its logs and reports. */
export const STEPS = [
  { id: "G.3.1", title: "cluster bootstrap" },
  { id: "G.3.2", title: "registry mirror" },
  { id: "G.3.3", title: "vault sync" },
  { id: "G.3.4", title: "helm orchestrator" },
  { id: "G.3.5", title: "node join" },
  { id: "G.3.6", title: "policy monitor" },
  { id: "G.3", title: "daemons and health" },
] as const;

export type StepId = (typeof STEPS)[number]["id"];

/** How a step ended. A warning leaves the run's exit code alone. */
export type StepOutcome = "ok" | "warning" | "failed";

export interface StepEnd {
  readonly id: StepId;
  readonly title: string;
  readonly outcome: StepOutcome;
  /** One line for a person. */
  readonly summary: string;
  readonly milliseconds: number;
}

/** What a run tells while it runs. */
export interface Listener {
  started?(step: { readonly id: StepId; readonly title: string }): void;
  progressed?(step: { readonly id: StepId; readonly text: string }): void;
  ended?(step: StepEnd): void;
}

/** What a step is given to tell how it goes. */
export interface StepContext {
  readonly log: Logger;
  readonly progress: (text: string) => void;
}

/** What a step gives back: its result, and how it ended. */
export interface StepReport<Result> {
  readonly result: Result;
  readonly outcome: StepOutcome;
  readonly summary: string;
}

/** Runs steps one after another, each with its own log, and keeps how each ended. */
export class StepRunner {
  readonly ends: StepEnd[] = [];
  /** The log of the whole run. */
  readonly runLog: RunLog;
  readonly #listener: Listener;
  readonly #redactor: Redactor;
  readonly #logs: string;
  readonly #signal: AbortSignal | undefined;

  constructor(options: {
    readonly listener: Listener;
    readonly redactor: Redactor;
    readonly logs: string;
    readonly signal?: AbortSignal | undefined;
  }) {
    this.#listener = options.listener;
    this.#redactor = options.redactor;
    this.#logs = options.logs;
    this.#signal = options.signal;
    this.runLog = new RunLog(options.redactor);
  }

  /** The log is written also when the step throws. */
  async run<Result>(
    id: StepId,
    action: (context: StepContext) => Promise<StepReport<Result>>,
  ): Promise<Result> {
    this.#signal?.throwIfAborted();
    const { title } = STEPS.find((step) => step.id === id)!;
    const log = new RunLog(this.#redactor);
    const start = performance.now();
    this.#listener.started?.({ id, title });
    this.runLog.logger.info({ step: id }, `${title} started`);
    const progress = (text: string) => {
      log.logger.info(text);
      this.#listener.progressed?.({ id, text: this.#redactor.redact(text) });
    };
    const end = (outcome: StepOutcome, text: string) => {
      const summary = this.#redactor.redact(text);
      const milliseconds = Math.round(performance.now() - start);
      this.ends.push({ id, title, outcome, summary, milliseconds });
      this.runLog.logger.info({ step: id, outcome, milliseconds }, summary);
      this.#listener.ended?.(this.ends.at(-1)!);
    };
    try {
      const { result, outcome, summary } = await action({ log: log.logger, progress });
      end(outcome, summary);
      return result;
    } catch (error) {
      end("failed", error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      if (id !== "G.3") log.writeTo(join(this.#logs, `${id}.log`));
    }
  }
}
