import fc from "fast-check";
import { expect, test } from "vitest";
import { ArchiveDraft } from "../../../lib/registry/archive/archive-draft";
import { planGc } from "../../../lib/registry/gc/gc-plan";
import { OCI_INDEX, OCI_MANIFEST } from "../../../lib/registry/media-types";
import { sha256 } from "../../../lib/support/digest";
import type { Digest } from "../../../lib/support/digest";
import { blobOf, TARGET } from "../helpers";

const REPOSITORY = "atom/api";

/** A manifest of the model: what is below it, and what refers to it. */
interface Made {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly children: readonly Made[];
  readonly referrers: Made[];
}

/** A repository in memory, and beside it what it holds by a model that is not the code under test. */
class Model {
  readonly registry = new ArchiveDraft();
  readonly all: Made[] = [];

  /** By a number of any size. */
  at(number: number): Made {
    return this.all[number % this.all.length]!;
  }

  addImage(name: string): Promise<Made> {
    return this.#put(OCI_MANIFEST, { config: configOf(name), layers: [] });
  }

  addIndex(children: readonly Made[]): Promise<Made> {
    return this.#put(OCI_INDEX, { manifests: children.map(descriptorOf) }, children);
  }

  async addReferrer(subject: Made, name: string): Promise<void> {
    const content = { config: configOf(name), layers: [], subject: descriptorOf(subject) };
    subject.referrers.push(await this.#put(OCI_MANIFEST, content));
  }

  async tag({ mediaType, bytes }: Made, tag: string): Promise<void> {
    await this.registry.putManifest(REPOSITORY, tag, mediaType, bytes);
  }

  async #put(mediaType: string, content: object, children: readonly Made[] = []): Promise<Made> {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
    const digest = await this.registry.putManifest(REPOSITORY, sha256(bytes), mediaType, bytes);
    const known = this.all.find((each) => each.digest === digest);
    const made = known ?? { digest, mediaType, bytes, children, referrers: [] };
    if (known === undefined) this.all.push(made);
    return made;
  }
}

function configOf(name: string): object {
  const { digest, size } = blobOf(name);
  return { mediaType: "application/x", digest, size };
}

function descriptorOf({ digest, mediaType, bytes }: Made): object {
  return { digest, mediaType, size: bytes.length };
}

/** All that is reached from some manifests. */
function reached(from: readonly Made[], next: (made: Made) => readonly Made[]): Set<Made> {
  const found = new Set(from);
  // A set's iteration also visits what is added to it on the way.
  for (const made of found) for (const each of next(made)) found.add(each);
  return found;
}

const number = fc.nat(12);
const shape = fc.record({
  images: fc.integer({ min: 1, max: 4 }),
  indexes: fc.array(fc.array(number, { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
  referrers: fc.array(number, { maxLength: 5 }),
  tagged: fc.array(number, { maxLength: 5 }),
  used: fc.array(number, { maxLength: 3 }),
});

test("what has a tag goes with all that hangs on it, less all that hangs on what is used", async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ images, indexes, referrers, tagged, used }) => {
      const model = new Model();
      for (let image = 0; image < images; image += 1) await model.addImage(`image ${image}`);
      for (const names of indexes) await model.addIndex(names.map((name) => model.at(name)));
      for (const [at, name] of referrers.entries()) {
        await model.addReferrer(model.at(name), `referrer ${at}`);
      }
      for (const [at, name] of tagged.entries()) await model.tag(model.at(name), `tag-${at}`);

      const named = used.map((name) => model.at(name));
      const roots = tagged.map((name) => model.at(name));
      const stay = roots.filter((root) =>
        [...reached([root], ({ children }) => children)].some((each) => named.includes(each)),
      );
      const hanging = ({ children, referrers }: Made) => [...children, ...referrers];
      const needed = reached([...named, ...stay], hanging);
      const expected = [...reached(roots, hanging)].filter((made) => !needed.has(made));

      const { plan } = await planGc({
        target: TARGET,
        client: model.registry,
        repositories: [REPOSITORY],
        used: { digests: new Set(named.map(({ digest }) => digest)), tags: new Set() },
      });
      expect(plan.deletions.map(({ digest }) => digest).sort()).toEqual(
        expected.map(({ digest }) => digest).sort(),
      );
    }),
    { numRuns: 500 },
  );
});
