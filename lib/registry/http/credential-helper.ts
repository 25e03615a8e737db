import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { parseJson } from "../../support/parse-json";
import { Secret } from "../../support/secret";
import type { Credentials } from "./http-auth";
import { RegistryError } from "../registry-error";
import { collect } from "../verified-stream";

type Environment = Readonly<Record<string, string | undefined>>;

const NAME = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/i;
const LARGEST_ANSWER = 64 * 1024;
/** A helper may have to ask its user, or a service far away. */
const PATIENCE_MILLISECONDS = 60_000;

/** Ours, and none of a registry's helper's business. */
const KEPT_FROM_HELPERS = /^(ATOM_|VAULT_|COSIGN_|PULUMI_)/;

/** A helper whose answer has this username gives an identity token (docker-credential-helpers, README). */
const TOKEN_USER = "<token>";

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

/**
 * Asks a credential helper for a registry's user: the program `docker-credential-<name>` on PATH gets the
 * server on its input and answers in JSON. Source: docker/docker-credential-helpers, README, "Development".
 *
 * @param server as Docker's configuration has it: a host, or Docker Hub's `https://index.docker.io/v1/`.
 * @returns undefined if the helper knows no user there.
 * @throws RegistryError `denied` if the helper cannot be started, fails, or does not end.
 */
export async function askCredentialHelper(
  name: string,
  server: string,
  environment: Environment,
  patience = PATIENCE_MILLISECONDS,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`;
  if (!NAME.test(name)) {
    throw failed(`the credential helper ${JSON.stringify(name)} is no program's name`);
  }
  const { code, output } = await run(program, server, environment, patience);
  if (code !== 0) {
    // Helpers print why they fail on their output; each has its own words for a user they do not know.
    if (/credentials not found|no such (item|credential)/i.test(output)) return undefined;
    throw failed(`${program} failed (exit ${code}); try it: echo ${server} | ${program} get`);
  }
  const answer = answerSchema.safeParse(parseJson(output));
  if (!answer.success) throw failed(`${program} gave no user and secret`);
  const { Username: username, Secret: value } = answer.data;
  if (username === "" && value === "") return undefined;
  const secret = Secret.of(value);
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

async function run(
  program: string,
  server: string,
  environment: Environment,
  patience: number,
): Promise<{ code: number | null; output: string }> {
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !KEPT_FROM_HELPERS.test(name)),
  );
  const limit = AbortSignal.timeout(patience);
  const child = spawn(program, ["get"], {
    env,
    stdio: ["pipe", "pipe", "ignore"],
    signal: limit,
    killSignal: "SIGKILL",
  });
  const ended = once(child, "close") as Promise<[number | null]>;
  // A helper that ends before it has read its input is judged by its answer.
  child.stdin.on("error", () => undefined).end(`${server}\n`);
  try {
    const [output, [code]] = await Promise.all([
      collect(child.stdout as AsyncIterable<Uint8Array>, LARGEST_ANSWER, `answer of ${program}`),
      ended,
    ]);
    return { code, output: output.toString("utf8") };
  } catch (error) {
    child.kill("SIGKILL");
    if (limit.aborted) throw failed(`${program} did not answer within ${patience} ms`);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw failed(`${program} is not on PATH; install it, or take it out of Docker's config.json`);
    }
    throw error instanceof RegistryError ? error : failed(`${program} cannot be run`);
  }
}

function failed(message: string): RegistryError {
  return new RegistryError("denied", message);
}
