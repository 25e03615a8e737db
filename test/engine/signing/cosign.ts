import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BedAccess } from "../bed/bed";
import { mustRun, runCommand } from "../project/run-command";
import type { Outcome } from "../project/run-command";

/** How a signature lies in a registry: under the tag `sha256-<hex>.sig`, or as a bundle that refers to the image. */
export type SignatureForm = "tag" | "bundle";

/** No log and no timestamp: the key alone counts, and nothing is asked outside this machine. */
const SIGN = ["--yes", "--tlog-upload=false", "--use-signing-config=false"];
const VERIFY = ["--insecure-ignore-tlog"];
const TRUSTED_ROOT = "trusted-root.json";

export interface CosignOptions {
  readonly environment: Readonly<Record<string, string>>;
  readonly bed: BedAccess;
  /** The host to sign in at. @default - the bed's secured registry */
  readonly registry?: string;
}

/** The real cosign in a folder of its own, where its keys are. */
export class Cosign {
  readonly folder: string;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(
    folder: string,
    { environment, bed, registry = bed.securedRegistry.host }: CosignOptions,
  ) {
    const { username, password } = bed.securedRegistry;
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [registry]: { auth } } }));
    // cosign wants a trust root for a bundle, although a key needs none: this one trusts nobody.
    writeFileSync(
      join(folder, TRUSTED_ROOT),
      JSON.stringify({
        mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      }),
    );
    this.folder = folder;
    this.#environment = {
      ...environment,
      DOCKER_CONFIG: folder,
      SSL_CERT_FILE: bed.caFile,
      TUF_ROOT: join(folder, "tuf"),
      COSIGN_PASSWORD: "",
    };
  }

  run(argv: readonly string[], password = ""): Promise<Outcome> {
    const environment = { ...this.#environment, COSIGN_PASSWORD: password };
    return runCommand("cosign", argv, { folder: this.folder, environment });
  }

  async must(argv: readonly string[], password = ""): Promise<string> {
    const environment = { ...this.#environment, COSIGN_PASSWORD: password };
    return mustRun("cosign", argv, { folder: this.folder, environment });
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.folder, name), content);
  }

  async sign(
    form: SignatureForm,
    reference: string,
    { key, password = "", flags = [] }: SigningOptions,
  ): Promise<void> {
    const format = `--new-bundle-format=${form === "bundle"}`;
    await this.must(["sign", ...SIGN, format, "--key", key, ...flags, reference], password);
  }

  /** Whether cosign takes one of an image's signatures in a form. */
  async verifies(form: SignatureForm, reference: string, publicKey: string): Promise<boolean> {
    const format = [`--new-bundle-format=${form === "bundle"}`, "--trusted-root", TRUSTED_ROOT];
    const argv = ["verify", ...VERIFY, ...format, "--key", publicKey, reference];
    return (await this.run(argv)).code === 0;
  }

  async signBlob(path: string, { key, password = "" }: SigningOptions): Promise<string> {
    const output = ["--new-bundle-format=false", "--output-signature", `${path}.sig`];
    await this.must(["sign-blob", ...SIGN, ...output, "--key", key, path], password);
    return this.read(`${path}.sig`);
  }

  /** Whether cosign takes a base64 signature of a file. */
  async verifiesBlob(path: string, signature: string, publicKey: string): Promise<boolean> {
    this.write(`${path}.sig`, signature);
    const argv = ["verify-blob", ...VERIFY, "--signature", `${path}.sig`, "--key", publicKey, path];
    return (await this.run(argv)).code === 0;
  }
}

export interface SigningOptions {
  /** File of the private key. */
  readonly key: string;
  /** @default - the empty one */
  readonly password?: string;
  readonly flags?: readonly string[];
}
