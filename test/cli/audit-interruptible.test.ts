import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { endedBySignals } from "../../lib/cli/audit-interruptible";
import { tempFolder } from "../doubles/temp-folder";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** `atom audit` of some Deployments, as a process of its own which outlives no test. */
function auditOf(deployments: number) {
  const items = Array.from({ length: deployments }, (_, index) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: `api-${index}`, namespace: "tenant-acme" },
    spec: { template: { spec: { containers: [{ name: "api", image: "api:latest" }] } } },
  }));
  const path = join(tempFolder(), "all.json");
  writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  const main = join(__dirname, "../../lib/cli/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, "audit", path], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  undo.push(() => child.kill("SIGKILL"));
  return child;
}

/** Whether a process that is sent a signal ends within a second. */
async function endsSoon(child: ReturnType<typeof auditOf>, signal: NodeJS.Signals) {
  const began = performance.now();
  child.kill(signal);
  await once(child, "exit");
  return performance.now() - began < 1_000;
}

describe("S4 a signal ends atom audit", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "while it decides: %s",
    async (signal) => {
      const child = auditOf(20_000);
      const [told] = (await once(child.stderr, "data")) as [Buffer];
      expect(String(told)).toBe("looking at 20000 objects in 1 file …\n");
      const soon = await endsSoon(child, signal);
      expect({ soon, signal: child.signalCode }).toEqual({ soon: true, signal });
    },
    60_000,
  );

  test("while nobody takes what it prints", async () => {
    const child = auditOf(200);
    await once(child.stdout, "readable");
    const soon = await endsSoon(child, "SIGINT");
    expect({ soon, code: child.exitCode }).toEqual({ soon: true, code: 130 });
  }, 60_000);
});

test("who listened to signals does so again, also where the work fails", () => {
  const heard = () => undefined;
  process.on("SIGTERM", heard);
  undo.push(() => process.off("SIGTERM", heard));
  const before = process.rawListeners("SIGTERM");
  const during = endedBySignals(() => process.listenerCount("SIGTERM"));
  expect(() =>
    endedBySignals(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect({ during, after: process.rawListeners("SIGTERM") }).toEqual({ during: 0, after: before });
});
