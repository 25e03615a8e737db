import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import { ensureSigned, findSignature } from "../../lib/registry/signature/image-signatures";
import type { Place } from "../../lib/registry/place";
import { findBundle } from "../../lib/registry/signature/signature-bundle";
import { findTagSignature } from "../../lib/registry/signature/signature-tag";
import { signBlob, verifyBlob } from "../../lib/signing/blob-signature";
import { generateKeyFiles, generateSigningKey, readPrivateKey } from "../../lib/signing/key";
import { readSignatureSet } from "../../lib/signing/signature-file";
import type { SignedImage } from "../../lib/signing/signed-image";
import { Secret } from "../../lib/support/secret";
import { attachBundles, foreignBundles } from "../registry/signature/foreign-bundles";
import { SIGNERS } from "../registry/signature/foreign-signatures";
import { attachTags, foreignTags } from "../registry/signature/foreign-tags";
import { putTinyImage, TINY_DIGEST } from "../registry/tiny-image";
import { engine } from "./engine";
import { mustRun } from "./project/run-command";
import { Cosign } from "./signing/cosign";

const { bed, folder, project, environment } = engine();
const { host } = bed.openRegistry;
const client = new HttpRegistry({ registry: host });
// A bed that is kept has what an earlier run left on it.
const run = randomUUID().slice(0, 8);
const cosign = newCosign();
const PASSWORD = "a password of the test";
const FORMS = ["tag", "bundle"] as const;
const find = { tag: findTagSignature, bundle: findBundle };

function newCosign(): Cosign {
  return new Cosign(mkdtempSync(join(folder, "cosign-")), { environment, bed });
}

/** An image in a repository of its own. */
async function seed(
  name: string,
): Promise<{ place: Place; image: SignedImage; reference: string }> {
  const place = { client, repository: `signing/${run}/${name}` };
  await putTinyImage(place);
  const repository = `${host}/${place.repository}`;
  const image = { repository, digest: TINY_DIGEST };
  return { place, image, reference: `${repository}@${TINY_DIGEST}` };
}

beforeAll(async () => {
  await cosign.must(["generate-key-pair", "--output-key-prefix", "theirs"], PASSWORD);
});

const theirKey = () => readPrivateKey(cosign.read("theirs.key"), Secret.of(PASSWORD));

describe("key files", () => {
  test("of cosign are read by us", () => {
    expect(theirKey().publicKeyPem).toBe(cosign.read("theirs.pub"));
  });

  test.each([PASSWORD, ""])(
    "of ours are read by cosign, with the password %j",
    async (password) => {
      const argv = ["key", "generate", "--output-key-prefix", "ours"];
      const atom = join(project, "node_modules", ".bin", "atom");
      const ours = newCosign();
      await mustRun(atom, argv, {
        folder: ours.folder,
        environment: { ...environment, COSIGN_PASSWORD: password },
      });
      const shown = await ours.must(["public-key", "--key", "ours.key"], password);
      expect(shown).toBe(ours.read("ours.pub"));
      expect((await ours.run(["public-key", "--key", "ours.key"], "another")).code).not.toBe(0);
    },
  );

  test("of Ed25519 keys, that cosign imported, are read by us", async () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    cosign.write("plain.pem", privateKey.export({ type: "pkcs8", format: "pem" }));
    const argv = ["import-key-pair", "--key", "plain.pem", "--output-key-prefix", "edwards"];
    await cosign.must(argv, PASSWORD);
    const key = readPrivateKey(cosign.read("edwards.key"), Secret.of(PASSWORD));
    expect(key.publicKeyPem).toBe(cosign.read("edwards.pub"));
  });
});

describe("what we sign", () => {
  test("is verified by cosign in both forms, with our key file and with cosign's", async () => {
    const files = generateKeyFiles(Secret.of(PASSWORD));
    cosign.write("ours.key", files.privateKeyPem);
    cosign.write("ours.pub", files.publicKeyPem);
    const ours = readPrivateKey(files.privateKeyPem, Secret.of(PASSWORD));
    for (const [name, key] of [["ours", ours] as const, ["theirs", theirKey()] as const]) {
      const { place, image, reference } = await seed(`by-us-${name}`);
      await ensureSigned(place, { ...image, annotations: { release: "7.2.0" } }, key);
      for (const form of FORMS) {
        expect(await cosign.verifies(form, reference, `${name}.pub`)).toBe(true);
        expect(await cosign.verifies(form, reference, other(name))).toBe(false);
      }
    }
  });

  test("is verified by cosign with Ed25519", async () => {
    const { place, image, reference } = await seed("by-us-edwards");
    const key = readPrivateKey(cosign.read("edwards.key"), Secret.of(PASSWORD));
    await ensureSigned(place, image, key);
    for (const form of FORMS) {
      expect(await cosign.verifies(form, reference, "edwards.pub")).toBe(true);
    }
  });

  test("is verified by cosign as a file", async () => {
    cosign.write("blob", "blob");
    const signature = signBlob(Buffer.from("blob"), theirKey());
    expect(await cosign.verifiesBlob("blob", signature, "theirs.pub")).toBe(true);
    const another = signBlob(Buffer.from("another"), theirKey());
    expect(await cosign.verifiesBlob("blob", another, "theirs.pub")).toBe(false);
  });

  test("is beside cosign's own, and both are found", async () => {
    const { place, image, reference } = await seed("beside");
    for (const form of FORMS) await cosign.sign(form, reference, theirs());
    const ours = generateSigningKey();
    await ensureSigned(place, image, ours);
    for (const form of FORMS) {
      expect(await cosign.verifies(form, reference, "theirs.pub")).toBe(true);
      const { verification } = await find[form](place, image, [ours.publicKeyPem]);
      expect(verification).toEqual({ verified: true, keyId: ours.keyId });
    }
  });
});

