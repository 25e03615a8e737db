import { createHash } from "node:crypto";
import type { Place } from "../../../lib/registry/place";
import { attachBundle } from "../../../lib/registry/signature/signature-bundle";
import { signBlob } from "../../../lib/signing/blob-signature";
import { signImageBundle } from "../../../lib/signing/image-bundle";
import type { SigningKey } from "../../../lib/signing/key";
import type { SignedImage } from "../../../lib/signing/signed-image";
import { sha256 } from "../../../lib/support/digest";
import { EXPIRED_CERTIFICATE } from "../../signing/cosign-made";
import { NOT_BY, SIGNATURES, SIGNERS } from "./foreign-signatures";
import type { ForeignSignatures } from "./foreign-signatures";

/** The parts of a Sigstore bundle that a test changes. */
interface BundleParts {
  mediaType: string;
  verificationMaterial: Record<string, unknown>;
  dsseEnvelope?: {
    payload: string;
    payloadType: string;
    signatures: { sig: string; keyid?: string }[];
  };
  messageSignature?: unknown;
}

interface Statement {
  _type: string;
  subject: { name?: string; digest: { sha256: string } }[];
  predicateType: string;
}

const NO_BUNDLE = /^it is no Sigstore bundle of version 0\.3$/;

/** What may refer to an image as a Sigstore bundle. */
export function foreignBundles(image: SignedImage): readonly ForeignSignatures<Buffer>[] {
  const { trusted, other } = SIGNERS;
  const good = signImageBundle(image, trusted);
  const changed = (change: (bundle: BundleParts) => void, from = good): Buffer => {
    const bundle = JSON.parse(from.toString()) as BundleParts;
    change(bundle);
    return Buffer.from(JSON.stringify(bundle));
  };
  /** A bundle whose statement is changed and signed again. */
  const restated = (change: (statement: Statement) => void): Buffer =>
    changed(({ dsseEnvelope }) => {
      const statement = JSON.parse(
        Buffer.from(dsseEnvelope!.payload, "base64").toString(),
      ) as Statement;
      change(statement);
      seal(dsseEnvelope!, Buffer.from(JSON.stringify(statement)), trusted);
    });
  const single = (title: string, bundle: Buffer, refused: RegExp | true, cosign: boolean) => ({
    title,
    signatures: [bundle],
    refused,
    cosign,
  });
  const older = signImageBundle({ ...image, digest: sha256("older") }, trusted);
  const byOther = signImageBundle(image, other);
  return [
    ...SIGNATURES.map(({ title, change, refused, cosign }) =>
      single(
        `a signature ${title}`,
        changed(({ dsseEnvelope }) => {
          const [signature] = dsseEnvelope!.signatures;
          signature!.sig = change(signature!.sig);
        }),
        refused,
        cosign,
      ),
    ),
    single("another key's signature", byOther, NOT_BY, false),
    // What nobody trusted signed is not looked into.
    single(
      "another key's signature of an older image",
      signImageBundle({ ...image, digest: sha256("older") }, other),
      NOT_BY,
      false,
    ),
    single("the signature of an older image", older, /^the statement is about the digest /, false),
    // cosign knows no repository in a bundle.
    single(
      "the signature of another repository",
      signImageBundle({ ...image, repository: `${image.repository}-of-another` }, trusted),
      /^the statement is about the repository /,
      true,
    ),
    single(
      "a signature that names no repository, as cosign makes it",
      restated(({ subject }) => delete subject[0]!.name),
      true,
      true,
    ),
    single(
      "a payload that was changed after it was signed",
      changed(({ dsseEnvelope }) => {
        const { payload } = dsseEnvelope!;
        dsseEnvelope!.payload = Buffer.concat([
          Buffer.from(payload, "base64"),
          Buffer.from(" "),
        ]).toString("base64");
      }),
      NOT_BY,
      false,
    ),
    single(
      "a signed payload that is not JSON",
      changed(({ dsseEnvelope }) => seal(dsseEnvelope!, Buffer.from("cosign"), trusted)),
      /^the payload is no in-toto statement/,
      false,
    ),
    single(
      "a statement about nothing",
      restated((statement) => (statement.subject = [])),
      /about one subject$/,
      false,
    ),
    single(
      "a statement of a version that is none",
      restated((statement) => (statement._type = "https://in-toto.io/Statement/v9")),
      /^the payload is no in-toto statement/,
      true,
    ),
    // What else is signed along with an image was not meant for this one alone.
    single(
      "a statement about two images",
      restated(({ subject }) => subject.push({ digest: { sha256: "0".repeat(64) } })),
      /about one subject$/,
      true,
    ),
    // cosign takes any statement of the key about the digest for a signature, an SBOM too.
    single(
      "a statement of another kind",
      restated((statement) => (statement.predicateType = "https://slsa.dev/provenance/v1")),
      /^the statement is of the type /,
      true,
    ),
    single(
      "a payload of another type",
      changed(({ dsseEnvelope }) => {
        dsseEnvelope!.payloadType = "application/json";
        seal(dsseEnvelope!, Buffer.from(dsseEnvelope!.payload, "base64"), trusted);
      }),
      /^the envelope's payload type is not /,
      false,
    ),
    single(
      "an envelope with a good and a bad signature",
      changed(({ dsseEnvelope }) => {
        const { signatures } = (JSON.parse(byOther.toString()) as BundleParts).dsseEnvelope!;
        dsseEnvelope!.signatures.push(...signatures);
      }),
      NO_BUNDLE,
      false,
    ),
    single(
      "an envelope without a signature",
      changed(({ dsseEnvelope }) => (dsseEnvelope!.signatures = [])),
      NO_BUNDLE,
      false,
    ),
    single(
      "a good signature that rests on an expired certificate over the key",
      changed((bundle) => (bundle.verificationMaterial = inCertificate(EXPIRED_CERTIFICATE))),
      /^the bundle rests on a certificate; /,
      false,
    ),
    single(
      "its own log entry beside a good signature",
      changed((bundle) => (bundle.verificationMaterial["tlogEntries"] = [ownEntry(bundle)])),
      true,
      true,
    ),
    // Found by GHSA-whqx-f9j3-ch6m: any entry that a log has would vouch for any signature.
    single(
      "a log entry about something else beside a good signature",
      changed((bundle) => (bundle.verificationMaterial["tlogEntries"] = [foreignEntry(bundle)])),
      /^the log entry is about other content$/,
      true,
    ),
    single(
      "a log entry about something else after its own",
      changed((bundle) => {
        bundle.verificationMaterial["tlogEntries"] = [ownEntry(bundle), foreignEntry(bundle)];
      }),
      /^the log entry is about other content$/,
      true,
    ),
    single(
      "a good signature of the manifest's bytes",
      changed((bundle) => {
        delete bundle.dsseEnvelope;
        const digest = Buffer.from(image.digest.slice(7), "hex").toString("base64");
        bundle.messageSignature = {
          messageDigest: { algorithm: "SHA2_256", digest },
          signature: signBlob(Buffer.from("manifest"), trusted),
        };
      }),
      /^the bundle holds no DSSE envelope$/,
      false,
    ),
    single(
      "a bundle of an older version",
      changed((bundle) => {
        bundle.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.2";
      }),
      NO_BUNDLE,
      false,
    ),
    single(
      "a bundle of a version to come",
      changed((bundle) => (bundle.mediaType = "application/vnd.dev.sigstore.bundle.v0.9+json")),
      NO_BUNDLE,
      false,
    ),
    single("a bundle that is not JSON", Buffer.from("bundle"), NO_BUNDLE, false),
    single(
      "a bundle with a field that stands twice",
      Buffer.from(good.toString().replace("{", '{"mediaType":"",')),
      NO_BUNDLE,
      false,
    ),
    {
      title: "a bad signature before a good one",
      signatures: [byOther, good],
      refused: true,
      cosign: true,
    },
    {
      title: "a bad signature after a good one",
      signatures: [good, byOther],
      refused: true,
      cosign: true,
    },
    {
      title: "bad signatures only",
      signatures: [byOther, older],
      refused: /^the signature was not made .*; the statement is about the digest /,
      cosign: false,
    },
  ];
}

