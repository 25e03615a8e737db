import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "../support/atomic-file";
import { descriptorSchema } from "./manifest";
import type { Descriptor } from "./manifest";
import { OCI_INDEX } from "./media-types";
import { RegistryError } from "./registry-error";

/** Annotation that names an entry of `index.json`. Source: OCI image-spec annotations.md. */
export const REF_NAME = "org.opencontainers.image.ref.name";

const MARKER = "oci-layout";
const VERSION = "1.0.0";

const markerSchema = z.object({ imageLayoutVersion: z.literal(VERSION) });
const indexSchema = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) });

/**
 * The two files that make a folder an OCI layout: the marker `oci-layout` and the list of tagged
 * manifests, `index.json`. Entries are named `repository:tag`, so that one folder holds many
 * repositories. Source: OCI image-spec image-layout.md (1.1).
 */
export class LayoutIndex {
  readonly #root: string;
  #lastChange: Promise<void> = Promise.resolve();

  constructor(root: string) {
    this.#root = root;
  }

  async find(repository: string, tag: string): Promise<Descriptor | undefined> {
    const name = `${repository}:${tag}`;
    return (await this.#entries()).find((entry) => entry.annotations?.[REF_NAME] === name);
  }

  /** Lets a tag stand for a manifest; changes of one process wait for each other. */
  set(repository: string, tag: string, { mediaType, digest, size }: Descriptor): Promise<void> {
    const name = `${repository}:${tag}`;
    const entry = { mediaType, digest, size, annotations: { [REF_NAME]: name } };
    const change = this.#lastChange.then(async () => {
      const others = (await this.#entries()).filter((e) => e.annotations?.[REF_NAME] !== name);
      this.#write([...others, entry].sort(byName));
    });
    // A failed change is its caller's to hear of; the next one still has its turn.
    this.#lastChange = change.catch(() => undefined);
    return change;
  }

  async #entries(): Promise<Descriptor[]> {
    const marker = await this.#read(MARKER, markerSchema);
    if (marker === undefined) return [];
    return (await this.#read("index.json", indexSchema))?.manifests ?? [];
  }

  #write(manifests: readonly Descriptor[]): void {
    writeFileAtomic(join(this.#root, MARKER), `{"imageLayoutVersion":"${VERSION}"}\n`);
    writeJsonAtomic(join(this.#root, "index.json"), {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests,
    });
  }

  async #read<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.#root, file), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const result = schema.safeParse(parseOrUndefined(text));
    if (result.success) return result.data;
    throw new RegistryError(
      "refused",
      `${join(this.#root, file)} is not understood; move the folder away and mirror again`,
    );
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function byName(a: Descriptor, b: Descriptor): number {
  const [first, second] = [sortKey(a), sortKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function sortKey(entry: Descriptor): string {
  return `${entry.annotations?.[REF_NAME] ?? ""} ${entry.digest}`;
}
