import type { Fields } from "../reading/read";
import { eachElement, MalformedError, valueAt } from "../reading/read";

/** Ports that a rule of a NetworkPolicy opens: a range of numbers, or one that a pod gives a name. */
export type OpenPorts = {
  /** Undefined for every protocol. */
  readonly protocol?: unknown;
} & ({ readonly first: number; readonly last: number } | { readonly name: string });

const EVERY_PORT = { first: 1, last: 65_535 };

/**
 * The ports that a rule of a NetworkPolicy opens to its peers; every port if it names none.
 *
 * @throws MalformedError at what is no port.
 */
export function openPorts(rule: Fields): readonly OpenPorts[] {
  const found: OpenPorts[] = [];
  eachElement(rule, ["ports"], (entry) => found.push(readPorts(entry)));
  return found.length > 0 ? found : [EVERY_PORT];
}

function readPorts(entry: Fields): OpenPorts {
  const protocol = valueAt(entry, "protocol") ?? "TCP";
  const port = valueAt(entry, "port");
  if (port === undefined) return { protocol, ...EVERY_PORT };
  if (typeof port === "string") return { protocol, name: port };
  const last = valueAt(entry, "endPort") ?? port;
  if (typeof port === "number" && typeof last === "number") return { protocol, first: port, last };
  throw new MalformedError(".port", "is no port");
}
