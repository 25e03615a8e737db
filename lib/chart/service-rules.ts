import { dnsLabelRule, nameRule, printable } from "../kubernetes/names";
import { labelKeyRule } from "../kubernetes/label-syntax";
import { stringRule } from "../support/string-rule";

/** Variables that the chart sets itself. */
const CHART_ENV = ["ATOM_REGION", "ATOM_SECRETS", "ATOM_TENANT", "METRICS_PORT", "PORT"];
/** The tenant's own ServiceAccount, for the people who operate it, bears this name. */
const OPERATOR = "operator";
/** Linux passes no single variable longer than 128 KiB to a program (MAX_ARG_STRLEN). */
export const LONGEST_ENV_BYTES = 128 * 1024 - 256;
/** Names that are no ordinary keys of a JavaScript object. */
const OBJECT_WORDS = ["__proto__", "constructor", "prototype"];

/** A service's name also names a Kubernetes Service, which begins with a letter (RFC 1035). */
export const SERVICE_NAME = nameRule({
  what: "service",
  not: [
    {
      pattern: "^[0-9]",
      problem: (name) => `service name ${printable(name)} must begin with a letter`,
    },
    {
      words: [OPERATOR],
      problem: () => `service name "${OPERATOR}" is kept for the tenant's operators`,
    },
  ],
});

const IMAGE = nameRule({ what: "image" });

/** What a service calls its image: a name of the fleet's image list. */
export const IMAGE_NAME: typeof IMAGE = {
  schema: IMAGE.schema,
  problem: (name) =>
    /[:@/]/.test(name)
      ? `${printable(name)} is an image reference; name an image of the fleet's image list instead`
      : IMAGE.problem(name),
};

export const ENV_NAME = stringRule({
  pattern: "^[A-Za-z_][A-Za-z0-9_]*$",
  maxLength: 253,
  problem: (name) =>
    `variable ${printable(name)} is not allowed; use A-Z, a-z, 0-9 and '_', no digit first`,
  not: [
    { words: OBJECT_WORDS, problem: (name) => `variable ${printable(name)} is not allowed` },
    { words: CHART_ENV, problem: (name) => `variable "${name}" is set by the chart` },
  ],
});

/**
 * Refuses what some YAML reader does not take even escaped. Neither we nor Helm say anything of the
 * value itself: somebody may have put a secret there.
 */
export const ENV_VALUE = stringRule({
  // In characters, so it is coarse: envValueBytesProblem counts bytes.
  maxLength: LONGEST_ENV_BYTES,
  problem: tooManyBytes,
  not: [
    { pattern: "\\x00", problem: () => "the value holds a NUL character" },
    {
      pattern: "[\\x7f-\\x9f\ufffe\uffff]",
      problem: () =>
        "the value holds a character from U+007F to U+009F, U+FFFE or U+FFFF, which not every YAML reader takes",
    },
  ],
});

/** What is wrong with a variable's value that no JSON schema can say; undefined if nothing is. */
export function envValueBytesProblem(value: string): string | undefined {
  if (/\p{Surrogate}/u.test(value)) return "the value holds half a surrogate pair; write UTF-8";
  return Buffer.byteLength(value) > LONGEST_ENV_BYTES ? tooManyBytes(value) : undefined;
}

function tooManyBytes(value: string): string {
  return `the value has ${Buffer.byteLength(value)} bytes; at most ${LONGEST_ENV_BYTES} reach a program`;
}

export const LABEL_KEY = labelKeyRule([
  { words: OBJECT_WORDS, problem: (key) => `label key ${printable(key)} is not allowed` },
  {
    pattern: "(^|\\.)(kubernetes\\.io|k8s\\.io|atom\\.cloud)/",
    problem: (key) => `label key ${printable(key)} is kept for Kubernetes and the chart`,
  },
]);

const PATH_SEGMENT = "[-A-Za-z0-9_~]+(\\.[-A-Za-z0-9_~]+)*";

/** A path that every ingress controller takes literally: no pattern, no "..", no escape. */
export const INGRESS_PATH = stringRule({
  pattern: `^/(${PATH_SEGMENT}(/${PATH_SEGMENT})*/?)?$`,
  maxLength: 200,
  problem: (path) =>
    `path ${printable(path)} is not allowed; begin with "/" and use A-Z, a-z, 0-9, '-', '_', '~' and '.'`,
});

/** Volumes that each pod has by itself. */
export const TEMPORARY = "tmp";
export const SECRETS = "secrets";

export const VOLUME_NAME = nameRule({
  what: "volume",
  not: [
    {
      words: [TEMPORARY, SECRETS],
      problem: (name) => `volume ${printable(name)} is one that each pod has by itself`,
    },
  ],
});

export const ISSUER = dnsLabelRule(
  (name) => `issuer ${printable(name)} is no name of a ClusterIssuer`,
);
