import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isDnsSubdomain } from "../kubernetes/names";
import { createFileExclusive } from "../support/exclusive-file";
import { readStateFile } from "../support/state-file";

/**
 * Which node names have joined, so that a second machine cannot take a node over. A name is held by
 * the token it joined with until somebody allows a new key for it.
 */
export interface NodeNames {
  /** Id of the token that holds the name. */
  holder(cluster: string, node: string): string | undefined;
  /** Takes a name in one atomic step; true if this token holds it now. */
  take(cluster: string, node: string, tokenId: string): boolean;
  /** Frees a name: the next join with it gets a certificate. The explicit re-key; revokes nothing. */
  allowRekey(cluster: string, node: string): void;
}

/** Names for one process, forgotten with it: for simulations and tests. */
export class MemoryNodeNames implements NodeNames {
  readonly #holders = new Map<string, string>();

  holder(cluster: string, node: string): string | undefined {
    return this.#holders.get(`${cluster}/${node}`);
  }

  take(cluster: string, node: string, tokenId: string): boolean {
    if (this.holder(cluster, node) === undefined) this.#holders.set(`${cluster}/${node}`, tokenId);
    return this.holder(cluster, node) === tokenId;
  }

  allowRekey(cluster: string, node: string): void {
    this.#holders.delete(`${cluster}/${node}`);
  }
}

const KIND = {
  subject: "node name",
  version: 1,
  mend: "put the file back; deleting it allows another machine to take the name",
};
const fileSchema = z.strictObject({ version: z.literal(KIND.version), tokenId: z.string() });

/** Names in a folder, one file each: `<cluster>/<node>.name.json`. */
export class FileNodeNames implements NodeNames {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  holder(cluster: string, node: string): string | undefined {
    return readStateFile(this.#path(cluster, node), fileSchema, KIND)?.tokenId;
  }

  take(cluster: string, node: string, tokenId: string): boolean {
    const content = JSON.stringify({ version: KIND.version, tokenId });
    return (
      createFileExclusive(this.#path(cluster, node), `${content}\n`) ||
      this.holder(cluster, node) === tokenId
    );
  }

  allowRekey(cluster: string, node: string): void {
    rmSync(this.#path(cluster, node), { force: true });
  }

  #path(cluster: string, node: string): string {
    if (!isDnsSubdomain(cluster) || !isDnsSubdomain(node)) {
      throw new RangeError("cluster and node names are RFC 1123 subdomains");
    }
    return join(this.#folder, cluster, `${node}.name.json`);
  }
}
