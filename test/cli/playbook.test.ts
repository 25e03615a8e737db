import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { packageRoot } from "../../lib/support/package-root";
import { planPlaybookRun } from "../../lib/support/playbook-run";
import { sha256 } from "../../lib/support/digest";
import { tempFolder } from "../doubles/temp-folder";
import { atom, inFolder } from "./atom";

const planned = planPlaybookRun({
  playbook: "playbooks/bootstrap.yml",
  inventory: "inventory/hosts.ini",
  limit: ["node-1", "node-2"],
  variables: { atom_region: "eu-west" },
});
const { playbook, argv, planHash } = planned;
const request = { playbook, argv, planHash };
const withoutCheck = argv.filter((argument) => !["--check", "--diff"].includes(argument));

let folder: string;
let log: string;

// A DOUBLE of ansible-playbook: it writes down what it was started with.
beforeEach(() => {
  folder = tempFolder();
  log = join(folder, "argv.txt");
  const program = join(folder, "ansible-playbook");
  writeFileSync(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${log}'\necho "on output"; echo "on error" >&2\nexit "\${CODE:-0}"\n`,
  );
  chmodSync(program, 0o755);
});

const run = (input: string | object, ...more: string[]) =>
  inFolder(folder, () =>
    atom(["playbook", "--plan", "-", ...more], {
      input,
      environment: { PATH: `${folder}:/usr/bin:/bin` },
    }),
  );
const started = () => {
  try {
    return readFileSync(log, "utf8").trim().split("\n");
  } catch {
    return undefined;
  }
};
const resolved = (asked: readonly string[]) =>
  asked
    .slice(1)
    .map((argument) =>
      argument === playbook
        ? join(packageRoot(), playbook)
        : argument.replace("--inventory=", `--inventory=${folder}/`),
    );

describe("atom playbook", () => {
  test("starts a dry run with the paths of this machine and passes on what it prints", async () => {
    const { code, out, error } = await run(request);
    expect({ code, out }).toEqual({ code: 0, out: "on output\n" });
    expect(error).toContain("playbooks/bootstrap.yml (dry run)");
    expect(error).toContain("on error\n");
    expect(started()).toEqual(resolved(argv));
  });

  test("passes on the exit code", async () => {
    const { code } = await inFolder(folder, () =>
      atom(["playbook", "--plan", "-"], {
        input: request,
        environment: { PATH: `${folder}:/usr/bin:/bin`, CODE: "4" },
      }),
    );
    expect(code).toBe(4);
  });

  test("applies what was typed and confirmed", async () => {
    const { code, error } = await run(request, "--apply", "--confirm", planHash);
    expect(code).toBe(0);
    expect(error).toContain("(applying)");
    expect(started()).toEqual(resolved(withoutCheck));
  });

  test("applies a plan without --check only if it was confirmed", async () => {
    const apply = { ...request, argv: withoutCheck };
    const refused = await run(apply);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain(`has no --check, and the run was not confirmed; type --apply`);
    expect(started()).toBeUndefined();
    const { code } = await run(apply, "--apply", "--confirm", planHash);
    expect(code).toBe(0);
    expect(started()).toEqual(resolved(withoutCheck));
  });

  test.each([
    [["--apply"], "needs --confirm"],
    [["--confirm", planHash], "--confirm alone changes nothing"],
    [["--apply", "--confirm", sha256("another")], "is confirmed for another plan"],
  ])("P3 fails for %j and starts nothing", async (typed, words) => {
    const { code, error } = await run(request, ...typed);
    expect(code).toBe(2);
    expect(error).toContain(words);
    expect(started()).toBeUndefined();
  });

  test.each<[string, object, string]>([
    ["another program", { argv: ["sh", "-c", "id"] }, "argv[0]: is not ansible-playbook"],
    ["a path to a program", { argv: ["/tmp/ansible-playbook", ...argv.slice(1)] }, "argv[0]"],
    [
      "another playbook",
      { playbook: "playbooks/evil.yml" },
      'unknown playbook "playbooks/evil.yml"',
    ],
    ["a playbook elsewhere", { playbook: "/tmp/evil.yml" }, "unknown playbook"],
    ["a playbook above", { playbook: "playbooks/../../evil.yml" }, "unknown playbook"],
    [
      "the other playbook in argv",
      { playbook: "playbooks/join.yml" },
      "is not as this package plans",
    ],
    ["an argument more", { argv: [...argv, "--tags=all"] }, "is not as this package plans"],
    ["a second playbook", { argv: [...argv, "/tmp/evil.yml"] }, "is not as this package plans"],
    ["an argument less", { argv: argv.slice(0, -1) }, "is not as this package plans"],
    [
      "--check as another argument's value",
      { argv: ["ansible-playbook", "--tags", "--check", ...withoutCheck.slice(1)] },
      "is not as this package plans",
    ],
    [
      "--check without --diff",
      { argv: argv.filter((argument) => argument !== "--diff") },
      "is not as this package plans",
    ],
    [
      "host keys unchecked",
      {
        argv: argv.map((argument) =>
          argument.replace("StrictHostKeyChecking=yes", "StrictHostKeyChecking=no"),
        ),
      },
      "is not as this package plans",
    ],
    [
      "a variable of Ansible's own",
      {
        argv: argv.map((argument) =>
          argument.replace('{"ansible_host', '{"ansible_check_mode":false,"ansible_host'),
        ),
      },
      "is not as this package plans",
    ],
    [
      "a template in a variable",
      { argv: argv.map((argument) => argument.replace('"eu-west"', '"{{ lookup(1) }}"')) },
      "holds a template",
    ],
    [
      "a list of hosts as inventory",
      { argv: argv.map((argument) => argument.replace("hosts.ini", "hosts.ini,evil")) },
      "inventory",
    ],
    ["a pattern as limit", { argv: argv.map((a) => a.replace("node-1", "all:!x")) }, "limit"],
    ["a plan hash that is none", { planHash: "yes" }, "is no plan of this verb (planHash)"],
    ["a field more", { shell: true }, "is no plan of this verb"],
  ])("P3 fails for %s and starts nothing", async (_, change, words) => {
    const { code, out, error } = await run(
      { ...request, ...change },
      "--apply",
      "--confirm",
      planHash,
    );
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(words);
    expect(started()).toBeUndefined();
  });

  test("fails without ansible-playbook and says how to install it", async () => {
    const { code, error } = await atom(["playbook", "--plan", "-"], {
      input: request,
      environment: { PATH: tempFolder() },
    });
    expect(code).toBe(2);
    expect(error).toContain(
      "is not installed, or not on PATH; install it with: pipx install ansible-core",
    );
  });

  test.each([[["--plan", "plan.json"]], [[]]])("fails for %j", async (argv) => {
    expect((await atom(["playbook", ...argv])).code).toBe(2);
  });
});
