import { expect, test } from "vitest";
import { askCredentialHelper } from "../../../lib/registry/http/credential-helper";
import { CredentialHelper } from "../../doubles/credential-helper";
import { tempFolder } from "../../doubles/temp-folder";

const CANARY = "canary-Zq7x-password";

function ask(script: string, environment: Record<string, string> = {}, patience?: number) {
  const helper = new CredentialHelper(tempFolder(), "double", script);
  const all = { PATH: helper.path, ...environment };
  return { helper, answer: askCredentialHelper("double", "registry.example:5000", all, patience) };
}

/** What a helper prints, as JSON in quotes for sh. */
function prints(answer: object): string {
  return `echo '${JSON.stringify(answer)}'`;
}

test("a helper is asked for its server's user, and sees none of our secrets", async () => {
  const { helper, answer } = ask(prints({ Username: "mirror", Secret: CANARY }), {
    AWS_PROFILE: "production",
    ATOM_REGISTRY_PASSWORD: "canary-ours",
    VAULT_TOKEN: "canary-ours",
    COSIGN_PASSWORD: "canary-ours",
    PULUMI_CONFIG_PASSPHRASE: "canary-ours",
  });
  const found = await answer;
  expect(found).toMatchObject({ username: "mirror" });
  expect(found !== undefined && "password" in found && found.password.reveal()).toBe(CANARY);
  expect(helper.notes).toMatch(/^get registry.example:5000\n/);
  expect(helper.notes).toContain("AWS_PROFILE=production");
  expect(helper.notes).not.toContain("canary-ours");
});

test("a helper's <token> is an identity token", async () => {
  const found = await ask(prints({ Username: "<token>", Secret: CANARY })).answer;
  expect(found !== undefined && "identityToken" in found && found.identityToken.reveal()).toBe(
    CANARY,
  );
});

test.each([
  "echo 'credentials not found in native keychain'; exit 1",
  prints({ Username: "", Secret: "" }),
])("a helper that knows no user is anonymous: %s", async (script) => {
  expect(await ask(script).answer).toBeUndefined();
});

test.each([
  [`echo '${CANARY}: locked'; exit 3`, /failed \(exit 3\); try it: echo registry.example:5000 \|/],
  [`echo '{"Username":"${CANARY}'`, /gave no user and secret$/],
  [prints({ Username: CANARY }), /gave no user and secret$/],
  [`yes ${CANARY} | head -c 100000`, /is above 65536 bytes$/],
])("fails for a helper that does %s, without repeating its words", async (script, message) => {
  const { answer } = ask(script);
  await expect(answer).rejects.toThrow(message);
  await expect(answer).rejects.not.toThrow(CANARY);
});

test("fails for a helper that does not end", async () => {
  await expect(ask("exec sleep 60", {}, 200).answer).rejects.toMatchObject({
    failure: "denied",
    message: "docker-credential-double did not answer within 200 ms",
  });
});

test("fails for a helper that is not there, and says what to do", async () => {
  const missing = askCredentialHelper("none", "ghcr.io", { PATH: tempFolder() });
  await expect(missing).rejects.toMatchObject({
    failure: "denied",
    message: expect.stringMatching(/^docker-credential-none is not on PATH; install it/) as string,
  });
});

test.each(["", "../evil", "a b", "a;b", "-x", "a/../b"])(
  "fails for the helper %j: it is no program's name",
  async (name) => {
    const asked = askCredentialHelper(name, "ghcr.io", { PATH: "/bin" });
    await expect(asked).rejects.toThrow(/is no program's name$/);
  },
);
