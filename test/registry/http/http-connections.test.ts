import { setTimeout } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { proxiesOf } from "../../../lib/registry/http/proxy";
import { ConnectProxy } from "../../doubles/connect-proxy";
import { RegistryDouble } from "../../doubles/registry-double";
import { CertificateAuthority } from "../../engine/bed/certificates";
import { blobOf, clientFor } from "../helpers";

const CANARY = "canary-Zq7x-password";
const blobs = Array.from({ length: 40 }, (_, index) =>
  blobOf(Buffer.alloc(200_000, `layer ${index}`)),
);
const blob = blobs[0]!;

/** Lets connections come back. */
const settled = () => setTimeout(5);

let double: RegistryDouble;
afterEach(() => double.close());

describe("connections to a registry", () => {
  beforeEach(async () => {
    double = await new RegistryDouble().start();
  });

  test("are used again", async () => {
    const { client } = clientFor(double);
    for (const each of blobs) {
      await client.putBlob("atom/api", each, each.open);
      await client.hasBlob("atom/api", each);
    }
    // The next request may be sent while the connection still brings the end of an answer.
    expect(double.connections).toBeLessThanOrEqual(2);
  });

  test("are no more than the limit, whatever waits for them", async () => {
    const { client } = clientFor(double, { connectionsPerHost: 3 });
    await Promise.all(blobs.map((each) => client.putBlob("atom/api", each, each.open)));
    expect(double.connections).toBe(3);
  });

  test("are enough to copy within one registry, with tokens that run out at once", async () => {
    double.auth = "bearer";
    double.tokenLifetime = 1e-9;
    for (const each of blobs) double.blobs.set(`atom/from@${each.digest}`, each.bytes);
    const { client } = clientFor(double, { connectionsPerHost: 2 });
    const copies = blobs.map((each) =>
      client.putBlob("atom/to", each, () => client.openBlob("atom/from", each)),
    );
    await Promise.all(copies);
    const arrived = blobs.filter(({ digest }) => double.blobs.has(`atom/to@${digest}`));
    expect(arrived).toHaveLength(blobs.length);
  });

  test("that the registry has closed in the meantime are replaced without a wait", async () => {
    const { client, waits } = clientFor(double);
    await client.hasBlob("atom/api", blob);
    await settled();
    double.fault("HEAD", /blobs/, (request) => void request.socket.destroy());
    expect(await client.hasBlob("atom/api", blob)).toBe(false);
    await settled();
    double.fault("POST", /uploads/, (request) => void request.socket.destroy());
    await client.putBlob("atom/api", blob, blob.open);
    expect(waits).toEqual([]);
  });
});

describe("a registry whose certificate a private authority issued", () => {
  let authority: CertificateAuthority;
  let proxy: ConnectProxy;

  beforeAll(async () => {
    authority = await CertificateAuthority.create("private");
  });
  beforeEach(async () => {
    const { certificate, privateKey } = await authority.issue({
      commonName: "registry",
      hosts: ["registry.example"],
    });
    double = await new RegistryDouble().start({ cert: certificate, key: privateKey });
    proxy = await new ConnectProxy(double.port).start();
  });
  afterEach(() => proxy.close());

  /** A client that reaches the double through the proxy, under a name that is not this machine's. */
  function remote(
    authorities: readonly string[] | undefined,
    user = "",
    registry = "registry.example:5000",
  ) {
    return clientFor(double, {
      registry,
      plainHttp: false,
      proxyOf: proxiesOf({ HTTPS_PROXY: `http://${user}127.0.0.1:${proxy.port}` }),
      ...(authorities === undefined ? {} : { authorities }),
    });
  }

  test("is reached through the proxy, and kept connections go on through it", async () => {
    const { client } = remote([authority.pair.certificate]);
    await client.putBlob("atom/api", blob, blob.open);
    expect(await client.hasBlob("atom/api", blob)).toBe(true);
    expect(new Set(proxy.asked)).toEqual(new Set(["registry.example:5000"]));
    expect(proxy.asked.length).toBeLessThan(double.seen.length);
    expect(new Set(proxy.authorizations)).toEqual(new Set([undefined]));
  });

  test("gets no word of the proxy's user", async () => {
    const { client } = remote([authority.pair.certificate], `agent:${CANARY}@`);
    await client.hasBlob("atom/api", blob);
    const pair = Buffer.from(`agent:${CANARY}`).toString("base64");
    expect(proxy.authorizations).toEqual([`Basic ${pair}`]);
    expect(double.seen.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test("fails at once where the authority is not trusted, and says how to trust it", async () => {
    const { client, waits } = remote(undefined);
    await expect(client.hasBlob("atom/api", blob)).rejects.toMatchObject({
      failure: "refused",
      message: expect.stringMatching(/certificate is not trusted .*SSL_CERT_FILE$/) as string,
    });
    expect([waits, double.seen]).toEqual([[], []]);
  });

  test("fails at once where the certificate is for another name, which no authority mends", async () => {
    const { client, waits } = remote([authority.pair.certificate], "", "other.example:5000");
    await expect(client.hasBlob("atom/api", blob)).rejects.toMatchObject({
      failure: "refused",
      message:
        `blob atom/api@${blob.digest}: the server's certificate is for another name ` +
        "(ERR_TLS_CERT_ALTNAME_INVALID); see registry.target in the fleet file, or the image's source",
    });
    expect([waits, double.seen]).toEqual([[], []]);
  });

  test("fails where the proxy says no, without the proxy's password", async () => {
    proxy.status = 407;
    const { client, waits } = remote([authority.pair.certificate], `agent:${CANARY}@`);
    await expect(client.hasBlob("atom/api", blob)).rejects.toMatchObject({
      failure: "refused",
      message: `blob atom/api@${blob.digest}: the proxy 127.0.0.1:${proxy.port} answered 407`,
    });
    expect(waits).toEqual([]);
  });

  test("fails for a proxy that is away, which it names without its user", async () => {
    const { client } = remote([authority.pair.certificate], `agent:${CANARY}@`);
    const address = `127.0.0.1:${proxy.port}`;
    await proxy.close();
    await expect(client.hasBlob("atom/api", blob)).rejects.toMatchObject({
      failure: "unreachable",
      message:
        `blob atom/api@${blob.digest}: the connection to registry.example:5000 ` +
        `through the proxy ${address} failed (ECONNREFUSED)`,
    });
  });

  test("R1 is tried again where the proxy cannot reach it", async () => {
    proxy.status = 502;
    const { client, waits } = remote([authority.pair.certificate]);
    await expect(client.hasBlob("atom/api", blob)).rejects.toMatchObject({
      failure: "unreachable",
      message: `blob atom/api@${blob.digest}: the proxy 127.0.0.1:${proxy.port} answered 502`,
    });
    expect(waits).toHaveLength(3);
  });
});
