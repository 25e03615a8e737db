import type { MirroredImage } from "../registry/mirror/state";
import type { Terminal } from "./terminal";

/** What to do about a registry that gives no answer. */
export const NO_ANSWER_MEND =
  "see that it runs and that this machine may call it (curl -i https://<registry>/v2/ gives 200 or 401), or name " +
  "another one in the fleet file; a proxy is read from HTTPS_PROXY, a private authority from SSL_CERT_FILE";

/**
 * Tells once what to do, where images failed because their registry gave none.
 *
 * @param registry whose images they are. @default - one of several, which their failures name
 */
export function tellOfNoAnswer(
  { error }: Terminal,
  images: readonly Pick<MirroredImage, "failure">[],
  registry = "a registry",
): void {
  if (!images.some(({ failure }) => failure === "unreachable")) return;
  error(`${registry} gave no answer: ${NO_ANSWER_MEND}\n`);
}
