import { BlockList, isIP } from "node:net";

import { labelKeyProblem, labelValueProblem } from "../kubernetes/label-syntax";
import { nameProblem, printable } from "../kubernetes/names";

/** Variables that the chart sets itself. */
export const CHART_ENV = ["ATOM_REGION", "ATOM_SECRETS", "ATOM_TENANT", "METRICS_PORT", "PORT"];
/** The tenant's own ServiceAccount, for the people who operate it, bears this name. */
const OPERATOR = "operator";
/** Linux passes no single variable longer than 128 KiB to a program (MAX_ARG_STRLEN). */
const LONGEST_ENV_BYTES = 128 * 1024 - 256;
/** Names that are no ordinary keys of a JavaScript object. */
const OBJECT_WORDS = ["__proto__", "constructor", "prototype"];

/** Why a service may not bear a name: it also names a Kubernetes Service, which begins with a letter. */
export function serviceNameProblem(name: string): string | undefined {
  const problem = nameProblem(name);
  if (problem !== undefined) return `service ${problem}`;
  if (!/^[a-z]/.test(name)) return `service name ${printable(name)} must begin with a letter`;
  if (name === OPERATOR) return `service name "${OPERATOR}" is kept for the tenant's operators`;
  return undefined;
}

export function imageNameProblem(name: string): string | undefined {
  return /[:@/]/.test(name)
    ? `${printable(name)} is an image reference; name an image of the fleet's image list instead`
    : prefixed("image ", nameProblem(name));
}

export function envNameProblem(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > 253) {
    return `variable ${printable(name)} is not allowed; use A-Z, a-z, 0-9 and '_', no digit first`;
  }
  if (OBJECT_WORDS.includes(name)) return `variable ${printable(name)} is not allowed`;
  return CHART_ENV.includes(name) ? `variable "${name}" is set by the chart` : undefined;
}

/** Says nothing of the value itself: somebody may have put a secret there. */
export function envValueProblem(value: string): string | undefined {
  if (value.includes("\0")) return "the value holds a NUL character";
  if (/\p{Surrogate}/u.test(value)) return "the value holds half a surrogate pair; write UTF-8";
  const bytes = Buffer.byteLength(value);
  return bytes > LONGEST_ENV_BYTES
    ? `the value has ${bytes} bytes; at most ${LONGEST_ENV_BYTES} reach a program`
    : undefined;
}

export function labelKeyAllowed(key: string): string | undefined {
  const problem = labelKeyProblem(key);
  if (problem !== undefined) return problem;
  if (OBJECT_WORDS.includes(key)) return `label key ${printable(key)} is not allowed`;
  return /(^|\.)(kubernetes\.io|k8s\.io|atom\.cloud)\//.test(key)
    ? `label key ${printable(key)} is kept for Kubernetes and the chart`
    : undefined;
}

export const labelValueAllowed = labelValueProblem;

export function ingressPathProblem(path: string): string | undefined {
  return /^\/([-A-Za-z0-9_~]+(\.[-A-Za-z0-9_~]+)*\/?)*$/.test(path) && path.length <= 200
    ? undefined
    : `path ${printable(path)} is not allowed; begin with "/" and use A-Z, a-z, 0-9, '-', '_', '~' and '.'`;
}

/** Where clouds hand out the credentials of a machine. */
const METADATA_ADDRESSES = ["169.254.169.254", "fd00:ec2::254"];

export function cidrProblem(cidr: string): string | undefined {
  const [address = "", length = "", ...rest] = cidr.split("/");
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(length)) {
    return `${printable(cidr)} is no address range; write one such as 10.20.0.0/16`;
  }
  const prefix = Number(length);
  if (prefix > bits || address.includes("%")) {
    return `${printable(cidr)} is no address range; write one such as 10.20.0.0/16`;
  }
  if (prefix < 8)
    return `${printable(cidr)} is too wide; name the networks in question, /8 or less`;
  const family = version === 4 ? "ipv4" : "ipv6";
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return METADATA_ADDRESSES.some((metadata) =>
    range.check(metadata, isIP(metadata) === 4 ? "ipv4" : "ipv6"),
  )
    ? `${printable(cidr)} holds a cloud's metadata address`
    : undefined;
}

function prefixed(prefix: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : prefix + problem;
}
