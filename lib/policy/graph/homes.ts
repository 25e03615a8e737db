import type { ResourceGraph } from "./graph";
import { Home } from "./home";
import { likelierOwner } from "./namespace-owners";
import { perGraph } from "./per-graph";
import { placeOf } from "./place";

/** The namespaces of a graph's clusters, with what is in them. */
export class Homes {
  /** In the order in which they come up. */
  readonly all: Home[] = [];
  readonly #clusters = new Map<string, Map<string | undefined, Home>>();

  /** @param plain whether no value of an object is unknown. */
  constructor(private readonly plain: boolean) {}

  /** The home of that name; made if nothing has named it yet. */
  of(cluster: string, namespace: string | undefined): Home {
    let homes = this.#clusters.get(cluster);
    if (!homes) this.#clusters.set(cluster, (homes = new Map<string | undefined, Home>()));
    let home = homes.get(namespace);
    if (!home) {
      homes.set(namespace, (home = new Home(cluster, namespace, this.plain)));
      this.all.push(home);
    }
    return home;
  }

  /** The home of that name, or one in which nothing is. */
  at(cluster: string, namespace: string): Home {
    return this.find(cluster, namespace) ?? new Home(cluster, namespace);
  }

  find(cluster: string, namespace: string | undefined): Home | undefined {
    return this.#clusters.get(cluster)?.get(namespace);
  }
}

/** Every object in its home. */
export const homes = perGraph((graph: ResourceGraph): Homes => {
  const all = new Homes(graph.plain);
  for (const node of graph.objects) {
    const { cluster, namespace, kind } = placeOf(node.scope, node.object);
    const home = all.of(cluster, namespace);
    home.add(node, kind);
    const { tenant } = node.scope;
    if (kind === "Namespace" && namespace !== undefined && tenant !== undefined) {
      home.owner = likelierOwner(namespace, tenant, home.owner);
    }
  }
  return all;
});
