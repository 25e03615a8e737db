import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import { KEY_ALGORITHM, loadX509, serialNumber, SIGNATURE_ALGORITHM } from "../../../lib/join/x509";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Kubernetes reads a client's groups from here. */
  readonly organization?: string;
  /** Names and addresses of a server. @default - a client's certificate */
  readonly hosts?: readonly string[];
}

const DAY = 24 * 3_600_000;

/** The authority that every server and client of a bed is certified by. It lives a day. */
export class CertificateAuthority {
  private constructor(
    readonly pair: KeyPair,
    private readonly certificate: X509.X509Certificate,
    private readonly signingKey: webcrypto.CryptoKey,
  ) {}

  static async create(commonName: string): Promise<CertificateAuthority> {
    const x509 = await loadX509();
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: [{ CN: [commonName] }],
      ...validity(),
      keys,
      signingAlgorithm: SIGNATURE_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pair = { certificate: pem(certificate), privateKey: await privatePem(keys.privateKey) };
    return new CertificateAuthority(pair, certificate, keys.privateKey);
  }

  async issue({ commonName, organization, hosts = [] }: CertificateRequest): Promise<KeyPair> {
    const x509 = await loadX509();
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [
        ...(organization === undefined ? [] : [{ O: [organization] }]),
        { CN: [commonName] },
      ],
      issuer: this.certificate.subject,
      ...validity(),
      publicKey: keys.publicKey,
      signingKey: this.signingKey,
      signingAlgorithm: SIGNATURE_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        // OpenBao's raft listener and etcd use one certificate both ways.
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.clientAuth,
          ...(hosts.length > 0 ? [x509.ExtendedKeyUsage.serverAuth] : []),
        ]),
        ...(hosts.length > 0
          ? [new x509.SubjectAlternativeNameExtension(hosts.map(generalName))]
          : []),
      ],
    });
    return { certificate: pem(certificate), privateKey: await privatePem(keys.privateKey) };
  }
}

function generalName(host: string): { type: "ip" | "dns"; value: string } {
  return { type: isIP(host) === 0 ? "dns" : "ip", value: host };
}

function validity(): { notBefore: Date; notAfter: Date } {
  // A minute back: a server may round its clock down.
  return { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + DAY) };
}

function pem(certificate: X509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  const lines = bytes.match(/.{1,64}/g)?.join("\n") ?? "";
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
