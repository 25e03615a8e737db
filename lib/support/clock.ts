/** Where the time comes from. Planners and state files take one, so that a simulation has its own. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that moves only when it is told to. */
export class SimulatedClock implements Clock {
  #milliseconds: number;

  constructor(start: Date) {
    this.#milliseconds = start.getTime();
  }

  now(): Date {
    return new Date(this.#milliseconds);
  }

  /** Moves the clock forward, or back for a negative number (clocks do jump). */
  advance(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }
}
