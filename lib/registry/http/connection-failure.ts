import { isCertificateFault } from "../../support/certificate-fault";
import { RegistryError, TransientError } from "../registry-error";

/** By chance one or the other: they tell a reader nothing. */
const BROKEN = new Set(["ECONNRESET", "EPIPE"]);

/** What hpagent says if a proxy does not let a connection through. */
const PROXY_ANSWER = /^Bad response: ([0-9]{3})$/;

/** Whether a proxy took a connection and said nothing. Source: hpagent's words for it. */
export function isSilentProxy(error: unknown): boolean {
  return (error as Error).message === "Proxy timeout";
}

/**
 * What it means that no connection came about: a certificate that is not trusted and a proxy that says
 * no stay as they are, all else may pass.
 *
 * @param proxy host of the proxy that leads there. @default - there is none
 */
export function connectionFailure(
  what: string,
  host: string,
  error: unknown,
  proxy?: string,
): RegistryError {
  const { code = "", message = "" } = error as NodeJS.ErrnoException;
  if (isCertificateFault(code)) {
    return new RegistryError("refused", `${what}: ${certificateWords(code)}`);
  }
  const status = PROXY_ANSWER.exec(message)?.[1];
  if (status !== undefined) {
    const words = `${what}: the proxy ${proxy ?? "in between"} answered ${status}`;
    return status.startsWith("4") ? new RegistryError("refused", words) : new TransientError(words);
  }
  const why = code === "" || BROKEN.has(code) ? "" : ` (${code})`;
  const way = proxy === undefined ? host : `${host} through the proxy ${proxy}`;
  return new TransientError(`${what}: the connection to ${way} failed${why}`);
}

/** Which authority issued it does not matter where it is for another name. */
function certificateWords(code: string): string {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const mend = "see registry.target in the fleet file, or the image's source";
    return `the server's certificate is for another name (${code}); ${mend}`;
  }
  const mend = "if a private authority issued it, name its certificate in SSL_CERT_FILE";
  return `the server's certificate is not trusted (${code}); ${mend}`;
}
