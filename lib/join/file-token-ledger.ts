import { join } from "node:path";
import { z } from "zod";
import { canonicalJson } from "../support/canonical-json";
import type { Digest } from "../support/digest";
import { isDigest } from "../support/digest";
import { createFileExclusive } from "../support/exclusive-file";
import { readStateFile } from "../support/state-file";
import type { ParsedToken, TokenRecord } from "./token";
import { tokenMatches, tokenRecordSchema } from "./token";
import type { Reservation, ReservationEnd, ReserveResult, TokenLedger } from "./token-ledger";
import { repeated } from "./token-ledger";

const KIND = {
  subject: "join token ledger",
  version: 1,
  mend: "put the ledger's folder back from where it was; without it issue new tokens",
};
const reservationSchema: z.ZodType<Reservation> = z.strictObject({
  csrHash: z.custom<Digest>(isDigest, "is no sha256 digest"),
  reservedAt: z.iso.datetime(),
});
const endSchema: z.ZodType<ReservationEnd> = z.discriminatedUnion("outcome", [
  z.strictObject({ outcome: z.literal("issued"), certificatePem: z.string() }),
  z.strictObject({ outcome: z.literal("refused") }),
]);

type FileKind = "token" | "burnt" | "end";

/**
 * A ledger in a folder, for a gateway that restarts and for several that share a disk. For each token
 * it holds `<id>.token.json` and, as it is used, `<id>.burnt.json` and `<id>.end.json`. A file, once
 * there, never changes: creating `<id>.burnt.json` is what burns the token, and the file system lets
 * one caller do that. No file holds a token's secret.
 */
export class FileTokenLedger implements TokenLedger {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(record: TokenRecord): void {
    this.#create(record.id, "token", record);
  }

  reserve(token: ParsedToken, reservation: Reservation): ReserveResult {
    const { id } = token;
    const record = this.#read(id, "token", tokenRecordSchema);
    if (record === undefined || !tokenMatches(token, record)) {
      return { reserved: false, reason: "unknown" };
    }
    if (this.#create(id, "burnt", reservation)) {
      return { reserved: true, first: true, record, reservation };
    }
    const first = this.#read(id, "burnt", reservationSchema);
    if (first === undefined) return { reserved: false, reason: "used" };
    const end = this.#read(id, "end", endSchema);
    return repeated(token, reservation, { record, reservation: first }, end);
  }

  end(id: string, end: ReservationEnd): void {
    this.#create(id, "end", end);
  }

  #create(id: string, kind: FileKind, content: unknown): boolean {
    const file = { version: KIND.version, content };
    return createFileExclusive(this.#path(id, kind), `${canonicalJson(file)}\n`);
  }

  #read<T>(id: string, kind: FileKind, content: z.ZodType<T>): T | undefined {
    const schema = z.strictObject({ version: z.literal(KIND.version), content });
    return readStateFile(this.#path(id, kind), schema, KIND)?.content;
  }

  #path(id: string, kind: FileKind): string {
    if (!/^[0-9a-f]{16}$/.test(id)) throw new RangeError("a token id is 16 hexadecimal digits");
    return join(this.#folder, `${id}.${kind}.json`);
  }
}
