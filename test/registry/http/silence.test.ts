import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OCI_INDEX } from "../../../lib/registry/media-types";
import { HttpRegistry } from "../../../lib/registry/http/http-registry";
import type { HttpRegistryOptions } from "../../../lib/registry/http/http-registry";
import { Silence } from "../../../lib/registry/http/silence";
import type { SilentHost } from "../../../lib/registry/http/silence";
import { TransientError } from "../../../lib/registry/registry-error";
import { SilentServer } from "./silent-server";

const REPOSITORY = "atom/api";
const LIMITS = { told: 60, most: 100, rest: 60_000 };

let silent: SilentServer;
let host: string;

beforeEach(async () => {
  silent = await new SilentServer().start();
  host = silent.host;
});
afterEach(() => silent.close());

function client(options: Partial<HttpRegistryOptions> = {}) {
  const told: SilentHost[] = [];
  const registry = new HttpRegistry({
    registry: host,
    plainHttp: true,
    patience: 40,
    retries: { attempts: 9, firstWait: 1 },
    silence: LIMITS,
    onSilence: (silence) => told.push(silence),
    ...options,
  });
  return { registry, told };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );

test("R3 a host that never answers is told of once, given up, and not asked again", async () => {
  const { registry, told } = client();
  const message = `manifest ${REPOSITORY}:1: ${host} has given no answer for 0.1 s`;
  const first = Array.from({ length: 5 }, () => failureOf(registry.headManifest(REPOSITORY, "1")));
  expect(await Promise.all(first)).toEqual(first.map(() => message));
  const asked = silent.sockets.length;
  expect(asked).toBeLessThanOrEqual(5 * 4);
  expect(await failureOf(registry.headManifest(REPOSITORY, "1"))).toBe(message);
  expect(silent.sockets).toHaveLength(asked);
  expect(told).toEqual([{ host, ...LIMITS }]);
});

test("R3 a host that never answers what it is sent is told of and given up, too", async () => {
  const { registry, told } = client();
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }),
  );
  const message = `manifest ${REPOSITORY}:1: ${host} has given no answer for 0.1 s`;
  expect(await failureOf(registry.putManifest(REPOSITORY, "1", OCI_INDEX, bytes))).toBe(message);
  expect(told).toEqual([{ host, ...LIMITS }]);
});

test("R3 a host that was given up is asked again after its rest", async () => {
  const { registry } = client({ silence: { ...LIMITS, rest: 50 } });
  await failureOf(registry.headManifest(REPOSITORY, "1"));
  silent.answer("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
  await setTimeout(60);
  expect(await registry.headManifest(REPOSITORY, "1")).toBeUndefined();
});

test("R3 a proxy that never answers is given up", async () => {
  const { registry } = client({
    registry: "registry.example",
    plainHttp: false,
    proxyOf: () => new URL(`http://${host}`),
  });
  expect(await failureOf(registry.headManifest(REPOSITORY, "1"))).toBe(
    `manifest ${REPOSITORY}:1: registry.example has given no answer for 0.1 s`,
  );
});

test("R3 a host that answers now and then is not given up, however long it is slow in all", () => {
  const now = vi.spyOn(performance, "now");
  try {
    const silence = new Silence({ host, ...LIMITS }, () => undefined);
    for (let time = 0; time < 10 * LIMITS.most; time += LIMITS.most - 10) {
      now.mockReturnValue(time);
      silence.asked();
      now.mockReturnValue(time + LIMITS.most - 10);
      expect(silence.unanswered("manifest", 40)).toBeInstanceOf(TransientError);
      silence.check("manifest");
      silence.answered();
    }
    silence.asked();
    now.mockReturnValue(12 * LIMITS.most);
    expect(silence.unanswered("manifest", 40)).not.toBeInstanceOf(TransientError);
    expect(() => silence.check("manifest")).toThrow("has given no answer");
  } finally {
    now.mockRestore();
  }
});
