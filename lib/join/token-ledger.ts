import type { Digest } from "../support/digest";
import type { ParsedToken, TokenRecord } from "./token";
import { tokenMatches } from "./token";

/** A burnt token: which certificate request it was spent on, and when. */
export interface Reservation {
  readonly csrHash: Digest;
  /** ISO 8601, UTC. */
  readonly reservedAt: string;
}

/** How a reservation ended. Open ones, after a crash, have no end. */
export type ReservationEnd =
  { readonly outcome: "issued"; readonly certificatePem: string } | { readonly outcome: "refused" };

export type ReserveResult =
  /** `first` for the one call that burnt the token; a later one with the same request is a retry. */
  | {
      readonly reserved: true;
      readonly first: boolean;
      readonly record: TokenRecord;
      readonly reservation: Reservation;
      readonly end?: ReservationEnd;
    }
  | { readonly reserved: false; readonly reason: "unknown" | "used" };

/**
 * Which tokens were issued and which are burnt. A token is burnt in one atomic step by the first
 * call that presents it, whatever comes of that call; nothing makes it good again.
 */
export interface TokenLedger {
  /** Adds an issued token. Adding a burnt one again changes nothing. */
  add(record: TokenRecord): void;
  /** Burns a token for a certificate request. Only the holder of the secret can burn it. */
  reserve(token: ParsedToken, reservation: Reservation): ReserveResult;
  /** Ends the reservation of a burnt token; the first end stands. */
  end(id: string, end: ReservationEnd): void;
}

/** A ledger for one process, forgotten with it: for simulations and tests. */
export class MemoryTokenLedger implements TokenLedger {
  readonly #open = new Map<string, TokenRecord>();
  readonly #burnt = new Map<string, { record: TokenRecord; reservation: Reservation }>();
  readonly #ends = new Map<string, ReservationEnd>();

  add(record: TokenRecord): void {
    if (!this.#burnt.has(record.id)) this.#open.set(record.id, record);
  }

  reserve(token: ParsedToken, reservation: Reservation): ReserveResult {
    const record = this.#open.get(token.id);
    if (record !== undefined) {
      if (!tokenMatches(token, record)) return { reserved: false, reason: "unknown" };
      // No await between the look-up and here: in one process that is the atomic step.
      this.#open.delete(token.id);
      this.#burnt.set(token.id, { record, reservation });
      return { reserved: true, first: true, record, reservation };
    }
    const burnt = this.#burnt.get(token.id);
    if (burnt === undefined) return { reserved: false, reason: "unknown" };
    return repeated(token, reservation, burnt, this.#ends.get(token.id));
  }

  end(id: string, end: ReservationEnd): void {
    if (!this.#ends.has(id)) this.#ends.set(id, end);
  }
}

/** What a burnt token still gives: its own answer again, to the same request only. */
export function repeated(
  token: ParsedToken,
  asked: Reservation,
  burnt: { readonly record: TokenRecord; readonly reservation: Reservation },
  end: ReservationEnd | undefined,
): ReserveResult {
  if (!tokenMatches(token, burnt.record)) return { reserved: false, reason: "unknown" };
  if (asked.csrHash !== burnt.reservation.csrHash) return { reserved: false, reason: "used" };
  return { reserved: true, first: false, ...burnt, ...(end === undefined ? {} : { end }) };
}
