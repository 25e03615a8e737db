import { existsSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { writeFileAtomic, writeJsonAtomic } from "../../support/atomic-file";
import type { Digest } from "../../support/digest";
import { parseJson } from "../../support/parse-json";
import type { Descriptor } from "../manifest";
import { OCI_INDEX } from "../media-types";
import { RegistryError } from "../registry-error";
import {
  LAYOUT_INDEX,
  LAYOUT_MARKER,
  layoutIndexSchema,
  layoutMarker,
  layoutMarkerSchema,
  REF_NAME,
} from "./layout-files";

/** What {@link writeFileAtomic} leaves beside its file if it is killed. */
const REST = /^(index\.json|oci-layout)\.[0-9a-f]+\.tmp$/;

/**
 * The two files that make a folder an OCI layout: the marker `oci-layout` and the list of tagged
 * manifests, `index.json`. Entries are named `repository:tag`, so that one folder holds many
 * repositories. A change reads the list and writes it whole: the caller lets one happen at a time.
 * Source: OCI image-spec image-layout.md (1.1).
 */
export class LayoutIndex {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async find(repository: string, tag: string): Promise<Descriptor | undefined> {
    const name = `${repository}:${tag}`;
    return (await this.entries()).find((entry) => nameOf(entry) === name);
  }

  /** The tags of a repository, in their order. */
  async tags(repository: string): Promise<string[]> {
    const names = (await this.entries()).map(nameOf);
    const prefix = `${repository}:`;
    return names
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .sort();
  }

  /** Every tagged manifest, of all repositories; none if the folder is no layout yet. */
  async entries(): Promise<Descriptor[]> {
    const marker = await this.#read(LAYOUT_MARKER, layoutMarkerSchema);
    if (marker === undefined) return [];
    return (await this.#read(LAYOUT_INDEX, layoutIndexSchema))?.manifests ?? [];
  }

  /** Lets a tag stand for a manifest. */
  async set(
    repository: string,
    tag: string,
    { mediaType, digest, size }: Descriptor,
  ): Promise<void> {
    const name = `${repository}:${tag}`;
    const entry = { mediaType, digest, size, annotations: { [REF_NAME]: name } };
    const others = (await this.entries()).filter((other) => nameOf(other) !== name);
    this.#write([...others, entry]);
  }

  /** Takes every tag of a repository away that stands for a manifest. @returns whether there was one. */
  async remove(repository: string, digest: Digest): Promise<boolean> {
    const prefix = `${repository}:`;
    const entries = await this.entries();
    const others = entries.filter(
      (entry) => entry.digest !== digest || !nameOf(entry).startsWith(prefix),
    );
    if (others.length === entries.length) return false;
    this.#write(others);
    return true;
  }

  #write(manifests: readonly Descriptor[]): void {
    this.#sweep();
    const marker = join(this.#root, LAYOUT_MARKER);
    // The list was read before, and with it a marker that is there.
    if (!existsSync(marker)) writeFileAtomic(marker, `${JSON.stringify(layoutMarker())}\n`);
    writeJsonAtomic(join(this.#root, LAYOUT_INDEX), {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [...manifests].sort(byName),
    });
  }

  /** Removes what a process left that was killed while it wrote: whoever changes the list is alone. */
  #sweep(): void {
    const names = existsSync(this.#root) ? readdirSync(this.#root) : [];
    for (const name of names) if (REST.test(name)) rmSync(join(this.#root, name), { force: true });
  }

  async #read<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.#root, file), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const result = schema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw new RegistryError(
      "refused",
      `${join(this.#root, file)} is not understood; move the folder away and mirror again`,
    );
  }
}

function nameOf(entry: Descriptor): string {
  return entry.annotations?.[REF_NAME] ?? "";
}

function byName(a: Descriptor, b: Descriptor): number {
  const [first, second] = [sortKey(a), sortKey(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

function sortKey(entry: Descriptor): string {
  return `${nameOf(entry)} ${entry.digest}`;
}
