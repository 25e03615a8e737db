import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openArchive } from "../../../lib/registry/archive/archive";
import { blobPath } from "../../../lib/registry/layout/layout-files";
import { OciLayout } from "../../../lib/registry/layout/oci-layout";
import { applyMirror } from "../../../lib/registry/mirror/apply";
import type { RegistryClient } from "../../../lib/registry/registry-client";
import { RegistryError } from "../../../lib/registry/registry-error";
import { systemClock } from "../../../lib/support/clock";
import { sha256 } from "../../../lib/support/digest";
import { tempFolder } from "../../doubles/temp-folder";
import { filesBelow } from "../helpers";
import { LAYER, SOUND, STRANGE_IMAGES } from "./strange-images";
import type { StrangeManifest } from "./strange-images";
import { writeLayout } from "./strange-layout";
import { planOf, STRANGE_REPOSITORY, STRANGE_SOURCE } from "./strange-plan";

/** The ways in which a folder is read as a source: by the name of an entry. */
const SOURCES: Readonly<Record<string, { readonly name: string; readonly open: Open }>> = {
  "an OCI layout": {
    name: `${STRANGE_REPOSITORY}:1`,
    open: (folder) => Promise.resolve(new OciLayout(folder)),
  },
  "an archive": {
    name: STRANGE_SOURCE,
    open: async (folder) => (await openArchive(folder)).registry("ghcr.io"),
  },
};
type Open = (folder: string) => Promise<RegistryClient>;

describe.each(Object.keys(SOURCES))("a copy from %s", (kind) => {
  const { name, open } = SOURCES[kind]!;

  /** Copies what lies in a folder, and says how that ended and what there is then. */
  async function copy(folder: string, root: StrangeManifest) {
    const target = new OciLayout(tempFolder());
    const ending = await ended(folder, root, target);
    const files = filesBelow(target.folder).filter((path) => !path.startsWith("blobs/"));
    return { ...ending, files, tag: await target.headManifest("atom/image", "1") };
  }

  async function ended(folder: string, root: StrangeManifest, target: OciLayout) {
    try {
      const source = await open(folder);
      const plan = planOf(root, "atom/image");
      const { state } = await applyMirror(plan, {
        sourceOf: () => source,
        target,
        clock: systemClock,
      });
      const { outcome, failure, cause } = state.images[0]!;
      return { ending: failure ?? outcome, cause };
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return { ending: error.failure, cause: error.message };
    }
  }

  test("goes through", async () => {
    const folder = tempFolder();
    writeLayout(folder, name, [SOUND]);
    expect(await copy(folder, SOUND)).toMatchObject({ ending: "copied", tag: SOUND.digest });
  });

  test.each(STRANGE_IMAGES.map((image) => [image.name, image] as const))(
    "fails for %s",
    async (_, { manifests, gone, failure, says }) => {
      const folder = tempFolder();
      const all = manifests();
      writeLayout(
        folder,
        name,
        all.filter(({ digest }) => digest !== gone),
      );
      expect(await copy(folder, all.at(-1)!)).toEqual({
        ending: failure,
        cause: expect.stringMatching(says) as string,
        files: [],
        tag: undefined,
      });
    },
  );

  test.each([
    ["blob", sha256(LAYER)],
    ["manifest", SOUND.digest],
  ])("R12 fails for a %s that was changed on the disk", async (_, digest) => {
    const folder = tempFolder();
    writeLayout(folder, name, [SOUND]);
    const path = join(folder, blobPath(digest));
    const changed = readFileSync(path);
    changed[9]! ^= 1;
    writeFileSync(path, changed);
    expect(await copy(folder, SOUND)).toEqual({
      ending: "corrupt",
      cause: `${digest} has the content of ${sha256(changed)}`,
      files: [],
      tag: undefined,
    });
  });
});
