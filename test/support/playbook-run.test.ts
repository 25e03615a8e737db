import { afterEach, describe, expect, test, vi } from "vitest";
import { join } from "node:path";
import { localArgv, planPlaybookRun } from "../../lib/support/playbook-run";
import type { PlaybookRunOptions } from "../../lib/support/playbook-run";
import { sha256 } from "../../lib/support/digest";

const run: PlaybookRunOptions = {
  playbook: "playbooks/join.yml",
  inventory: "inventory/hosts.ini",
  limit: ["w1", "w2.example"],
  variables: { atom_pool: "workers" },
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("planPlaybookRun", () => {
  test("P3-1 is a dry run without a confirmation, whatever the environment says", () => {
    const plain = planPlaybookRun(run);
    expect(plain.mode).toBe("check");
    expect(plain.argv.slice(0, 3)).toEqual(["ansible-playbook", "--check", "--diff"]);
    vi.stubEnv("ANSIBLE_CHECK_MODE", "false");
    vi.stubEnv("ANSIBLE_DIFF_ALWAYS", "false");
    vi.stubEnv("ATOM_APPLY", "true");
    vi.stubEnv("ANSIBLE_HOST_KEY_CHECKING", "false");
    expect(planPlaybookRun(run)).toEqual(plain);
  });

  test("P3-1 runs for real only with this plan's own hash", () => {
    const { planHash, argv } = planPlaybookRun(run);
    const applied = planPlaybookRun({ ...run, apply: { confirm: planHash } });
    expect(applied.mode).toBe("apply");
    expect(applied.argv).toEqual(argv.filter((a) => a !== "--check" && a !== "--diff"));
    expect(applied.planHash).toBe(planHash);
  });

  test.each<[string, PlaybookRunOptions]>([
    ["another playbook", { ...run, playbook: "playbooks/bootstrap.yml" }],
    ["another inventory", { ...run, inventory: "inventory/other.ini" }],
    ["another host", { ...run, limit: ["w1"] }],
    ["another variable", { ...run, variables: { atom_pool: "masters" } }],
    ["another subject", { ...run, covers: { nodes: 2 } }],
  ])("P3-1 the hash of this plan does not confirm %s", (_, other) => {
    const { planHash: confirm } = planPlaybookRun(run);
    const { mode, argv } = planPlaybookRun({ ...other, apply: { confirm } });
    expect(mode).toBe("check");
    expect(argv).toEqual(expect.arrayContaining(["--check", "--diff"]));
  });

  test("P3-1 a made-up hash confirms nothing", () => {
    const apply = { confirm: sha256("") };
    expect(planPlaybookRun({ ...run, apply }).mode).toBe("check");
  });

  test("T15 host keys are checked, above inventory, ini file and environment", () => {
    const extra = planPlaybookRun(run).argv.find((a) => a.startsWith("--extra-vars="));
    expect(JSON.parse(extra!.slice("--extra-vars=".length))).toEqual({
      ansible_host_key_checking: true,
      ansible_ssh_host_key_checking: true,
      ansible_ssh_args: "-o StrictHostKeyChecking=yes -o ControlMaster=auto -o ControlPersist=60s",
      atom_pool: "workers",
    });
  });

  test("carries the parsed playbook", () => {
    expect(planPlaybookRun(run).document).toEqual([
      expect.objectContaining({ name: "Join nodes to their pool", become: true }),
    ]);
  });

  test.each<[string, Partial<PlaybookRunOptions>, string]>([
    ["a playbook elsewhere", { playbook: "playbooks/../../x.yml" }, "is no path of a .yml file"],
    ["an option as playbook", { playbook: "--version.yml" }, "is no path of a .yml file"],
    ["a missing playbook", { playbook: "playbooks/none.yml" }, "cannot be read as a playbook"],
    ["hosts as inventory", { inventory: "evil.example," }, "reads a comma as a list of hosts"],
    ["a pattern as host", { limit: ["all:!w1"] }, "is a pattern and no host name"],
    ["an option as host", { limit: ["-e x=1"] }, "is a pattern and no host name"],
    [
      "Ansible's variables",
      { variables: { ansible_check_mode: "no" } },
      "names begin with 'atom_'",
    ],
    ["a secret", { variables: { atom_join_token: "x" } }, "sounds like a secret"],
    ["a template", { variables: { atom_pool: "{{ lookup('pipe', 'id') }}" } }, "holds a template"],
  ])("fails for %s", (_, options, message) => {
    expect(() => planPlaybookRun({ ...run, ...options })).toThrow(message);
  });
});

describe("localArgv", () => {
  test("makes the two paths absolute and leaves the rest", () => {
    const plan = planPlaybookRun(run);
    expect(localArgv(plan, "/fleet")).toEqual(
      plan.argv.map((argument) =>
        argument === "playbooks/join.yml"
          ? join(__dirname, "../../playbooks/join.yml")
          : argument.replace("=inventory/hosts.ini", "=/fleet/inventory/hosts.ini"),
      ),
    );
  });
});