/** Lets bundles refer to an image. */
export async function attachBundles(
  place: Place,
  { digest }: SignedImage,
  bundles: readonly Buffer[],
): Promise<void> {
  for (const bundle of bundles) await attachBundle(place, digest, bundle);
}

/** Signs an envelope's payload in the way that DSSE says, independently of the library. */
function seal(
  envelope: NonNullable<BundleParts["dsseEnvelope"]>,
  payload: Buffer,
  key: SigningKey,
): void {
  const { payloadType } = envelope;
  const head = `DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `;
  envelope.payload = payload.toString("base64");
  envelope.signatures = [{ sig: signBlob(Buffer.concat([Buffer.from(head), payload]), key) }];
}

function inCertificate(certificate: Uint8Array): Record<string, unknown> {
  return { certificate: { rawBytes: Buffer.from(certificate).toString("base64") } };
}

/** The entry that a log would have of an envelope, with a time to come: no log has signed it. */
function ownEntry({ dsseEnvelope }: BundleParts): Record<string, unknown> {
  return entryAbout(Buffer.from(dsseEnvelope!.payload, "base64"), dsseEnvelope!.signatures[0]!.sig);
}

function foreignEntry({ dsseEnvelope }: BundleParts): Record<string, unknown> {
  return entryAbout(Buffer.from("payload"), dsseEnvelope!.signatures[0]!.sig);
}

function entryAbout(payload: Buffer, signature: string): Record<string, unknown> {
  const hash = (content: Uint8Array | string) => ({
    algorithm: "sha256",
    value: createHash("sha256").update(content).digest("hex"),
  });
  const verifier = Buffer.from(SIGNERS.trusted.publicKeyPem).toString("base64");
  const body = {
    apiVersion: "0.0.1",
    kind: "dsse",
    spec: {
      envelopeHash: hash("envelope"),
      payloadHash: hash(payload),
      signatures: [{ signature, verifier }],
    },
  };
  const root = Buffer.alloc(32, 1).toString("base64");
  return {
    logIndex: "1",
    logId: { keyId: root },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: "4102444800",
    inclusionProof: {
      logIndex: "1",
      rootHash: root,
      treeSize: "2",
      hashes: [root],
      checkpoint: { envelope: `log.example\n2\n${root}\n\n— log.example AAAA\n` },
    },
    canonicalizedBody: Buffer.from(JSON.stringify(body)).toString("base64"),
  };
}
