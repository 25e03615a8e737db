import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { registries } from "../../lib/cli/registries";
import { sha256 } from "../../lib/support/digest";
import { UsageError } from "../../lib/support/problem";
import { RegistryDouble } from "../doubles/registry-double";
import { tempFolder } from "../doubles/temp-folder";
import { SilentServer } from "../registry/http/silent-server";

const blob = { digest: sha256("x"), size: 1 };

let double: RegistryDouble;

beforeEach(async () => {
  double = await new RegistryDouble().start();
  double.auth = "basic";
  double.password = "right";
});
afterEach(() => double.close());

/** Where `docker login` has left the double's password. */
function loggedIn(password: string): Record<string, string> {
  const HOME = tempFolder();
  const auth = Buffer.from(`mirror:${password}`).toString("base64");
  mkdirSync(join(HOME, ".docker"));
  writeFileSync(
    join(HOME, ".docker", "config.json"),
    JSON.stringify({ auths: { [double.host]: { auth } } }),
  );
  return { HOME };
}

const own = { ATOM_REGISTRY_USERNAME: "mirror", ATOM_REGISTRY_PASSWORD: "right" };

test("a registry has one client", () => {
  const sourceOf = registries({}, "registry.example/atom");
  expect(sourceOf("ghcr.io")).toBe(sourceOf("ghcr.io"));
  expect(sourceOf("ghcr.io")).not.toBe(sourceOf("quay.io"));
});

test("the target's user comes from the environment before docker login", async () => {
  const environment = { ...own, ...loggedIn("wrong") };
  const client = registries(environment, `${double.host}/atom`)(double.host);
  expect(await client.hasBlob("a", blob)).toBe(false);
});

test("the environment's user is for the target only", async () => {
  const client = registries({ ...own, HOME: tempFolder() }, "registry.example")(double.host);
  await expect(client.hasBlob("a", blob)).rejects.toMatchObject({ failure: "denied" });
  const sent = new Set(double.seen.map(({ authorization }) => authorization));
  expect(sent).toEqual(new Set([undefined]));
});

test("every other registry's user is docker login's", async () => {
  const client = registries(loggedIn("right"), "registry.example")(double.host);
  expect(await client.hasBlob("a", blob)).toBe(false);
});

test("a registry that answers nothing is told of after ten seconds", async () => {
  const silent = await new SilentServer().start();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.spyOn(Math, "random").mockReturnValue(0);
  try {
    // Written so, it is not taken for this machine, which is asked first whether it speaks TLS.
    const host = silent.host.replace("127.0.0.1", "127.1");
    const told: string[] = [];
    const client = registries({}, "registry.example", (text) => told.push(text))(host);
    const asked = client.headManifest("a", "1").catch(() => "failed");
    while (silent.sockets.length === 0) await setImmediate();
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual([
      `${silent.host} has answered nothing for 10 s; it is given up after 60 s\n`,
    ]);
    await silent.close();
    expect(await asked).toBe("failed");
  } finally {
    vi.useRealTimers();
    vi.restoreAllMocks();
    await silent.close();
  }
});

test("fails for a proxy's variable that is none before anything is asked", () => {
  expect(() => registries({ HTTPS_PROXY: "::" }, "registry.example")).toThrow(UsageError);
});
