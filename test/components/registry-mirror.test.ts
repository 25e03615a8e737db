import { beforeAll, describe, expect, test } from "vitest";
import { AtomCluster } from "../../components/atom-cluster";
import { RegistryMirror } from "../../components/registry-mirror";
import type { RegistryMirrorArgs } from "../../components/registry-mirror";
import { packageChart } from "../../lib/chart/package";
import type { MirroredImage } from "../../lib/registry/mirror/state";
import { recordStack } from "../../lib/simulation/record-stack";
import { sha256 } from "../../lib/support/digest";
import type { StackInputs } from "../../stacks/stack-inputs";
import { exampleInputs } from "../example-fleet";
import { attested, EXPECTED } from "../signing/attested";

const TARGET = "registry.atom.example:5000";
let inputs: StackInputs;
beforeAll(async () => {
  inputs = await exampleInputs();
});

function mirror(more: Partial<RegistryMirrorArgs> = {}): void {
  const cluster = new AtomCluster("eu", {
    region: "eu-west",
    source: { simulate: { masters: 1, workers: 2 } },
  });
  const { images, signing } = inputs;
  new RegistryMirror("images", { cluster, target: TARGET, images, signing, ...more });
}

async function inputsOf(more?: Partial<RegistryMirrorArgs>): Promise<Record<string, unknown>> {
  const { resources } = await recordStack(() => mirror(more));
  return resources.find(({ type }) => type === "atom:index:RegistryMirror")!.inputs;
}

describe("what RegistryMirror carries for the policies", () => {
  test("are its images with their signatures, and not the chart's", async () => {
    const { images, signing } = inputs;
    const chart = `${TARGET}/${packageChart().repository}`;
    expect(await inputsOf()).toEqual({
      cluster: "eu",
      target: TARGET,
      images: Object.fromEntries(
        images.images.map(({ name, repository, digest }) => [
          name,
          `${TARGET}/${repository}@${digest}`,
        ]),
      ),
      imageSignatures: signing.signatures.filter(({ repository }) => repository !== chart),
      unmirrored: {},
    });
  });

  test("is why an image is not to be had: its copy failed, or nothing of it is on record", async () => {
    const { images, signing } = inputs;
    const [first, , ...others] = images.images;
    const recorded = [first!, ...others].map(
      ({ name, source, repository, digest, platforms, bytes }): MirroredImage => ({
        ...{ name, source, repository, digest, platforms, bytes },
        ...{ upstreamSignatures: { found: 0, carried: 0 }, signed: true, verified: true },
        ...{ outcome: "present", at: "2026-01-01T00:00:00.000Z" },
      }),
    );
    recorded[0] = { ...recorded[0]!, outcome: "failed", cause: "the source's signature: none" };
    const mirrorState = { version: 1, target: TARGET, images: recorded } as const;
    expect(await inputsOf({ signing: { ...signing, mirrorState } })).toMatchObject({
      unmirrored: {
        [first!.name]: "is not mirrored: its copy failed (the source's signature: none)",
        [images.images[1]!.name]: "is not mirrored: the mirror's state does not have it",
      },
    });
  });

  test("is how an image has to have been built", async () => {
    const [image] = inputs.images.images;
    const provenance = { [image!.name]: { ...EXPECTED, attestation: attested(image!.digest) } };
    expect(await inputsOf({ provenance })).toMatchObject({ provenance });
  });
});

describe("RegistryMirror fails, and copies nothing,", () => {
  test("for an image that was built otherwise, and for one that it does not have", async () => {
    const [image] = inputs.images.images;
    const { name, repository, digest } = image!;
    const other = sha256("another");
    const provenance = {
      [name]: { ...EXPECTED, attestation: attested(other) },
      nobody: { ...EXPECTED, attestation: attested(digest) },
    };
    const { resources } = await recordStack(() => {
      expect(() => mirror({ provenance })).toThrow(
        "Invalid mirror:\n" +
          ` - provenance.${name}: ${TARGET}/${repository}@${digest}: the provenance is not about ${digest}; ` +
          "give the attestation of this very digest, or expect what its builder says\n" +
          " - provenance.nobody: the mirror has no image of this name",
      );
    });
    expect(resources.filter(({ type }) => type.includes("Mirror"))).toEqual([]);
  });
});
