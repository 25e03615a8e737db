import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DockerConfig } from "../../../lib/registry/http/docker-config";
import type { Credentials } from "../../../lib/registry/http/http-auth";
import { UsageError } from "../../../lib/support/problem";
import { CredentialHelper } from "../../doubles/credential-helper";
import { tempFolder } from "../../doubles/temp-folder";

const CANARY = "canary-Zq7x-password";

function write(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** A machine on which `docker login` has left this. */
function docker(config: unknown, environment: Record<string, string> = {}): DockerConfig {
  const HOME = tempFolder();
  write(join(HOME, ".docker", "config.json"), config);
  return new DockerConfig({ HOME, ...environment });
}

function entry(user: string, password = "secret") {
  return { auth: Buffer.from(`${user}:${password}`).toString("base64") };
}

/** Credentials with their secret in clear. */
function clear(found: Credentials | undefined): string | undefined {
  if (found === undefined) return undefined;
  if ("identityToken" in found) return `token ${found.identityToken.reveal()}`;
  return `${found.username}:${found.password.reveal()}`;
}

async function find(config: DockerConfig, registry: string, repository = "atom/api") {
  return clear(await config.find(registry, repository));
}

test.each([
  [{ auths: { "ghcr.io": entry("me") } }, "ghcr.io", "me:secret"],
  [{ auths: { "ghcr.io": entry("me") } }, "quay.io", undefined],
  [{ auths: { "ghcr.io": entry("me") } }, "ghcr.io.evil.example", undefined],
  [{ auths: { "ghcr.io": entry("me", "with:colon") } }, "ghcr.io", "me:with:colon"],
  [{ auths: { "ghcr.io": entry("me", "padded\0\0") } }, "ghcr.io", "me:padded"],
  [{ auths: { "ghcr.io": { username: "me", password: "plain" } } }, "ghcr.io", "me:plain"],
  [{ auths: { "ghcr.io": { identitytoken: "long" } } }, "ghcr.io", "token long"],
  [
    { auths: { "ghcr.io": { ...entry("me", ""), identitytoken: "long" } } },
    "ghcr.io",
    "token long",
  ],
  [{ auths: { "ghcr.io": {} } }, "ghcr.io", undefined],
  [{ auths: { "ghcr.io": { auth: "%%%" } } }, "ghcr.io", undefined],
  [{ auths: { "https://r.example:5000/v2/": entry("me") } }, "r.example:5000", "me:secret"],
  [{ auths: { "r.example:5000": entry("me") } }, "r.example", undefined],
  [{ auths: { "https://index.docker.io/v1/": entry("hub") } }, "docker.io", "hub:secret"],
  [{ auths: { "docker.io": entry("hub") } }, "docker.io", "hub:secret"],
  [{}, "ghcr.io", undefined],
  [{ auths: {}, HttpHeaders: { "User-Agent": "x" }, detachKeys: "ctrl-e" }, "ghcr.io", undefined],
])("%j has for %s: %s", async (config, registry, expected) => {
  expect(await find(docker(config), registry)).toBe(expected);
});

test.each([
  ["team/app/web", "app:secret"],
  ["team/app", "app:secret"],
  ["team/apple", "team:secret"],
  ["team", "team:secret"],
  ["other", "all:secret"],
])("the longest path that fits %s counts", async (repository, expected) => {
  const auths = {
    "r.example": entry("all"),
    "r.example/team": entry("team"),
    "r.example/team/app": entry("app"),
  };
  expect(await find(docker({ auths }), "r.example", repository)).toBe(expected);
});

test("any user and password come back as they were written", async () => {
  const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((t) => !t.includes("\0"));
  await fc.assert(
    fc.asyncProperty(
      text.filter((user) => !user.includes(":")),
      text,
      async (user, password) => {
        const config = docker({ auths: { "ghcr.io": entry(user, password) } });
        expect(await find(config, "ghcr.io")).toBe(`${user}:${password}`);
      },
    ),
    { numRuns: 30 },
  );
});

describe("the first file that knows the registry counts", () => {
  function machine(files: Readonly<Record<"podman" | "docker" | "runtime", object | undefined>>) {
    const folder = tempFolder();
    const place = (name: string, content: object | undefined) =>
      content === undefined ? join(folder, name) : write(join(folder, name), content);
    place("docker/config.json", files.docker);
    place("run/containers/auth.json", files.runtime);
    return new DockerConfig({
      REGISTRY_AUTH_FILE: place("podman.json", files.podman),
      DOCKER_CONFIG: join(folder, "docker"),
      XDG_RUNTIME_DIR: join(folder, "run"),
      HOME: join(folder, "home"),
    });
  }
  const knows = (user: string) => ({ auths: { "ghcr.io": entry(user) } });

  test.each([
    [knows("podman"), knows("docker"), knows("runtime"), "podman:secret"],
    [{}, knows("docker"), knows("runtime"), "docker:secret"],
    [undefined, undefined, knows("runtime"), "runtime:secret"],
    [undefined, undefined, undefined, undefined],
  ])("case %#", async (podman, inDocker, runtime, expected) => {
    expect(await find(machine({ podman, docker: inDocker, runtime }), "ghcr.io")).toBe(expected);
  });
});

test.each(["{", "[]", `{"auths":{"ghcr.io":{"auth":7}},"x":"${CANARY}"}`])(
  "fails for the file %j, by its name and without its content",
  async (content) => {
    const found = docker(content).find("ghcr.io", "a");
    await expect(found).rejects.toThrow(UsageError);
    await expect(found).rejects.toThrow(/config\.json: is no configuration that `docker login`/);
    await expect(found).rejects.not.toThrow(CANARY);
  },
);

describe("helpers", () => {
  const answer = (user: string) => `echo '{"Username":"${user}","Secret":"'$server'"}'`;

  function helper(name: string, script: string, config: object) {
    const double = new CredentialHelper(tempFolder(), name, script);
    return { double, config: docker(config, { PATH: double.path }) };
  }

  test("a registry's own comes before an entry, and is asked once", async () => {
    const { double, config } = helper("own", answer("own"), {
      credHelpers: { "ghcr.io": "own" },
      auths: { "ghcr.io": entry("entry") },
      credsStore: "none",
    });
    expect(await find(config, "ghcr.io", "a")).toBe("own:ghcr.io");
    expect(await find(config, "ghcr.io", "b")).toBe("own:ghcr.io");
    expect(double.notes.match(/^get /gm)).toHaveLength(1);
  });

  test("the one for all comes after an entry", async () => {
    const { config } = helper("all", answer("all"), {
      auths: { "ghcr.io": entry("entry"), "quay.io": {} },
      credsStore: "all",
    });
    expect(await find(config, "ghcr.io")).toBe("entry:secret");
    expect(await find(config, "quay.io")).toBe("all:quay.io");
  });

  test("know Docker Hub by Docker's name for it", async () => {
    const { config } = helper("all", answer("all"), { credsStore: "all" });
    expect(await find(config, "docker.io")).toBe("all:https://index.docker.io/v1/");
  });
});
