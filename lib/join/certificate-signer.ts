import { webcrypto } from "node:crypto";
import type { Clock } from "../support/clock";
import { parseDuration } from "../support/duration";
import type { JoinBinding } from "./token";
import { KEY_ALGORITHM, loadX509, serialNumber, SIGNATURE_ALGORITHM } from "./x509";

/**
 * Issues kubelet client certificates. The gateway has checked the request; the signer takes only the
 * public key from it and sets subject, usages and validity itself.
 */
export interface CertificateSigner {
  /** The certificate authority's certificate, PEM. */
  readonly caPem: string;
  /** @returns the certificate, PEM. */
  sign(csrPem: string, identity: JoinBinding): Promise<string>;
}

const CA_LIFE = "24h";

/**
 * A throw-away certificate authority for simulations and tests: its key is made here, lives in this
 * process's memory and is gone with it. A real cluster's certificates come from the cluster's signer.
 */
export class LocalCertificateSigner implements CertificateSigner {
  readonly caPem: string;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #clock: Clock;
  readonly #validity: number;

  private constructor(
    caPem: string,
    keys: webcrypto.CryptoKeyPair,
    clock: Clock,
    validity: number,
  ) {
    this.caPem = caPem;
    this.#keys = keys;
    this.#clock = clock;
    this.#validity = validity;
  }

  /** @param options.validity life time of a node's certificate. @default "24h" */
  static async create({
    clock,
    validity = "24h",
  }: {
    readonly clock: Clock;
    readonly validity?: string;
  }): Promise<LocalCertificateSigner> {
    const x509 = await loadX509();
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, false, ["sign", "verify"]);
    const now = clock.now();
    const ca = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: ["ATOM simulation CA, not for use"] }],
      notBefore: now,
      notAfter: new Date(now.getTime() + parseDuration(CA_LIFE)),
      keys,
      signingAlgorithm: SIGNATURE_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    return new LocalCertificateSigner(ca.toString("pem"), keys, clock, parseDuration(validity));
  }

  async sign(csrPem: string, { node }: JoinBinding): Promise<string> {
    const x509 = await loadX509();
    const now = this.#clock.now();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ O: ["system:nodes"] }, { CN: [`system:node:${node}`] }],
      issuer: new x509.X509Certificate(this.caPem).subject,
      notBefore: now,
      notAfter: new Date(now.getTime() + this.#validity),
      publicKey: new x509.Pkcs10CertificateRequest(csrPem).publicKey,
      signingKey: this.#keys.privateKey,
      signingAlgorithm: SIGNATURE_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth], true),
      ],
    });
    return certificate.toString("pem");
  }
}
