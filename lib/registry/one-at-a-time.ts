/** Lets one piece of work of each name be under way at a time, in the order in which they come. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param work must not ask for a turn of the same name. */
  run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const turn = before.then(work);
    // A failure is its caller's to hear of; the next one still has its turn.
    const ended = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.#last.get(name) === ended) this.#last.delete(name);
      });
    this.#last.set(name, ended);
    return turn;
  }
}
