import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CredentialsOf } from "../../../lib/registry/http/http-auth";
import { SimulatedClock } from "../../../lib/support/clock";
import { Secret } from "../../../lib/support/secret";
import { end, RegistryDouble } from "../../doubles/registry-double";
import { blobOf, clientFor } from "../helpers";

const CANARY = "canary-Zq7x-password";
const credentials = { username: "mirror", password: Secret.of(CANARY) };
const blobs = Array.from({ length: 12 }, (_, index) => blobOf(`layer ${index}`));

let double: RegistryDouble;

beforeEach(async () => {
  double = await new RegistryDouble().start();
  double.password = CANARY;
});
afterEach(() => double.close());

describe("a registry with a token server", () => {
  beforeEach(() => {
    double.auth = "bearer";
  });

  test("is asked for one token a scope, however many requests wait for it", async () => {
    const { client } = clientFor(double, { credentials });
    await Promise.all(blobs.map((blob) => client.hasBlob("atom/api", blob)));
    await Promise.all(blobs.map((blob) => client.putBlob("atom/api", blob, blob.open)));
    expect(double.count("GET", /^\/token/)).toBe(2);
  });

  test("gets a token along with the first request of another repository", async () => {
    const { client } = clientFor(double, { credentials });
    await client.hasBlob("atom/one", blobs[0]!);
    double.seen.length = 0;
    await client.hasBlob("atom/two", blobs[0]!);
    expect(double.seen.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
      "GET /token",
      `HEAD /v2/atom/two/blobs/${blobs[0]!.digest}`,
    ]);
  });

  test("is asked anew before a token runs out, and not sooner", async () => {
    const clock = new SimulatedClock(new Date("2026-01-01T00:00:00Z"));
    const { client } = clientFor(double, { credentials, clock });
    await client.hasBlob("atom/api", blobs[0]!);
    clock.advance(200_000);
    await client.hasBlob("atom/api", blobs[0]!);
    expect(double.count("GET", /^\/token/)).toBe(1);
    clock.advance(90_000);
    await client.hasBlob("atom/api", blobs[0]!);
    expect(double.count("GET", /^\/token/)).toBe(2);
    // Nothing was refused but the very first request, which brought nothing along.
    expect(double.refused).toBe(1);
  });

  test("is asked once more, by all together, for a token that holds no longer", async () => {
    const { client } = clientFor(double, { credentials });
    await client.hasBlob("atom/api", blobs[0]!);
    double.tokens.clear();
    await Promise.all(blobs.map((blob) => client.hasBlob("atom/api", blob)));
    expect(double.count("GET", /^\/token/)).toBe(2);
  });

  test("that refuses what its own token server gave is given up", async () => {
    const { client, waits } = clientFor(double, { credentials });
    double.fault(
      "HEAD",
      /blobs/,
      (_request, response) =>
        end(response, 401, {
          "www-authenticate": `Bearer realm="http://${double.host}/token",service="double"`,
        }),
      Infinity,
    );
    await expect(client.hasBlob("atom/api", blobs[0]!)).rejects.toMatchObject({
      failure: "denied",
    });
    expect(double.count("HEAD", /blobs/)).toBe(2);
    expect(waits).toEqual([]);
  });

  test("takes an identity token, which is in no address", async () => {
    double.identityToken = CANARY;
    const { client } = clientFor(double, {
      credentials: { identityToken: Secret.of(CANARY) },
    });
    expect(await client.hasBlob("atom/api", blobs[0]!)).toBe(false);
    expect(double.count("POST", /^\/token$/)).toBe(1);
    expect(double.seen.filter(({ path }) => path.includes("canary"))).toEqual([]);
  });

  test("fails for an identity token that it does not know, without naming it", async () => {
    double.identityToken = "another";
    const { client } = clientFor(double, {
      credentials: { identityToken: Secret.of(CANARY) },
    });
    await expect(client.hasBlob("atom/api", blobs[0]!)).rejects.toMatchObject({
      failure: "denied",
      message: "token for repository:atom/api:pull: the registry answered 401",
    });
  });

  test("asks anew after a token server that was down for a while", async () => {
    double.fault("GET", /^\/token/, (_request, response) => end(response, 503), 2);
    const { client, waits } = clientFor(double, { credentials });
    await Promise.all([
      client.hasBlob("atom/api", blobs[0]!),
      client.hasBlob("atom/api", blobs[1]!),
    ]);
    expect(waits.length).toBeGreaterThan(0);
  });
});

describe("a registry with passwords", () => {
  beforeEach(() => {
    double.auth = "basic";
  });

  test("gets the password along once it has asked for one", async () => {
    const { client } = clientFor(double, { credentials });
    await client.hasBlob("atom/one", blobs[0]!);
    await client.hasBlob("atom/two", blobs[0]!);
    await client.putBlob("atom/three", blobs[0]!, blobs[0]!.open);
    expect(double.refused).toBe(1);
  });

  test("fails for an identity token", async () => {
    const { client } = clientFor(double, { credentials: { identityToken: Secret.of(CANARY) } });
    await expect(client.hasBlob("atom/api", blobs[0]!)).rejects.toMatchObject({
      failure: "denied",
      message: expect.stringContaining("there is only an identity token") as string,
    });
  });
});

test("a user is looked for only if the registry wants one, and once a repository and scope", async () => {
  const asked: string[] = [];
  const find: CredentialsOf = (repository) => {
    asked.push(repository);
    return Promise.resolve(credentials);
  };
  const { client } = clientFor(double, { credentials: find });
  await client.hasBlob("atom/api", blobs[0]!);
  expect(asked).toEqual([]);
  double.auth = "basic";
  await Promise.all(blobs.map((blob) => client.hasBlob("atom/api", blob)));
  await client.putBlob("atom/api", blobs[0]!, blobs[0]!.open);
  expect(asked).toEqual(["atom/api", "atom/api"]);
});

test("a user that cannot be found out fails the request with the reason", async () => {
  double.auth = "basic";
  const { client } = clientFor(double, {
    credentials: () => Promise.reject(new Error("the helper is missing")),
  });
  await expect(client.hasBlob("atom/api", blobs[0]!)).rejects.toThrow("the helper is missing");
});
