import { resolveValues } from "../chart/resolve-values";
import type { ChartValues, ValuesLayer } from "../chart/values";
import { namingLayers } from "../chart/values-layers";
import { printable } from "../kubernetes/names";
import { canonicalJson } from "../support/canonical-json";
import { UsageError } from "../support/problem";
import type { Problem } from "../support/problem";
import { unknownWord } from "../support/strict-schema";
import { sameServer } from "./field-problems";
import type { Fleet } from "./schema";

/** What is wrong with a fleet, and where. */
export interface FleetProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly mend?: string;
}

const NAMED_LISTS = ["regions", "clusters", "images", "tenants"] as const;

/**
 * What no field alone can tell: names that stand twice, and references that lead nowhere. Of a fleet
 * with a part missing, what is looked at is what the other parts tell.
 */
export function crossChecks(fleet: Partial<Fleet>): FleetProblem[] {
  const { regions, clusters, images, tenants, vault, waivers = [] } = fleet;
  return [
    ...NAMED_LISTS.flatMap((list) => repeated(fleet[list as "regions"] ?? [], list, nameOf)),
    ...repeated(waivers, "waivers", ({ rule, object }) => `${rule} for ${object}`),
    ...(regions && clusters ? clusterProblems({ regions, clusters }) : []),
    ...(regions && tenants ? placementProblems({ regions, tenants }) : []),
    ...(vault ? vaultProblems(vault) : []),
    ...(regions && images && tenants
      ? new ServiceChecks({ regions, images, tenants }).problems()
      : []),
  ];
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

function repeated<T>(
  items: readonly T[],
  list: string,
  nameOf: (item: T) => string,
): FleetProblem[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const name = nameOf(item);
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      return [];
    }
    return [
      {
        path: list === "waivers" ? [list, index] : [list, index, "name"],
        message: `${printable(name)} is already the name of ${list}[${earlier}]`,
      },
    ];
  });
}

function clusterProblems({
  regions,
  clusters,
}: Pick<Fleet, "regions" | "clusters">): FleetProblem[] {
  const names = regions.map(({ name }) => name);
  const unknown = clusters.flatMap(({ region }, index) =>
    names.includes(region)
      ? []
      : [{ path: ["clusters", index, "region"], message: unknownWord("region", region, names) }],
  );
  const numbers = regions.flatMap(({ name }, index) => {
    const serving = clusters.filter(({ region }) => region === name);
    if (serving.length === 1) return [];
    const found = serving.map((cluster) => cluster.name).join(" and ") || "none";
    const message = `region "${name}" needs exactly one cluster, and has ${found}`;
    return [{ path: ["regions", index, "name"], message }];
  });
  return [...unknown, ...numbers];
}

function placementProblems({
  regions,
  tenants,
}: Pick<Fleet, "regions" | "tenants">): FleetProblem[] {
  const names = regions.map(({ name }) => name);
  const known = new Set(names);
  return tenants.flatMap((tenant, index) =>
    tenant.regions.flatMap((region, place) =>
      known.has(region)
        ? []
        : [
            {
              path: ["tenants", index, "regions", place],
              message: unknownWord("region", region, names),
            },
          ],
    ),
  );
}

function vaultProblems({ primary, secondary }: Fleet["vault"]): FleetProblem[] {
  return sameServer(primary, secondary)
    ? [
        {
          path: ["vault", "secondary"],
          message: "the secondary Vault is the primary one; a replica needs a server of its own",
        },
      ]
    : [];
}

/** What is wrong with values of a region's is told once, with the first tenant that it is wrong for. */
interface ServiceProblem extends FleetProblem {
  readonly tenant?: string;
}

type ServiceParts = Pick<Fleet, "regions" | "images" | "tenants">;
type Services = NonNullable<ValuesLayer["services"]>;

/** Resolves every tenant's values in each of its regions, as the chart will. */
class ServiceChecks {
  readonly #fleet: ServiceParts;
  readonly #images: readonly string[];
  /** Most tenants of a big fleet have the same layers. */
  readonly #resolved = new Map<string, ChartValues | UsageError>();

