import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import type { Fields } from "../reading/read";
import { eachElement, textsAt, valueAt } from "../reading/read";
import type { ObjectSubject } from "../subjects/subjects";
import { listed } from "../subjects/subjects";
import { tenantOf } from "../tenants/tenant-namespaces";

/** A host as an Ingress or HTTPRoute writes it, and where. */
export interface HostClaim {
  readonly host: unknown;
  /** The host as DNS compares it; what is no text as it is. */
  readonly name: unknown;
  readonly field: string;
}

/** An Ingress or HTTPRoute, with what it asks for. */
export interface RouteSubject extends ObjectSubject {
  /** The hosts whose requests it takes. */
  readonly routed: readonly HostClaim[];
  /** The hosts for which it has a certificate; an HTTPRoute has none. */
  readonly certified: readonly HostClaim[];
  /** Set where the hosts cannot be read, or not all of them. */
  readonly unread?: Error;
}

/** Every Ingress and HTTPRoute of the graph, tenants' and platform's. */
export const routes = listed((home): readonly RouteSubject[] =>
  ["Ingress", "HTTPRoute"].flatMap((kind) => home.ofKind(kind).map(readRoute)),
);

function readRoute(subject: ObjectSubject): RouteSubject {
  const { object } = subject.node;
  const routed: HostClaim[] = [];
  const certified: HostClaim[] = [];
  const route = { ...subject, routed, certified };
  if (subject.failure !== undefined) return route;
  try {
    addTexts(routed, "", object, "spec", "hostnames");
    eachElement(object, ["spec", "rules"], (rule, at) => {
      // The rules of an HTTPRoute are for its hostnames, all of them.
      if (object.kind === "Ingress") routed.push(claimOf(valueAt(rule, "host"), `${at}.host`));
    });
    eachElement(object, ["spec", "tls"], (tls, at) => {
      addTexts(certified, at, tls, "hosts");
    });
    return route;
  } catch (error) {
    return { ...route, unread: error instanceof Error ? error : new TypeError("no hosts") };
  }
}

function addTexts(claims: HostClaim[], at: string, from: Fields, ...path: readonly string[]): void {
  textsAt(from, ...path).forEach((host, index) => {
    claims.push(claimOf(host, `${at}.${path.join(".")}[${index}]`));
  });
}

function claimOf(host: unknown, field: string): HostClaim {
  return { host, name: typeof host === "string" ? plain(host) : host, field };
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}

/**
 * An object by which somebody else asks for the same host, on whatever cluster of the graph. What
 * cannot be read asks for nothing: it is undecided itself.
 */
export function otherClaim(
  graph: ResourceGraph,
  route: RouteSubject,
  { name }: HostClaim,
): string | undefined {
  const owners = claims(graph).get(name);
  if (owners === undefined || owners.size < 2) return undefined;
  const own = tenantOf(route);
  for (const [owner, object] of owners) {
    if (owner !== own) return object;
  }
  return undefined;
}

/** By host and tenant, which is undefined for the platform, an object that asks for it. */
const claims = perGraph((graph) => {
  const found = new Map<unknown, Map<string | undefined, string>>();
  for (const route of routes(graph)) {
    const owner = tenantOf(route);
    for (const { name } of [...route.routed, ...route.certified]) {
      if (typeof name !== "string") continue;
      const owners = found.get(name);
      if (owners) owners.set(owner, route.object);
      else found.set(name, new Map([[owner, route.object]]));
    }
  }
  return found;
});
