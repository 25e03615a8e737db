import { createServer as createHttpServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { isLoopback, loopbackOrigin } from "../../../lib/registry/http/loopback-origin";
import { CertificateAuthority } from "../../engine/bed/certificates";

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function hostOf(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the origin of a registry on this machine", () => {
  test("is HTTPS where TLS is spoken, whoever signed the certificate", async () => {
    const authority = await CertificateAuthority.create("nobody's");
    const { certificate, privateKey } = await authority.issue({
      commonName: "registry",
      hosts: ["127.0.0.1"],
    });
    const host = await hostOf(createTlsServer({ cert: certificate, key: privateKey }));
    expect(await loopbackOrigin(host)).toBe(`https://${host}`);
  });

  test("is HTTP where it is not", async () => {
    const host = await hostOf(createHttpServer());
    expect(await loopbackOrigin(host)).toBe(`http://${host}`);
  });

  test("is HTTP where the connection is cut, and where nobody listens", async () => {
    const cut = await hostOf(createNetServer((socket) => socket.destroy()));
    expect(await loopbackOrigin(cut)).toBe(`http://${cut}`);
    expect(await loopbackOrigin("127.0.0.1:1")).toBe("http://127.0.0.1:1");
  });
});

test.each([
  ["localhost:5000", true],
  ["127.0.0.1", true],
  ["127.8.9.1:443", true],
  ["[::1]:5000", true],
  ["127.0.0.1.example:5000", false],
  ["localhost.example", false],
  ["10.0.0.1:5000", false],
])("%s is on this machine: %s", (registry, expected) => {
  expect(isLoopback(registry)).toBe(expected);
});
