import { createHash } from "node:crypto";
import { cosignTag, putCosignManifest } from "../../../lib/registry/signature/cosign-tag";
import type { Place } from "../../../lib/registry/place";
import { bytesSource } from "../../../lib/registry/verified-stream";
import { signBlob } from "../../../lib/signing/blob-signature";
import { signImage } from "../../../lib/signing/image-signature";
import type { SigningKey } from "../../../lib/signing/key";
import { toPem } from "../../../lib/signing/pem";
import type { SignedImage } from "../../../lib/signing/signed-image";
import { sha256 } from "../../../lib/support/digest";
import { EXPIRED_CERTIFICATE } from "../../signing/cosign-made";
import { NOT_BY, SIGNATURES, SIGNERS } from "./foreign-signatures";
import type { ForeignSignatures } from "./foreign-signatures";

/** One signature under cosign's tag: a layer, and what stands beside it. */
export interface TagSignature {
  readonly payload: Buffer;
  readonly signature: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What may lie under the tag `sha256-<hex>.sig` of an image. */
export function foreignTags(image: SignedImage): readonly ForeignSignatures<TagSignature>[] {
  const { trusted, other } = SIGNERS;
  const signed = (about: SignedImage, key = trusted): TagSignature => {
    const { payload, signature } = signImage(about, key);
    return { payload: Buffer.from(payload, "base64"), signature };
  };
  const resigned = (payload: Buffer): TagSignature => ({
    payload,
    signature: signBlob(payload, trusted),
  });
  const good = signed(image);
  const document = (change: (critical: Record<string, unknown>) => void): Buffer => {
    const value = JSON.parse(good.payload.toString()) as { critical: Record<string, unknown> };
    change(value.critical);
    return Buffer.from(JSON.stringify(value));
  };
  const single = (
    title: string,
    signature: TagSignature,
    refused: RegExp | true,
    cosign: boolean,
  ) => ({ title, signatures: [signature], refused, cosign });
  return [
    ...SIGNATURES.map(({ title, change, refused, cosign }) =>
      single(
        `a signature ${title}`,
        { ...good, signature: change(good.signature) },
        refused,
        cosign,
      ),
    ),
    single("another key's signature", signed(image, other), NOT_BY, false),
    // What nobody trusted signed is not looked into.
    single(
      "another key's signature of an older image",
      signed({ ...image, digest: sha256("older") }, other),
      NOT_BY,
      false,
    ),
    single(
      "the signature of an older image",
      signed({ ...image, digest: sha256("older") }),
      /^the payload is about the digest /,
      false,
    ),
    // cosign leaves it to whoever reads its output to look at the repository.
    single(
      "the signature of another repository",
      signed({ ...image, repository: `${image.repository}-of-another` }),
      /^the payload is about the repository /,
      true,
    ),
    single(
      "a payload that was changed after it was signed",
      { ...good, payload: document((critical) => (critical["more"] = 1)) },
      NOT_BY,
      false,
    ),
    single(
      "a signed payload that is not JSON",
      resigned(Buffer.from("cosign")),
      /not JSON$/,
      false,
    ),
    single(
      "a signed payload without a digest",
      resigned(document((critical) => delete critical["image"])),
      /no simple-signing document$/,
      false,
    ),
    single(
      "a signed payload of another type",
      resigned(document((critical) => (critical["type"] = "atomic container signature"))),
      /^the payload's type is not/,
      true,
    ),
    // Nothing ties the certificate to the signature, which the key alone makes good.
    single(
      "an expired certificate beside a good signature",
      {
        ...good,
        annotations: {
          "dev.sigstore.cosign/certificate": toPem("CERTIFICATE", EXPIRED_CERTIFICATE),
        },
      },
      true,
      false,
    ),
    single(
      "its own log entry beside a good signature",
      { ...good, annotations: beside(entryBody(good, trusted)) },
      true,
      true,
    ),
    single(
      "another signature's log entry beside a good one",
      { ...good, annotations: beside(entryBody(signed(image, other), other)) },
      /^the log entry is about another signature$/,
      true,
    ),
    single(
      "a log entry that nobody can read beside a good signature",
      { ...good, annotations: beside("AAAA") },
      /^the log entry cannot be read$/,
      true,
    ),
    {
      title: "a bad signature before a good one",
      signatures: [signed(image, other), good],
      refused: true,
      cosign: true,
    },
    {
      title: "a bad signature after a good one",
      signatures: [good, signed(image, other)],
      refused: true,
      cosign: true,
    },
    {
      title: "bad signatures only",
      signatures: [signed(image, other), signed({ ...image, digest: sha256("older") })],
      refused: /^the signature was not made .*; the payload is about the digest /,
      cosign: false,
    },
  ];
}

/** The body of a log's entry of a signature. */
function entryBody({ payload, signature }: TagSignature, key: SigningKey): string {
  const value = createHash("sha256").update(payload).digest("hex");
  const publicKey = { content: Buffer.from(key.publicKeyPem).toString("base64") };
  const body = {
    apiVersion: "0.0.1",
    kind: "hashedrekord",
    spec: {
      data: { hash: { algorithm: "sha256", value } },
      signature: { content: signature, publicKey },
    },
  };
  return Buffer.from(JSON.stringify(body)).toString("base64");
}

/** What lies beside a signature that was put into a log, in a time to come: no log has signed it. */
function beside(body: string): Record<string, string> {
  const entry = {
    SignedEntryTimestamp: "AAAA",
    Payload: { body, integratedTime: 4_102_444_800, logIndex: 1, logID: "00" },
  };
  return { "dev.sigstore.cosign/bundle": JSON.stringify(entry) };
}

/** Puts signatures under an image's tag, whatever lies there already. */
export async function attachTags(
  place: Place,
  { digest }: SignedImage,
  signatures: readonly TagSignature[],
): Promise<void> {
  const layers = signatures.map(({ payload, signature, annotations }) => ({
    mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
    digest: sha256(payload),
    size: payload.length,
    annotations: { "dev.cosignproject.cosign/signature": signature, ...annotations },
  }));
  for (const [index, layer] of layers.entries()) {
    await place.client.putBlob(place.repository, layer, bytesSource(signatures[index]!.payload));
  }
  await putCosignManifest(place, cosignTag(digest), layers);
}
