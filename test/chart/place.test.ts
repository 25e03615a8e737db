import { describe, expect, test } from "vitest";

import { imagesSchema, placeSchema } from "../../lib/chart/place";
import { schemaProblems } from "../../lib/support/strict-schema";
import { MALICIOUS, imageReference } from "./fixture";

const place = {
  tenant: "acme",
  region: "eu-west",
  domain: "eu.atom.example",
  release: "7.2.0",
  vault: { address: "https://vault.example:8200", mount: "atom", role: "acme" },
};

/** What is wrong with a place of which one field, or one of its Vault, is another. */
function problemsWith(change: object, vault: object = {}): string[] {
  const changed = { ...place, vault: { ...place.vault, ...vault }, ...change };
  const { error } = placeSchema.safeParse(changed, { reportInput: true });
  return error ? schemaProblems(error).map(({ path, message }) => `${path}: ${message}`) : [];
}

describe("a place", () => {
  test.each([
    {},
    { tenant: "a".repeat(56) },
    { domain: "example" },
    { release: "7.2.0-rc.1+build.5" },
    { vault: undefined },
    { vault: { ...place.vault, address: "http://[fd12::1]:8200/" } },
    { vault: { ...place.vault, audience: "https://kubernetes.default.svc", secrets: ["a/b"] } },
  ])("may be %j", (change) => {
    expect(problemsWith(change)).toEqual([]);
  });

  test.each(MALICIOUS.filter((name) => name !== "operator" && name !== "1api"))(
    "fails as a tenant and a region named %.30j",
    (name) => {
      const paths = problemsWith({ tenant: name, region: name }).map((line) => line.split(":")[0]);
      expect(paths).toEqual(["tenant", "region"]);
    },
  );

  test.each<[object, object, string]>([
    [{ tenant: "a".repeat(57) }, {}, "tenant: name has 57 characters; at most 56 are allowed"],
    [
      { domain: "*.example" },
      {},
      'domain: domain "*.example" is no DNS name such as eu.atom.example',
    ],
    [{ release: "07.2.0" }, {}, 'release: release "07.2.0" is no semantic version such as 7.2.0'],
    [
      {},
      { address: "https://admin:secret@vault.example" },
      "vault.address: the address holds a user or a password; remove it",
    ],
    [
      {},
      { address: "ftp://vault.example" },
      'vault.address: address "ftp://vault.example" is no URL of a server',
    ],
    [{}, { mount: "../sys" }, 'vault.mount: mount "../sys" is not allowed'],
    [{}, { role: "" }, 'vault.role: role "" is not allowed'],
    [{}, { audience: "a b" }, 'vault.audience: audience "a b" is not allowed'],
    [
      {},
      { token: "x" },
      'vault: unknown key "token"; known: "address", "mount", "role", "audience", "secrets"',
    ],
  ])("fails with %j %j", (change, vault, problem) => {
    expect(problemsWith(change, vault)).toEqual([problem]);
  });
});

describe("images", () => {
  const problems = (images: unknown) => {
    const { error } = imagesSchema.safeParse(images, { reportInput: true });
    return error ? schemaProblems(error, ["images"]) : [];
  };

  test("have names, with a tag for an older one, and digests", () => {
    expect(problems({ api: imageReference("api"), "api:7.1.0": imageReference("api") })).toEqual(
      [],
    );
  });

  test("fails on a name that is none, and on a tag alone", () => {
    expect(problems({ "../x": imageReference("api"), api: "registry.example/api:7.2.0" })).toEqual([
      {
        path: 'images["../x"]',
        message: "image name \"../x\" is not allowed; use a-z, 0-9 and '-'",
      },
      {
        path: "images.api",
        message:
          'image "registry.example/api:7.2.0" is not given by digest; write <repository>@sha256:<64 hex digits>',
      },
    ]);
  });
});
