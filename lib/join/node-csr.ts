import { createPublicKey } from "node:crypto";
import type { Digest } from "../support/digest";
import { sha256 } from "../support/digest";
import { loadX509 } from "./x509";

/** A larger request is refused before it is parsed. */
export const LARGEST_CSR = 16 * 1024;

const PEM =
  /^\s*-----BEGIN CERTIFICATE REQUEST-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE REQUEST-----\s*$/;
const CURVES = ["prime256v1", "secp384r1"];

/** A node's certificate request that passed every check. */
export interface NodeCsr {
  /** sha256 of the public key (SubjectPublicKeyInfo, DER). */
  readonly nodeKey: Digest;
}

/**
 * Checks a kubelet's certificate request (PKCS#10, PEM): size, exactly the subject O=system:nodes,
 * CN=system:node:<node>, an ECDSA key on P-256 or P-384, no extension and no other attribute (so no
 * SAN and no CA flag), and a signature by the key itself, which proves that the sender has it.
 * Usages and validity are the signer's to set. Source: the Kubernetes documentation's signer
 * `kubernetes.io/kube-apiserver-client-kubelet`.
 */
export async function inspectNodeCsr(
  pem: string,
  node: string,
): Promise<NodeCsr | { readonly problem: string }> {
  if (pem.length > LARGEST_CSR) return { problem: "the request is larger than 16 KiB" };
  const der = Buffer.from(PEM.exec(pem)?.[1] ?? "", "base64");
  if (!isOneSequence(der)) return { problem: "the request is not one PEM block of PKCS#10" };
  try {
    return await inspect(der, node);
  } catch {
    return { problem: "the request cannot be parsed" };
  }
}

async function inspect(der: Buffer, node: string): Promise<NodeCsr | { readonly problem: string }> {
  const { Pkcs10CertificateRequest } = await loadX509();
  const csr = new Pkcs10CertificateRequest(new Uint8Array(der));
  const subject = csr.subjectName.toJSON().map((part) => JSON.stringify(part));
  const wanted = [{ O: ["system:nodes"] }, { CN: [`system:node:${node}`] }];
  if (
    subject.sort().join() !==
    wanted
      .map((part) => JSON.stringify(part))
      .sort()
      .join()
  ) {
    return { problem: "the subject is not O=system:nodes, CN=system:node:<the bound name>" };
  }
  if (csr.extensions.length > 0 || csr.attributes.length > 0) {
    return { problem: "the request asks for extensions or attributes; none are allowed" };
  }
  const spki = Buffer.from(csr.publicKey.rawData);
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  const curve = key.asymmetricKeyDetails?.namedCurve;
  if (key.asymmetricKeyType !== "ec" || curve === undefined || !CURVES.includes(curve)) {
    return { problem: "the key is not ECDSA on P-256 or P-384" };
  }
  if (!(await csr.verify())) return { problem: "the request is not signed by its own key" };
  return { nodeKey: sha256(spki) };
}

/** Whether the bytes are one DER SEQUENCE of definite length, with nothing behind it. */
function isOneSequence(der: Buffer): boolean {
  if (der.length < 2 || der[0] !== 0x30) return false;
  const first = der[1]!;
  if (first < 0x80) return der.length === 2 + first;
  const lengthBytes = first & 0x7f;
  if (lengthBytes < 1 || lengthBytes > 3 || der.length < 2 + lengthBytes) return false;
  return der.length === 2 + lengthBytes + der.readUIntBE(2, lengthBytes);
}
