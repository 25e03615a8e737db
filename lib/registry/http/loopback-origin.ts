import { connect } from "node:tls";

/** OpenSSL's word for a server that answers a TLS handshake with something else. */
const NO_TLS = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "EPROTO",
]);
const PATIENCE = 5_000;

/** Whether a registry is on this machine: only there may it do without TLS, as for Docker and crane. */
export function isLoopback(registry: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(registry);
}

/**
 * Where the API of a registry on this machine is: HTTPS if it answers a TLS handshake, whatever its
 * certificate is worth, and HTTP if it answers with anything else. One that does not answer counts as
 * HTTP; what it is asked next tells that it is not there.
 */
export function loopbackOrigin(registry: string): Promise<string> {
  const { hostname, port } = new URL(`https://${registry}`);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? 443 : Number(port),
      // Only the handshake is of interest here; each request checks the certificate.
      rejectUnauthorized: false,
      timeout: PATIENCE,
    });
    const settle = (scheme: "http" | "https") => {
      socket.destroy();
      resolve(`${scheme}://${registry}`);
    };
    socket
      .once("secureConnect", () => settle("https"))
      .once("timeout", () => settle("http"))
      .once("error", ({ code }: NodeJS.ErrnoException) =>
        settle(
          code === undefined || NO_TLS.has(code) || code.startsWith("ECONN") ? "http" : "https",
        ),
      );
  });
}
