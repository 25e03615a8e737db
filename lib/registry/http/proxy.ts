import { BlockList, isIP } from "node:net";
import { isLoopback } from "./loopback-origin";
import { UsageError } from "../../support/problem";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which proxy leads to an address, by the variables that curl, Go and Docker read: `HTTPS_PROXY` and
 * `HTTP_PROXY` for the address's scheme, `NO_PROXY` for exceptions, each in lower case too. A proxy is
 * `http://` or `https://`, with a user and a password where it wants them; `host:port` is `http://`.
 * Loopback addresses never go through one.
 *
 * An entry of `NO_PROXY` is `*` for all, an IP address, a range (`10.0.0.0/8`), a domain with all below it
 * (`example.com`), or only what is below it (`.example.com`); each but a range may end in a port.
 * Source: golang.org/x/net/http/httpproxy, config.go.
 *
 * @throws UsageError if a variable is no proxy's address.
 */
export function proxiesOf(environment: Environment): (url: URL) => URL | undefined {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || undefined;
  const proxies = {
    "https:": proxyUrl("HTTPS_PROXY", read("HTTPS_PROXY")),
    "http:": proxyUrl("HTTP_PROXY", read("HTTP_PROXY")),
  };
  const exceptions = (read("NO_PROXY") ?? "").split(",").map(exception);
  return (url) => {
    if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
    const direct = isLoopback(url.host) || exceptions.some((matches) => matches(url));
    return direct ? undefined : proxies[url.protocol];
  };
}

function proxyUrl(name: string, value: string | undefined): URL | undefined {
  if (value === undefined) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  // The value may hold a password.
  throw new UsageError("environment", [
    { path: name, message: "is no address of an HTTP proxy", mend: "write http://host:port" },
  ]);
}

/** One entry of NO_PROXY as a question to an address. */
function exception(entry: string): (url: URL) => boolean {
  const text = entry.trim().toLowerCase();
  if (text === "") return () => false;
  if (text === "*") return () => true;
  const range = rangeOf(text);
  if (range !== undefined) return ({ hostname }) => inRange(range, bare(hostname));
  const [, name = text, port] =
    /^(.*?)(?::([0-9]+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? [];
  return (url) =>
    (port === undefined || port === portOf(url)) && matchesName(bare(url.hostname), bare(name));
}

function matchesName(hostname: string, pattern: string): boolean {
  if (isIP(pattern) !== 0 || isIP(hostname) !== 0) return hostname === pattern;
  const domain = pattern.replace(/^\*?\./, "");
  return hostname.endsWith(`.${domain}`) || (domain === pattern && hostname === domain);
}

function rangeOf(text: string): BlockList | undefined {
  const [, address = "", prefix = ""] = /^(.+)\/([0-9]{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(prefix) > (version === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), version === 4 ? "ipv4" : "ipv6");
  return list;
}

function inRange(range: BlockList, hostname: string): boolean {
  const version = isIP(hostname);
  return version !== 0 && range.check(hostname, version === 4 ? "ipv4" : "ipv6");
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function portOf({ port, protocol }: URL): string {
  return port === "" ? (protocol === "https:" ? "443" : "80") : port;
}
