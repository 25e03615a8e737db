import { webcrypto } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Pkcs10CertificateRequestCreateParams } from "@peculiar/x509";
import { inspectNodeCsr } from "../../lib/join/node-csr";
import { loadX509, SIGNATURE_ALGORITHM } from "../../lib/join/x509";
import { sha256 } from "../../lib/support/digest";

const O = { O: ["system:nodes"] };
const CN = { CN: ["system:node:n1"] };

async function ecKeys(namedCurve = "P-256") {
  return webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve }, true, ["sign", "verify"]);
}

async function csr(params: Partial<Pkcs10CertificateRequestCreateParams> = {}): Promise<string> {
  const { Pkcs10CertificateRequestGenerator } = await loadX509();
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: [O, CN],
    keys: await ecKeys(),
    signingAlgorithm: SIGNATURE_ALGORITHM,
    ...params,
  });
  return made.toString("pem");
}

const SUBJECT = "the subject is not O=system:nodes, CN=system:node:<the bound name>";
const EXTENSIONS = "the request asks for extensions or attributes; none are allowed";
const KEY = "the key is not ECDSA on P-256 or P-384";
const PEM = "the request is not one PEM block of PKCS#10";

describe("inspectNodeCsr", () => {
  test("takes a kubelet's request and gives its key's hash", async () => {
    const keys = await ecKeys();
    const spki = await webcrypto.subtle.exportKey("spki", keys.publicKey);
    const nodeKey = sha256(new Uint8Array(spki));
    expect(await inspectNodeCsr(await csr({ keys }), "n1")).toEqual({ nodeKey });
    expect(await inspectNodeCsr(await csr({ keys, name: [CN, O] }), "n1")).toEqual({ nodeKey });
  });

  test.each([
    ["another node", [O, { CN: ["system:node:n2"] }]],
    ["a prefix of the name", [O, { CN: ["system:node:n10"] }]],
    ["an administrator", [{ O: ["system:masters"] }, CN]],
    ["two groups", [O, { O: ["system:masters"] }, CN]],
    ["two groups in one part", [{ O: ["system:nodes", "system:masters"] }, CN]],
    ["no group", [CN]],
    ["no name", [O]],
    ["a unit more", [O, { OU: ["x"] }, CN]],
  ])("fails for T9 the subject of %s", async (_, name) => {
    expect(await inspectNodeCsr(await csr({ name }), "n1")).toEqual({ problem: SUBJECT });
  });

  test("fails for T9 a SAN, a wildcard, a CA flag, usages and a challenge password", async () => {
    const x509 = await loadX509();
    const requests = [
      { extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "n1" }])] },
      { extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "*" }])] },
      { extensions: [new x509.BasicConstraintsExtension(true)] },
      { extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth])] },
      { attributes: [new x509.ChallengePasswordAttribute("x")] },
    ];
    for (const params of requests) {
      expect(await inspectNodeCsr(await csr(params), "n1")).toEqual({ problem: EXTENSIONS });
    }
  });

  test("fails for T9 a weak or an unusual key", async () => {
    const rsa = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(
      { ...rsa, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
      true,
      ["sign", "verify"],
    );
    const requests = [
      await csr({ keys, signingAlgorithm: rsa }),
      await csr({ keys: await ecKeys("P-521") }),
    ];
    for (const request of requests) {
      expect(await inspectNodeCsr(request, "n1")).toEqual({ problem: KEY });
    }
  });

  test("fails for T9 a request that its key did not sign", async () => {
    const [own, foreign] = [await ecKeys(), await ecKeys()];
    const mixed = { publicKey: foreign.publicKey, privateKey: own.privateKey };
    expect(await inspectNodeCsr(await csr({ keys: mixed }), "n1")).toEqual({
      problem: "the request is not signed by its own key",
    });
  });

  test("fails for T9 a huge request, two requests and bytes behind one", async () => {
    const good = await csr();
    const der = Buffer.from(good.replace(/-----[A-Z ]+-----/g, ""), "base64");
    const pem = (bytes: Buffer) =>
      `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(await inspectNodeCsr(pem(der), "n1")).toHaveProperty("nodeKey");
    expect(await inspectNodeCsr(" ".repeat(16 * 1024) + good, "n1")).toEqual({
      problem: "the request is larger than 16 KiB",
    });
    for (const bad of [
      good + good,
      pem(Buffer.concat([der, Buffer.from("x")])),
      pem(der.subarray(0, -1)),
      pem(Buffer.alloc(0)),
      good.replace("CERTIFICATE REQUEST", "CERTIFICATE"),
      "",
    ]) {
      expect(await inspectNodeCsr(bad, "n1")).toEqual({ problem: PEM });
    }
    expect(await inspectNodeCsr(pem(Buffer.from([0x30, 0x01, 0x05])), "n1")).toEqual({
      problem: "the request cannot be parsed",
    });
  });
});
