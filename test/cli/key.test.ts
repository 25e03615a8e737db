import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runCommandLine } from "../../lib/cli/run";
import { askForSigningKey, readSigningKey } from "../../lib/cli/signing-key";
import type { Terminal } from "../../lib/cli/terminal";
import { readFleet } from "../../lib/fleet/read-fleet";
import { readPrivateKey } from "../../lib/signing/key";
import { Secret } from "../../lib/support/secret";
import { RecordingTerminal } from "../doubles/recording-terminal";
import { tempFolder } from "../doubles/temp-folder";
import { COSIGN_KEY, COSIGN_PASSWORD, COSIGN_PUB } from "../signing/cosign-made";
import { atom, writeFleet, writeKeyPair } from "./atom";

const PASSWORD = "canary-password-7Wq4";

let folder: string;
let prefix: string;
beforeEach(() => {
  folder = tempFolder();
  prefix = join(folder, "cosign");
  // Nobody is there, also if the tests are run by hand.
  vi.spyOn(process, "stdin", "get").mockReturnValue(new PassThrough() as never);
});
afterEach(() => vi.restoreAllMocks());

const read = (end: string) => readFileSync(`${prefix}${end}`, "utf8");

function generate(environment: Terminal["environment"]) {
  return atom(["key", "generate", "--output-key-prefix", prefix], { environment });
}

describe("atom key generate", () => {
  test("writes a key that its password opens, for its owner only, and its public half", async () => {
    const { code, out, error } = await generate({ COSIGN_PASSWORD: PASSWORD });
    expect({ code, out, error }).toEqual({
      code: 0,
      out: `${prefix}.key\n${prefix}.pub\n`,
      error: "",
    });
    expect(statSync(`${prefix}.key`).mode & 0o777).toBe(0o600);
    expect(statSync(`${prefix}.pub`).mode & 0o777).toBe(0o644);
    const key = readPrivateKey(read(".key"), Secret.of(PASSWORD));
    expect(key.publicKeyPem).toBe(read(".pub"));
  });

  test("takes an empty password for one, as cosign does", async () => {
    expect((await generate({ COSIGN_PASSWORD: "" })).code).toBe(0);
    expect(readPrivateKey(read(".key"), Secret.of("")).publicKeyPem).toBe(read(".pub"));
  });

  test.each([".key", ".pub"])("fails if there is a %s already, and leaves it", async (end) => {
    writeFileSync(`${prefix}${end}`, "the only copy");
    const { code, error } = await generate({ COSIGN_PASSWORD: PASSWORD });
    expect(code).toBe(2);
    expect(error).toBe(
      `Invalid key file:\n - ${prefix}${end}: is there already; ` +
        "choose another --output-key-prefix, or move it away\n",
    );
    expect(read(end)).toBe("the only copy");
    expect([".key", ".pub"].filter((each) => existsSync(`${prefix}${each}`))).toEqual([end]);
  });

  test("fails without a password and without a terminal to type one at", async () => {
    const { code, error } = await generate({});
    expect(code).toBe(2);
    expect(error).toContain("COSIGN_PASSWORD: is not set, and there is no terminal");
    expect(existsSync(`${prefix}.key`)).toBe(false);
  });

  test("fails for a folder that cannot be made", async () => {
    writeFileSync(join(folder, "file"), "");
    prefix = join(folder, "file", "keys", "cosign");
    const { code, error } = await generate({ COSIGN_PASSWORD: PASSWORD });
    expect({ code, error }).toEqual({
      code: 2,
      error: `Invalid key file:\n - ${prefix}.key: cannot be written (ENOTDIR)\n`,
    });
  });

  describe("at a terminal", () => {
    const argv = () => ["node", "atom", "key", "generate", "--output-key-prefix", prefix];

    test("asks for the password twice and shows nothing of it", async () => {
      const person = typing(`${PASSWORD}\r`, `${PASSWORD}\r`);
      expect(await runCommandLine(argv(), person.terminal)).toBe(0);
      expect(person.terminal.errors).toBe(
        "Password for the private key: \nThe same password again: \n",
      );
      expect(person.shown()).not.toContain("canary");
      expect(person.rawModes).toEqual([true, false, true, false]);
      expect(readPrivateKey(read(".key"), Secret.of(PASSWORD)).publicKeyPem).toBe(read(".pub"));
    });

    test.each([
      ["two passwords that differ", [`${PASSWORD}\r`, "another\r"], 2, "the two are not the same"],
      ["Ctrl-D", ["\u0004"], 2, "none was typed"],
      ["Ctrl-C", ["canary\u0003"], 130, "interrupted"],
    ])("fails for %s, and writes nothing", async (_, answers, code, message) => {
      const person = typing(...answers);
      expect(await runCommandLine(argv(), person.terminal)).toBe(code);
      expect(person.terminal.errors).toContain(message);
      expect(person.shown()).not.toContain("canary");
      expect(existsSync(`${prefix}.key`)).toBe(false);
    });
  });
});

