import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../lib/support/package-root";
import { DAEMONS } from "../../lib/platform/daemon";
import { engine } from "./engine";
import { runCommand } from "./project/run-command";
import type { Outcome } from "./project/run-command";

// What these tests do not prove: that the playbooks bring a machine where they are to bring it. They
// change none here; the one with a machine of its own to prepare is not even previewed.

const { folder, project, environment } = engine();
const place = mkdtempSync(join(folder, "tools-"));
afterAll(() => rmSync(place, { recursive: true }));

test("promtool finds nothing to mend in the metrics of the daemons", async () => {
  const text = await metricsAfterOnePass();
  for (const { name } of DAEMONS) {
    expect(text).toMatch(new RegExp(`^atom_daemon_reconciliations_total{daemon="${name}",`, "m"));
  }
  expect(await run("promtool", ["check", "metrics"], text)).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  });
});

describe("Ansible", () => {
  const token = `atomjoin1.${"0".repeat(16)}.${"A".repeat(43)}`;
  const hosts = join(place, "hosts.ini");
  writeFileSync(
    hosts,
    `[workers]
w1 ansible_connection=local ansible_become=false ansible_python_interpreter="{{ ansible_playbook_python }}"
`,
  );

  test.each(["bootstrap.yml", "join.yml"])("takes the syntax of %s", async (name) => {
    const outcome = await run("ansible-playbook", ["--syntax-check", "-i", hosts, playbook(name)]);
    expect([outcome.code, outcome.stdout], outcome.stderr).toEqual([
      0,
      `\nplaybook: ${playbook(name)}\n`,
    ]);
  });

  test("previews join.yml on this machine, without a change or the token's being told", async () => {
    const variables = join(place, "variables.json");
    writeFileSync(
      variables,
      JSON.stringify({
        atom_cluster: "eu-prod",
        atom_pool: "workers",
        atom_join_gateway: "https://gateway.example:8443",
        atom_ca_pin: `sha256:${"0".repeat(64)}`,
        atom_join_token: token,
      }),
    );
    const made = () => existsSync("/etc/atom/join/settings.env");
    const before = made();
    const outcome = await run("ansible-playbook", [
      ...["--check", "--diff", "-vvv", "-i", hosts, "-e", `@${variables}`],
      playbook("join.yml"),
    ]);
    const recap = /^w1 +: ok=(\d+) +changed=\d+ +unreachable=0 +failed=0 /m.exec(outcome.stdout);
    expect(outcome.code, outcome.stdout).toBe(0);
    expect(Number(recap?.[1])).toBeGreaterThan(0);
    expect(outcome.stdout + outcome.stderr).not.toContain(token);
    expect(made()).toBe(before);
  });
});

/** What `atom serve` has for Prometheus once each daemon has looked. */
async function metricsAfterOnePass(): Promise<string> {
  const stopping = new AbortController();
  const logged: string[] = [];
  const serving = runCommand("npx", ["atom", "serve", "--port", "0"], {
    folder: project,
    environment,
    signal: stopping.signal,
    onLine: (line) => logged.push(line),
  });
  try {
    const ended = serving.then(({ stderr }) => Promise.reject(new Error(stderr)));
    return await Promise.race([ended, metricsOnceComplete(logged, stopping.signal)]);
  } finally {
    stopping.abort();
    await serving;
  }
}

async function metricsOnceComplete(
  logged: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    await sleep(100, undefined, { signal });
    const [, base] = logged.map((line) => /^listening on (\S+)$/.exec(line)).find(Boolean) ?? [];
    if (base === undefined) continue;
    const answer = await fetch(`${base}/metrics`, { signal: AbortSignal.timeout(5_000) });
    const text = await answer.text();
    const passes = text.match(/^atom_daemon_reconciliations_total\{/gm) ?? [];
    if (passes.length >= DAEMONS.length) return text;
  }
}

function playbook(name: string): string {
  return join(packageRoot(), "playbooks", name);
}

function run(command: string, argv: readonly string[], stdin = ""): Promise<Outcome> {
  return runCommand(command, argv, { folder: place, environment, stdin });
}
