import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HttpRegistry } from "../../lib/registry/http/http-registry";
import { planMirror } from "../../lib/registry/mirror/plan";
import type { MirrorPlan } from "../../lib/registry/mirror/plan";
import { resolveImages } from "../../lib/registry/mirror/resolve";
import { verifyMirror } from "../../lib/registry/mirror/verify";
import { generateSigningKey } from "../../lib/signing/key";
import { Secret } from "../../lib/support/secret";
import { engine } from "./engine";
import { publishImages } from "./mirror/many-images";
import type { UpstreamImage } from "./mirror/many-images";
import { runCommand } from "./project/run-command";
import type { Outcome } from "./project/run-command";
import { FaultProxy } from "./registry-faults/fault-proxy";

// What these tests do not prove: that a registry whose own machine loses power keeps what it has confirmed.

const { bed, project, environment } = engine();
const folder = join(project, "mirror-killed");
const key = readFileSync(join(project, "cosign.pub"), "utf8");
/** More than a mirror of one image writes. */
const MOST_WRITES = 60;

let target: FaultProxy;
let vendor: UpstreamImage;

beforeAll(async () => {
  const { host } = bed.openRegistry;
  const upstreamKey = generateSigningKey();
  const client = new HttpRegistry({ registry: host });
  // The first one is an index, and writes more of the same.
  const options = { path: "killed", count: 2, key: upstreamKey };
  vendor = (await publishImages(client, host, options))[1]!;
  const secured = {
    origin: `https://${bed.securedRegistry.host}`,
    ca: readFileSync(bed.caFile, "utf8"),
  };
  target = await FaultProxy.start(secured, true);
});

afterAll(async () => {
  await target.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("R8 a mirror killed after each write in turn leaves no half image under a tag, and is finished by the next run", async () => {
  let writes = 1;
  for (; writes < MOST_WRITES; writes += 1) {
    const plan = await planTo(`killed-${writes}`);
    const killed = await syncKilledAfter(writes, plan);
    const [image] = plan.images;
    const client = clientOfTarget();
    if ((await client.headManifest(image!.repository, image!.tag)) !== undefined) {
      const { verified } = await verifyMirror(plan, client, [key]);
      expect(verified, `after write ${writes}`).toBe(true);
    }
    target.set();
    const { code, stderr } = await sync(plan);
    expect(code, `after write ${writes}: ${stderr}`).toBe(0);
    expect((await verifyMirror(plan, client, [key])).verified, `after write ${writes}`).toBe(true);
    // The vendor's bundle and attestation, and our bundle: nothing twice.
    expect(await client.listReferrers(image!.repository, image!.digest)).toHaveLength(3);
    if (!killed) break;
  }
  expect(writes).toBeGreaterThan(12);
  expect(writes).toBeLessThan(MOST_WRITES);
});

/** Kills the run when the registry has taken a number of writes, before it hears of the last. */
async function syncKilledAfter(writes: number, plan: MirrorPlan): Promise<boolean> {
  const killing = new AbortController();
  target.set({
    method: /^(POST|PUT|PATCH)$/,
    path: /^\/v2\//,
    fault: async ({ number, forward }) => {
      if (number < writes) return forward();
      if (number > writes) return;
      await forward((answer) => {
        killing.abort();
        return answer;
      });
    },
  });
  await sync(plan, killing.signal);
  return killing.signal.aborted;
}

function sync(plan: MirrorPlan, signal?: AbortSignal): Promise<Outcome> {
  const place = join(folder, plan.target.split("/")[1]!);
  mkdirSync(place, { recursive: true });
  // Not by npx, which takes as long to start as the run takes.
  const program = join(project, "node_modules", ".bin", "atom");
  return runCommand("node", [program, "mirror", "sync", "--apply", "--plan", "-"], {
    folder: place,
    environment,
    stdin: JSON.stringify(plan),
    ...(signal === undefined ? {} : { signal }),
  });
}

async function planTo(path: string): Promise<MirrorPlan> {
  const { name, source } = vendor;
  const client = new HttpRegistry({ registry: bed.openRegistry.host });
  const lock = await resolveImages([{ name, source }], () => client);
  return planMirror(lock, { target: `${target.host}/${path}` });
}

function clientOfTarget(): HttpRegistry {
  const { username, password } = bed.securedRegistry;
  return new HttpRegistry({
    registry: target.host,
    credentials: { username, password: Secret.of(password) },
  });
}