describe("the key that signs", () => {
  const environment = () => ({ COSIGN_KEY_PATH: `${prefix}.key` });
  beforeEach(() => writeFileSync(`${prefix}.key`, COSIGN_KEY));

  test("is opened with COSIGN_PASSWORD", async () => {
    const opening = { ...environment(), COSIGN_PASSWORD: COSIGN_PASSWORD.reveal() };
    expect(readSigningKey(opening).publicKeyPem).toBe(COSIGN_PUB);
    const asked = await askForSigningKey(new RecordingTerminal(opening));
    expect(asked.publicKeyPem).toBe(COSIGN_PUB);
  });

  test("is opened with what is typed at the terminal", async () => {
    const person = typing(`${COSIGN_PASSWORD.reveal()}\r`);
    const terminal = Object.assign(person.terminal, { environment: environment() });
    expect((await askForSigningKey(terminal)).publicKeyPem).toBe(COSIGN_PUB);
    expect(terminal.errors).toBe("Password of the private key: \n");
    expect(person.shown()).toBe(terminal.errors);
  });

  test("fails without a password where nobody can be asked", async () => {
    const message = "is encrypted, and no password was given; set COSIGN_PASSWORD to it";
    expect(() => readSigningKey(environment())).toThrow(message);
    const asking = askForSigningKey(new RecordingTerminal(environment()));
    await expect(asking).rejects.toThrow(message);
  });

  test("fails if the fleet trusts the public half of another, and takes one of two", async () => {
    const opening = { ...environment(), COSIGN_PASSWORD: COSIGN_PASSWORD.reveal() };
    writeKeyPair(folder);
    const loaded = readFleet(writeFleet(folder), opening);
    const message =
      `${prefix}.key: is not the private half of a key in cosign.pub, which the fleet trusts; ` +
      "set COSIGN_KEY_PATH to the one that is, or add this one's public half to cosign.pub";
    expect(() => readSigningKey(opening, loaded)).toThrow(message);
    const asking = askForSigningKey(new RecordingTerminal(opening), loaded);
    await expect(asking).rejects.toThrow(message);
    appendFileSync(join(folder, "cosign.pub"), COSIGN_PUB);
    expect(readSigningKey(opening, loaded).publicKeyPem).toBe(COSIGN_PUB);
  });

  test("fails where there is none, and says how to make one", () => {
    expect(() => readSigningKey({})).toThrow(
      "COSIGN_KEY_PATH: there is no key to sign with; make a pair with: atom key generate; " +
        "then export COSIGN_KEY_PATH=cosign.key",
    );
  });
});

/** A person at a terminal, a double, who answers each question with the next of these. */
function typing(...answers: string[]) {
  const rawModes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (mode: boolean) => void rawModes.push(mode),
  });
  const written = vi.spyOn(process.stdout, "write");
  vi.spyOn(process, "stdin", "get").mockReturnValue(stdin as never);
  const terminal = new (class extends RecordingTerminal {
    override readonly error = (text: string): void => {
      this.errors += text;
      if (text.endsWith(": ")) setImmediate(() => stdin.write(answers.shift()));
    };
  })();
  const shown = () =>
    [terminal.output, terminal.errors, ...written.mock.calls.map(([text]) => String(text))].join(
      "",
    );
  return { terminal, rawModes, shown };
}
