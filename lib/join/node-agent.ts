import { webcrypto, X509Certificate } from "node:crypto";
import type { Digest } from "../support/digest";
import { sha256 } from "../support/digest";
import { UsageError } from "../support/problem";
import type { Secret } from "../support/secret";
import type { SignedClaim } from "./claim";
import type { JoinRequest, JoinResult } from "./gateway";
import type { JoinBinding } from "./token";
import { KEY_ALGORITHM, loadX509, SIGNATURE_ALGORITHM } from "./x509";

/** A connection to a gateway. */
export interface JoinTransport {
  /** The certificate authority, PEM, that the gateway presents. Nothing of the request is sent for it. */
  presentedCa(): Promise<string>;
  /** Sends the request over the connection whose authority was presented. */
  send(request: JoinRequest): Promise<JoinResult>;
}

/** The pin of a certificate authority: sha256 of its public key (DER), which survives a renewal. */
export function caPin(caPem: string): Digest {
  return sha256(new X509Certificate(caPem).publicKey.export({ type: "spki", format: "der" }));
}

/** The node's side of a join. Its private key is made here and never leaves. */
export class NodeAgent {
  readonly binding: JoinBinding;
  /** sha256 of the public key: what a claim is made over. */
  readonly nodeKey: Digest;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(binding: JoinBinding, nodeKey: Digest, keys: webcrypto.CryptoKeyPair) {
    this.binding = binding;
    this.nodeKey = nodeKey;
    this.#keys = keys;
  }

  static async create(binding: JoinBinding): Promise<NodeAgent> {
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, false, ["sign", "verify"]);
    const spki = await webcrypto.subtle.exportKey("spki", keys.publicKey);
    return new NodeAgent(binding, sha256(new Uint8Array(spki)), keys);
  }

  /** The kubelet's certificate request, PEM. */
  async certificateRequest(): Promise<string> {
    const { Pkcs10CertificateRequestGenerator } = await loadX509();
    const csr = await Pkcs10CertificateRequestGenerator.create({
      name: [{ O: ["system:nodes"] }, { CN: [`system:node:${this.binding.node}`] }],
      keys: this.#keys,
      signingAlgorithm: SIGNATURE_ALGORITHM,
    });
    return csr.toString("pem");
  }

  /**
   * Joins through a gateway whose certificate authority has the pinned key.
   *
   * @param options.claim the claim over {@link nodeKey}, from whoever provisions nodes.
   * @throws UsageError if there is another authority, before anything secret is sent, or if the
   * certificate that comes back is not by the pinned authority over this node's key.
   */
  async join(options: {
    readonly token: Secret;
    readonly pin: Digest;
    readonly claim: SignedClaim;
    readonly transport: JoinTransport;
  }): Promise<JoinResult> {
    const { token, pin, claim, transport } = options;
    requirePin(await transport.presentedCa(), pin);
    const csrPem = await this.certificateRequest();
    const result = await transport.send({ ...this.binding, token, csrPem, claim });
    if (result.outcome === "joined") this.#checkCertificate(result, pin);
    return result;
  }

  #checkCertificate(result: { certificatePem: string; caPem: string }, pin: Digest): void {
    requirePin(result.caPem, pin);
    const certificate = new X509Certificate(result.certificatePem);
    const own = sha256(certificate.publicKey.export({ type: "spki", format: "der" }));
    if (own !== this.nodeKey || !certificate.verify(new X509Certificate(result.caPem).publicKey)) {
      throw refusal("the certificate is not by the pinned authority over this node's key");
    }
  }
}

function requirePin(caPem: string, pin: Digest): void {
  const found = caPin(caPem);
  if (found === pin) return;
  throw refusal(
    `the gateway presents another certificate authority: ${found} instead of ${pin}`,
    "compare the pin with the cluster's; if it differs, somebody may stand between",
  );
}

function refusal(message: string, mend?: string): UsageError {
  const problem = { path: "gateway", message };
  return new UsageError("join", [mend === undefined ? problem : { ...problem, mend }]);
}
