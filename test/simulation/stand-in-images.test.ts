import { expect, test } from "vitest";
import { OciLayout } from "../../lib/registry/layout/oci-layout";
import { resolveImages } from "../../lib/registry/mirror/resolve";
import { buildStandInImages, standInDeclarations } from "../../lib/simulation/stand-in-images";
import { sha256 } from "../../lib/support/digest";
import { tempFolder } from "../doubles/temp-folder";

test("every way to declare an image has a stand-in that its lock finds", async () => {
  const layout = new OciLayout(tempFolder());
  const images = standInDeclarations([
    { name: "by-tag", source: "ghcr.io/a/by-tag:1" },
    { name: "by-digest", source: `ghcr.io/a/by-digest@${sha256("x")}` },
    { name: "by-both", source: `ghcr.io/a/by-both:1@${sha256("x")}` },
    { name: "by-pattern", source: "ghcr.io/a/by-pattern", tags: { match: "7.?-*", newest: 3 } },
  ]);
  await buildStandInImages(images, () => layout);
  const lock = await resolveImages(images, () => layout);
  expect(lock.images.map(({ name, source }) => [name, source])).toEqual([
    ["by-both", "ghcr.io/a/by-both:1"],
    ["by-digest", "ghcr.io/a/by-digest:stand-in"],
    ["by-pattern", "ghcr.io/a/by-pattern:7.0-0"],
    ["by-tag", "ghcr.io/a/by-tag:1"],
  ]);
});
