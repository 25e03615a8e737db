import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodedForms } from "../../lib/support/redactor";
import { OpenBao } from "./bed/openbao";
import { engine } from "./engine";
import { discardAll, PulumiStack } from "./project/pulumi";
import type { Outcome } from "./project/run-command";

const { bed, project, environment, canaries } = engine();
const secondary = new OpenBao(bed.secondary);
const platform = new PulumiStack("platform.eu-west", project, environment);
const tenant = new PulumiStack("tenant.acme.eu-west", project, environment);

/** Everything that is a secret of this run, by what it is. */
const SECRETS: Readonly<Record<string, string>> = {
  "token of the primary": bed.primary.rootToken,
  "token of the secondary": bed.secondary.rootToken,
  "password of the registry": bed.securedRegistry.password,
  "passphrase of the state": environment["PULUMI_CONFIG_PASSPHRASE"] ?? "",
  "signing key": readFileSync(join(project, "cosign.pem"), "utf8").split("\n")[1] ?? "",
  ...Object.fromEntries(canaries.map((canary, index) => [`replicated value ${index}`, canary])),
};
const MOST_VERBOSE = ["--diff", "--logtostderr", "-v=9"];

afterEach(async () => {
  await secondary.unseal();
  await discardAll([tenant, platform]);
});

test.each([
  ["as it is", (value: string) => `token=${value};`],
  ["in a header", (value: string) => `Authorization: Basic ${base64(`atom:${value}`)}`],
  ["in JSON in base64", (value: string) => base64(JSON.stringify({ password: value }))],
  ["in a URL", (value: string) => `?password=${encodeURIComponent(value)}`],
])("the search finds each secret %s", (_, written) => {
  for (const [what, value] of Object.entries(SECRETS)) {
    expect([what, leaksIn(written(value), SECRETS)]).toEqual([what, [what]]);
  }
});

describe("with the tokens in the environment, no secret is in anything that a run prints or leaves", () => {
  beforeEach(async () => {
    for (const stack of [platform, tenant]) await stack.init("of the environment");
  });

  test("of a deploy, with the engine's most verbose log", async () => {
    for (const stack of [platform, tenant]) {
      await noneInAny(stack, "preview", MOST_VERBOSE);
      await noneInAny(stack, "up", MOST_VERBOSE);
      await noneInAny(stack, "refresh", MOST_VERBOSE);
    }
    noneInFiles();
    for (const stack of [platform, tenant]) {
      const exported = ["stack", "export", "--show-secrets", "--stack", stack.name];
      expect(leaksIn(await stack.must(exported), SECRETS)).toEqual([]);
    }
  });

  test("of failed runs: a sealed Vault, a wrong password of the registry", async () => {
    await secondary.seal();
    const sealed = await platform.up({ more: MOST_VERBOSE });
    await secondary.unseal();
    expect(sealed.code, sealed.stderr).toBe(1);
    expect(causesIn(sealed)).toEqual(["* Vault is sealed"]);
    noneIn("up on a sealed Vault", sealed);
    const destroyed = await platform.destroy();
    expect(destroyed.code, destroyed.stdout).toBe(0);

    const password = "not-the-password-of-the-registry";
    const denied = await platform.up({
      more: MOST_VERBOSE,
      environment: { ...environment, ATOM_REGISTRY_PASSWORD: password },
    });
    expect(denied.code, denied.stderr).toBe(1);
    expect(causesIn(denied)).toEqual(["the registry answered 401"]);
    noneIn("up with a wrong password", denied, { ...SECRETS, "wrong password": password });
    noneInFiles();
  });
});

describe("with the tokens in the stack's configuration, none is in clear", () => {
  beforeEach(async () => {
    for (const stack of [platform, tenant]) await stack.init("of the configuration");
  });

  test("in a plan, an output, an event or a state, nor where one takes another's place", async () => {
    for (const stack of [platform, tenant]) {
      await noneInAny(stack, "preview", ["--diff"]);
      await noneInAny(stack, "up", ["--diff"]);
      await noneInAny(stack, "refresh", ["--diff"]);
    }
    const { auth } = await secondary.request<{ auth: { client_token: string } }>(
      "/v1/auth/token/create",
      { method: "POST", body: { policies: ["root"], ttl: "1h" } },
    );
    await platform.setSecret("atom:vaultSecondaryToken", auth.client_token);
    const replaced = await platform.up({ more: ["--diff"] });
    expect(replaced.code, replaced.stdout).toBe(0);
    const known = { ...SECRETS, "new token": auth.client_token };
    noneIn("up", replaced, known);
    noneInFiles(known);

    const exported = ["stack", "export", "--show-secrets", "--stack", platform.name];
    expect(leaksIn(await platform.must(exported), known)).toEqual([
      "token of the primary",
      "new token",
    ]);
  });
});

/** Runs a verb with the engine's event log and, for a preview, its plan, and looks into all of them. */
async function noneInAny(
  stack: PulumiStack,
  verb: "preview" | "up" | "refresh",
  more: readonly string[],
): Promise<void> {
  const events = join(project, `${stack.name}.${verb}.events`);
  const plan = join(project, `${stack.name}.plan.json`);
  const outcome = await stack[verb]({
    more: [...more, "--event-log", events, ...(verb === "preview" ? ["--save-plan", plan] : [])],
    // The engine has the event log's flag only then.
    environment: { ...environment, PULUMI_DEBUG_COMMANDS: "true" },
  });
  expect(outcome.code, outcome.stdout).toBe(0);
  expect([events, plan].map((path) => existsSync(path))).toEqual([true, true]);
  noneIn(`${verb} of ${stack.name}`, outcome);
}

/** Why a run failed, as it tells a person at the end of a line; once each. With `--diff` errors go there. */
function causesIn({ stderr }: Outcome): string[] {
  const causes = stderr.match(/(\* Vault is sealed|the registry answered \d+|already in use.*)$/gm);
  return [...new Set(causes)].sort();
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** Names what was found, and never the value. */
function leaksIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets)
    .filter(([, value]) => encodedForms(value).some((form) => text.includes(form)))
    .map(([what]) => what);
}

function noneIn(what: string, { stdout, stderr }: Outcome, secrets = SECRETS): void {
  const leaks = { what, stdout: leaksIn(stdout, secrets), stderr: leaksIn(stderr, secrets) };
  expect(leaks).toEqual({ what, stdout: [], stderr: [] });
}

/** In the state, its history and backups, and in every file of the project but the key itself. */
function noneInFiles(secrets = SECRETS): void {
  const state = environment["PULUMI_BACKEND_URL"]?.replace("file://", "") ?? "";
  const files = [...filesBelow(state), ...filesBelow(project)].filter(
    (path) => !path.includes("/node_modules/") && !path.endsWith("cosign.pem"),
  );
  expect(files.length).toBeGreaterThan(10);
  const leaking = files
    .map((path) => ({ path, leaks: leaksIn(readFileSync(path, "latin1"), secrets) }))
    .filter(({ leaks }) => leaks.length > 0);
  expect(leaking).toEqual([]);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
