import { inspect } from "node:util";

/** What every secret prints as. */
export const REDACTED = "<REDACTED>";

/**
 * A value that cannot be printed by accident: string, template, JSON, `util.inspect` and error
 * messages all give {@link REDACTED}. Only {@link Secret.reveal} gives the value.
 */
export class Secret {
  readonly #value: string;

  private constructor(value: string) {
    this.#value = value;
  }

  static of(value: string): Secret {
    return new Secret(value);
  }

  /** The value itself. Call it where the value leaves for its one consumer, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
