import { host, name, service, values } from "./chart-service";
import { LONGEST_ENV_BYTES } from "./service-rules";
import {
  all,
  bytesOf,
  equal,
  exceeds,
  has,
  longestOf,
  mapBytesOf,
  not,
  quantityOf,
  text,
  unlisted,
} from "./template/symbol";
import type { Condition, Symbolic } from "./template/placeholder";

/** What no schema of single fields can say: values that do not go together. */
export interface Contradiction {
  /** Where it is told, below the service. */
  readonly path: readonly string[];
  readonly when: Condition | Symbolic<boolean>;
  readonly message: Symbolic<string>;
}

/** Some 1 MiB is what etcd holds in one ConfigMap; this leaves room for the chart's own entries. */
const MOST_ENV_BYTES = 1_000_000;
/** RFC 1035, section 2.3.4, without the root's dot. */
export const LONGEST_HOST = 253;

const { port, metricsPort, replicas, autoscaling, resources, env } = service;

/** Within one service, whatever its name and place. */
export const SERVICE_CONTRADICTIONS: readonly Contradiction[] = [
  {
    path: ["metricsPort"],
    when: equal(port, metricsPort),
    message: text("port ", port, " is used twice, for http and for metrics; choose two ports"),
  },
  {
    path: ["autoscaling", "maxReplicas"],
    when: all(autoscaling.enabled, exceeds(replicas, autoscaling.maxReplicas)),
    message: text(
      "'maxReplicas' (",
      autoscaling.maxReplicas,
      ") must be at least 'replicas' (",
      replicas,
      ")",
    ),
  },
  ...(["cpu", "memory", "ephemeral-storage"] as const).map((amount) => {
    const [request, limit] = [resources.requests[amount], resources.limits[amount]];
    return {
      path: ["resources", "requests", amount],
      when: exceeds(quantityOf(request), quantityOf(limit)),
      message: text("the request (", request, ") must not exceed the limit (", limit, ")"),
    };
  }),
  {
    path: ["env"],
    when: exceeds(mapBytesOf(env), MOST_ENV_BYTES),
    message: text("the variables take ", mapBytesOf(env), ` bytes; at most ${MOST_ENV_BYTES} fit`),
  },
];

/**
 * Between a service and where it is placed. In process `checkPlace` tells them, with the nearest name of
 * those that are known; Helm tells these.
 */
export const PLACE_CONTRADICTIONS: readonly Contradiction[] = [
  {
    path: ["image"],
    when: not(has(values.images, service.image)),
    message: text("unknown image ", service.image),
  },
  {
    path: ["ingress"],
    when: all(service.ingress.enabled, exceeds(bytesOf(host), LONGEST_HOST)),
    message: text(
      "the host has ",
      bytesOf(host),
      ` characters; at most ${LONGEST_HOST} are allowed`,
    ),
  },
  {
    path: ["secrets"],
    when: all(service.secrets, not(values.vault)),
    message: text("secrets are asked for, but the tenant has no Vault"),
  },
  {
    path: ["secrets"],
    when: all(service.secrets, values.vault, has(values.vault, "secrets"), undeclaredSecret()),
    message: text("unknown secret ", undeclaredSecret()),
  },
];

/** A schema counts characters. */
export const ENV_TOO_LONG: Contradiction = {
  path: ["env"],
  when: exceeds(longestOf(env), LONGEST_ENV_BYTES),
  message: text(`a value is too long; at most ${LONGEST_ENV_BYTES} bytes reach a program`),
};

/** Where a layer left out what a service cannot do without. */
export const INCOMPLETE: readonly Contradiction[] = (["image", "port"] as const).map((field) => ({
  path: [field],
  when: not(has(service, field)),
  message: text("missing"),
}));

function undeclaredSecret(): Symbolic<string> {
  return unlisted(service.secrets, values.vault.secrets);
}

/** Where a contradiction is told of the service that `name` stands for. */
export function placeOf({ path }: Contradiction): Symbolic<string> {
  return text("services.", name, `.${path.join(".")}: `);
}
