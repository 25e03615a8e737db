import { textTable } from "../support/text-table";
import type { Listener, StepEnd } from "../simulation/step";
import { STEPS } from "../simulation/step";
import type { Terminal } from "./terminal";

/** Shows a run's steps while it runs. {@link RunProgress.close} leaves the last state standing. */
export interface RunProgress extends Listener {
  close(): Promise<void>;
}

/** A live list on a terminal, plain lines elsewhere. */
export async function showProgress(terminal: Terminal): Promise<RunProgress> {
  return terminal.terminal ? liveProgress() : plainProgress(terminal);
}

function plainProgress(terminal: Terminal): RunProgress {
  return {
    started: ({ id, title }) => terminal.error(`${id} ${title} …\n`),
    progressed: ({ id, text }) => terminal.error(`${id}   ${text}\n`),
    ended: ({ id, outcome, summary, milliseconds }) =>
      terminal.error(`${id} ${outcome} in ${seconds(milliseconds)}: ${summary}\n`),
    close: () => Promise.resolve(),
  };
}

/** One task a step; each waits until the run says that its step has ended. */
async function liveProgress(): Promise<RunProgress> {
  const { Listr } = await import("listr2");
  const steps = STEPS.map((step) => ({ ...step, ...deferred<StepEnd>() }));
  const find = (id: string) => steps.find((step) => step.id === id)!;
  let write: (text: string) => void = () => undefined;
  const list = new Listr(
    steps.map(({ title, promise }) => ({
      title,
      task: async (_: unknown, task) => {
        write = (text) => (task.output = text);
        const { outcome, summary, milliseconds } = await promise;
        task.title = `${title}: ${summary} (${seconds(milliseconds)})`;
        if (outcome === "failed") throw new Error(summary);
      },
    })),
    {
      exitOnError: false,
      rendererOptions: { showErrorMessage: false, collapseErrors: false },
      // Its own ends the process with 127, and breaks where nothing is drawn yet.
      registerSignalListeners: false,
    },
  );
  const running = list.run().catch(() => undefined);
  return {
    progressed: ({ text }) => write(text),
    ended: (step) => find(step.id).resolve(step),
    close: async () => {
      // What is drawn after the end would stay on the screen.
      write = () => undefined;
      for (const { id, title, resolve } of steps) {
        resolve({ id, title, outcome: "failed", summary: "not reached", milliseconds: 0 });
      }
      await running;
    },
  };
}

/** The table that closes a run. */
export function closingTable(ends: readonly StepEnd[]): string {
  return textTable(
    ["step", "outcome", "seconds", "summary"],
    ends.map(({ id, title, outcome, milliseconds, summary }) => [
      `${id} ${title}`,
      outcome,
      (milliseconds / 1000).toFixed(2),
      summary,
    ]),
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