function other(name: string): string {
  return name === "ours" ? "theirs.pub" : "ours.pub";
}

function theirs() {
  return { key: "theirs.key", password: PASSWORD };
}

describe("what cosign signs", () => {
  test.each(FORMS)("is verified by us as a %s", async (form) => {
    const { place, image, reference } = await seed(`by-cosign-${form}`);
    await cosign.sign(form, reference, theirs());
    const keys = [cosign.read("theirs.pub")];
    const good = { verified: true, keyId: theirKey().keyId };
    expect((await findSignature(place, image, keys)).verification).toEqual(good);
    expect((await find[form](place, image, keys)).verification).toEqual(good);
    const wrong = await findSignature(place, image, [generateSigningKey().publicKeyPem]);
    expect(wrong.verification.verified).toBe(false);
  });

  test("is verified by us as a file", async () => {
    cosign.write("blob", "blob");
    const signature = await cosign.signBlob("blob", theirs());
    const keys = [cosign.read("theirs.pub")];
    expect(verifyBlob(Buffer.from("blob"), signature, keys).verified).toBe(true);
    expect(verifyBlob(Buffer.from("another"), signature, keys).verified).toBe(false);
  });

  test("under the tag names its repository, and as a bundle none", async () => {
    const { place, image, reference } = await seed("named");
    const identity = ["--sign-container-identity", `${host}/signing/elsewhere`];
    await cosign.sign("tag", reference, { ...theirs(), flags: identity });
    const keys = [cosign.read("theirs.pub")];
    expect((await findSignature(place, image, keys)).verification.verified).toBe(false);
    await cosign.sign("bundle", reference, theirs());
    expect((await findSignature(place, image, keys)).verification.verified).toBe(true);
  });
});

describe("a file with two keys", () => {
  test("trusts both with us, and its first one with cosign", async () => {
    const next = generateSigningKey();
    const { place, image, reference } = await seed("rotated");
    await ensureSigned(place, image, theirKey());
    const both = next.publicKeyPem + cosign.read("theirs.pub");
    expect((await findSignature(place, image, [both])).verification.verified).toBe(true);
    cosign.write("both.pub", both);
    expect(await cosign.verifies("tag", reference, "both.pub")).toBe(false);
    await ensureSigned(place, image, next);
    expect(await cosign.verifies("tag", reference, "both.pub")).toBe(true);
  });
});

describe("cosign and we come to the same verdict, or say why not:", () => {
  const keys = [SIGNERS.trusted.publicKeyPem];
  beforeAll(() => cosign.write("trusted.pub", SIGNERS.trusted.publicKeyPem));
  const any = { repository: "registry.example/any", digest: TINY_DIGEST };

  test.each(titles("tag", foreignTags(any)))("%s", async (_, index) => {
    const { place, image, reference } = await seed(`foreign-tag-${index}`);
    const { signatures, refused, cosign: taken } = foreignTags(image)[index]!;
    await attachTags(place, image, signatures);
    const { verification } = await findTagSignature(place, image, keys);
    expect(verification.verified).toBe(refused === true);
    expect(await cosign.verifies("tag", reference, "trusted.pub")).toBe(taken);
  });

  test.each(titles("bundle", foreignBundles(any)))("%s", async (_, index) => {
    const { place, image, reference } = await seed(`foreign-bundle-${index}`);
    const { signatures, refused, cosign: taken } = foreignBundles(image)[index]!;
    await attachBundles(place, image, signatures);
    const { verification } = await findBundle(place, image, keys);
    expect(verification.verified).toBe(refused === true);
    expect(await cosign.verifies("bundle", reference, "trusted.pub")).toBe(taken);
  });
});

function titles(form: string, cases: readonly { readonly title: string }[]) {
  return cases.map(({ title }, index) => [`${title} (${form})`, index] as const);
}

test("what `atom mirror sync` signed in a registry with TLS and a password is verified by cosign in both forms", async () => {
  const signed = readSignatureSet(join(project, "atom.signatures.json"))!.signatures;
  expect(signed.length).toBeGreaterThan(1);
  cosign.write("fleet.pub", readFileSync(join(project, "cosign.pub")));
  for (const { repository, digest } of signed) {
    for (const form of FORMS) {
      expect(await cosign.verifies(form, `${repository}@${digest}`, "fleet.pub")).toBe(true);
    }
  }
});