  constructor(fleet: ServiceParts) {
    this.#fleet = fleet;
    this.#images = fleet.images.map(({ name }) => name);
  }

  problems(): FleetProblem[] {
    const found = this.#fleet.tenants.flatMap((_, index) => this.#tenant(index));
    // A tenant in two regions has most of its faults twice, and so has a region with two tenants.
    const seen = new Set<string>();
    return found
      .filter(({ path, message }) => {
        const key = canonicalJson([path, message]);
        return seen.size !== seen.add(key).size;
      })
      .map(({ tenant, ...problem }) =>
        tenant === undefined
          ? problem
          : { ...problem, message: `${problem.message} (for tenant "${tenant}")` },
      );
  }

  #tenant(index: number): ServiceProblem[] {
    const tenant = this.#fleet.tenants[index]!;
    return tenant.regions.flatMap((name) => {
      const place = this.#fleet.regions.findIndex((region) => region.name === name);
      if (place < 0) return [];
      const values = this.#resolve(place, tenant.services ?? {});
      if (values instanceof UsageError) {
        return values.problems.map((problem) => {
          const { message } = problem;
          const [, ...field] = problem.path.split(".");
          return this.#isRegions(problem, place)
            ? { path: ["regions", place, "values", ...field], message, tenant: tenant.name }
            : { path: ["tenants", index, ...field], message: `${message} (in region "${name}")` };
        });
      }
      return Object.entries(values.services).flatMap(([service, { enabled, image, secrets }]) =>
        enabled
          ? [
              ...this.#image(place, index, service, image),
              ...this.#secrets(place, index, service, secrets),
            ]
          : [],
      );
    });
  }

  /** Whether a fault is the region's to mend: it set the value, or what does not go with a default. */
  #isRegions({ path, message }: Problem, place: number): boolean {
    if (!path.startsWith("defaults.")) return path.startsWith("region.");
    const alone = this.#resolve(place, {});
    return (
      alone instanceof UsageError &&
      alone.problems.some((problem) => problem.path === path && problem.message === message)
    );
  }

  #resolve(place: number, services: Services): ChartValues | UsageError {
    const region = this.#fleet.regions[place]!.values ?? {};
    const key = `${place} ${canonicalJson(services)}`;
    let values = this.#resolved.get(key);
    if (values === undefined) {
      values = resolved(region, { services });
      this.#resolved.set(key, values);
    }
    return values;
  }

  #image(place: number, index: number, service: string, image: string): FleetProblem[] {
    if (this.#images.includes(image)) return [];
    const path = this.#placeOf(place, index, service, "image");
    return path === undefined
      ? [
          {
            path: ["images"],
            message: `image "${image}" is missing; the service "${service}" runs it`,
          },
        ]
      : [{ path, message: unknownWord("image", image, this.#images) }];
  }

  #secrets(
    place: number,
    index: number,
    service: string,
    secrets: readonly string[],
  ): FleetProblem[] {
    const { name, secrets: known = [] } = this.#fleet.tenants[index]!;
    const path = this.#placeOf(place, index, service, "secrets") ?? ["tenants", index, "services"];
    return secrets.flatMap((secret, item) =>
      known.includes(secret)
        ? []
        : [
            {
              path: [...path, item],
              message: unknownWord(`secret of tenant "${name}"`, secret, known),
            },
          ],
    );
  }

  /** Where a service's field was written: by the tenant, by the region, or nowhere in the file. */
  #placeOf(
    place: number,
    index: number,
    service: string,
    field: "image" | "secrets",
  ): PropertyKey[] | undefined {
    const { tenants, regions } = this.#fleet;
    if (tenants[index]!.services?.[service]?.[field] !== undefined) {
      return ["tenants", index, "services", service, field];
    }
    return regions[place]!.values?.services?.[service]?.[field] === undefined
      ? undefined
      : ["regions", place, "values", "services", service, field];
  }
}

function resolved(region: ValuesLayer, tenant: ValuesLayer): ChartValues | UsageError {
  try {
    return namingLayers({ region, tenant }, () => resolveValues({ region, tenant }));
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
}
