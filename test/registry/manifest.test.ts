import { describe, expect, test } from "vitest";
import { manifestMediaType, parseManifest } from "../../lib/registry/manifest";
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "../../lib/registry/media-types";
import { sha256 } from "../../lib/support/digest";

const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: sha256("l"), size: 1 };
const config = {
  mediaType: "application/vnd.oci.image.config.v1+json",
  digest: sha256("c"),
  size: 1,
};
const image = { schemaVersion: 2, config, layers: [layer] };

function parse(value: unknown, mediaType = OCI_MANIFEST) {
  const bytes = Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
  return parseManifest(bytes, mediaType, "atom/api");
}

describe("parseManifest", () => {
  test("reads an image and an index", () => {
    expect(parse(image)).toEqual({ kind: "image", ...image });
    const index = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [layer] };
    expect(parse(index, OCI_INDEX)).toEqual({ kind: "index", ...index });
  });

  test.each([
    ["both kinds at once", { ...image, manifests: [] }, "is a manifest and an index at once"],
    [
      "another media type than it was served with",
      { ...image, mediaType: DOCKER_MANIFEST },
      "says another media type",
    ],
    ["schema 1", { ...image, schemaVersion: 1 }, "is no valid manifest: schemaVersion"],
    ["no JSON", "{", "is not JSON"],
    ["a list", [], "is no JSON object"],
    ["nothing", "", "is not JSON"],
    [
      "R5 sha512",
      { ...image, layers: [{ ...layer, digest: `sha512:${"0".repeat(128)}` }] },
      "is no valid manifest: layers.0.digest: is no digest of sha256",
    ],
    [
      "R5 upper-case hex",
      { ...image, layers: [{ ...layer, digest: sha256("l").toUpperCase() }] },
      "is no valid manifest: layers.0.digest: is no digest of sha256",
    ],
    [
      "R6 a negative size",
      { ...image, layers: [{ ...layer, size: -1 }] },
      "is no valid manifest: layers.0.size",
    ],
    [
      "R6 a size beyond what is exact",
      { ...image, layers: [{ ...layer, size: 2 ** 60 }] },
      "is no valid manifest: layers.0.size",
    ],
    [
      "R6 a foreign layer",
      {
        ...image,
        layers: [
          {
            ...layer,
            mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            urls: ["http://169.254.169.254/"],
          },
        ],
      },
      "has the foreign layer",
    ],
    [
      "R6 a layer that is not to be distributed",
      {
        ...image,
        layers: [
          { ...layer, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar" },
        ],
      },
      "has the foreign layer",
    ],
    [
      "R6 100000 descriptors",
      { ...image, layers: Array.from({ length: 100_000 }, () => layer) },
      "is above 4194304 bytes",
    ],
  ])("fails for %s", (_, value, message) => {
    expect(() => parse(value)).toThrow(`atom/api ${message}`);
  });

  test("fails for a media type that is not copied", () => {
    expect(() => parse(image, "text/html")).toThrow('has the media type "text/html"');
  });
});

test("manifestMediaType tells the kind from the content where it is not written", () => {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  expect(manifestMediaType(bytes(image), "x")).toBe(OCI_MANIFEST);
  expect(manifestMediaType(bytes({ manifests: [] }), "x")).toBe(OCI_INDEX);
  expect(manifestMediaType(bytes({ mediaType: "a" }), "x")).toBe("a");
  expect(() => manifestMediaType(bytes({}), "x")).toThrow("is no manifest");
});
