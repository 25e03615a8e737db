import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NO_ANSWER_MEND } from "../../lib/cli/no-answer";
import { packageChart } from "../../lib/chart/package";
import { readImageLock } from "../../lib/registry/mirror/lock-file";
import { generateSigningKey } from "../../lib/signing/key";
import type { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { atom, IMAGE_NAMES, imagesFrom, smallFleet, writeFleet, writeKeyPair } from "./atom";
import { startTwoRegistries } from "./two-registries";

let source: RegistryDouble;
let target: RegistryDouble;
let folder: string;
let fleet: string;

beforeEach(async () => {
  [source, target] = await startTwoRegistries();
  folder = tempFolder();
  const { environment } = writeKeyPair(folder);
  fleet = writeFleet(
    folder,
    smallFleet({ registry: { target: target.host }, images: imagesFrom(source.host) }),
  );
  await atom(["mirror", "lock", fleet, "--apply"]);
  await atom(["mirror", "sync", fleet, "--apply"], { environment });
});
afterEach(() => Promise.all([source.close(), target.close()]));

const verify = (...argv: string[]) => atom(["chart", "verify", fleet, ...argv]);
const strangersKey = () => {
  const path = join(folder, "stranger.pub");
  writeFileSync(path, generateSigningKey().publicKeyPem);
  return path;
};

describe("atom chart verify", () => {
  test("says of the chart and of each image that it is there and signed, and writes nothing", async () => {
    const before = target.seen.length;
    const { code, out, error } = await verify();
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const rows = out.trimEnd().split("\n").slice(1);
    const { images } = readImageLock(join(folder, "atom.lock.json"))!;
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual(
      [{ name: "chart services", digest: packageChart().digest }, ...images].map(
        ({ name, digest }) => [name, digest, "there and signed"],
      ),
    );
    const methods = target.seen.slice(before).map(({ method }) => method);
    expect(methods.filter((method) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test("gives the records with --json", async () => {
    const { out } = await verify("--json");
    const { verified, chart, images } = JSON.parse(out) as {
      verified: boolean;
      chart: { reference: string; verification: unknown };
      images: { name: string; reference: string }[];
    };
    const { digest } = packageChart();
    expect({ verified, chart }).toEqual({
      verified: true,
      chart: {
        name: "chart services",
        reference: `${target.host}/atom/charts/services@${digest}`,
        digest,
        verification: { verified: true, keyId: expect.any(String) as string },
      },
    });
    expect(images.map(({ name }) => name)).toEqual(IMAGE_NAMES);
  });

  test("trusts the keys of --key only, and any of them", async () => {
    const own = join(folder, "own.pub");
    copyFileSync(join(folder, "cosign.pub"), own);
    const stranger = strangersKey();
    const alone = await verify("--key", stranger);
    expect(alone.code).toBe(1);
    expect(alone.out.match(/not made by a trusted key/g)).toHaveLength(1 + IMAGE_NAMES.length);
    expect((await verify("--key", stranger, "--key", own)).code).toBe(0);
  });

  test("fails for a key's file that is not there", async () => {
    const { code, error } = await verify("--key", join(folder, "gone.pub"));
    expect({ code, error }).toEqual({
      code: 2,
      error: `Invalid signing:\n - ${join(folder, "gone.pub")}: the public key's file cannot be read (ENOENT)\n`,
    });
  });

  test("fails for a fleet's key that is not there, and what it says to type makes one there", async () => {
    rmSync(join(folder, "cosign.pub"));
    const { code, error } = await verify();
    const shown = relative(process.cwd(), join(folder, "cosign"));
    expect({ code, error }).toEqual({
      code: 2,
      error:
        `Invalid signing:\n - ${shown}.pub: the public key's file cannot be read (ENOENT); put it there, or name ` +
        "another with signing.publicKey in the fleet file or --key, or make a pair with: " +
        `atom key generate --output-key-prefix ${shown}\n`,
    });
    const [, typed = ""] = /with: atom (.*)\n$/.exec(error) ?? [];
    const made = await atom(typed.split(" "), { environment: { COSIGN_PASSWORD: "" } });
    expect(made.code).toBe(0);
    expect((await verify()).out).toContain("not made by a trusted key");
  });

  test.each(["cosign.pub", "other.pub"])("fails naming %s if it holds no key", async (name) => {
    const path = join(folder, name);
    writeFileSync(path, "no key\n");
    const { code, error } = await verify(...(name === "cosign.pub" ? [] : ["--key", path]));
    const shown = name === "cosign.pub" ? relative(process.cwd(), path) : path;
    expect(code).toBe(2);
    expect(error).toContain(`Invalid public key:\n - ${shown}: `);
  });

  test("fails for a registry that does not answer, and says what to try", async () => {
    const { host } = target;
    await target.close();
    const { code, out, error } = await verify();
    expect(code).toBe(1);
    expect(out.split(`the connection to ${host} failed (ECONNREFUSED)`)).toHaveLength(
      2 + IMAGE_NAMES.length,
    );
    expect(error).toBe(`${host} gave no answer: ${NO_ANSWER_MEND}\n`);
  });

  test("fails for a chart that is not there, and goes on with the images", async () => {
    for (const tag of target.tags.keys()) {
      if (tag.startsWith("atom/charts/services:1")) target.tags.delete(tag);
    }
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toContain(`atom/charts/services:${packageChart().tag} is not at the target`);
    expect(out.match(/there and signed/g)).toHaveLength(IMAGE_NAMES.length);
  });

  test("fails for a chart's archive with another byte", async () => {
    const archive = `atom/charts/services@${packageChart().archive.digest}`;
    const bytes = Buffer.from(target.blobs.get(archive)!);
    bytes[bytes.length - 1]! ^= 1;
    target.blobs.set(archive, bytes);
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toMatch(/^chart services +sha256:[0-9a-f]{64} +.*sha256/m);
    expect(out).not.toMatch(/^chart services .*there and signed/m);
  });

  test("fails for an image that is not there, and for one whose signature is gone", async () => {
    const { images } = readImageLock(join(folder, "atom.lock.json"))!;
    const [api] = images;
    for (const key of target.manifests.keys()) {
      if (key.includes(api!.digest)) target.manifests.delete(key);
    }
    for (const tag of target.tags.keys()) {
      if (/^atom\/console:sha256-/.test(tag)) target.tags.delete(tag);
    }
    const { code, out } = await verify();
    expect(code).toBe(1);
    expect(out).toContain(`atom/api@${api!.digest} is not at the target`);
    expect(out).toMatch(/^console .*there is no signature$/m);
    expect(out.match(/there and signed/g)).toHaveLength(1 + IMAGE_NAMES.length - 2);
  });
});
