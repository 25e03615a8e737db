import { App, Chart } from "cdk8s";

import type { ChartPlace, ChartService } from "./chart-service";
import { addConfigMap } from "./config";
import { addEgressPolicy, addIngress } from "./network";
import { addSecretProviderClass } from "./secret-files";
import type { ChartValues } from "./values";
import {
  addAutoscaler,
  addDeployment,
  addDisruptionBudget,
  addService,
  addServiceAccount,
} from "./workload";

export interface ServicesChartProps {
  readonly place: ChartPlace;
  readonly values: ChartValues;
  /** Repository and digest of each image, by its name in the fleet's image list. */
  readonly images: Readonly<Record<string, string>>;
}

/** In the order in which a cluster needs them: policy, config, workload, ingress. */
const OBJECTS: readonly ((chart: Chart, service: ChartService) => void)[] = [
  addServiceAccount,
  addEgressPolicy,
  addConfigMap,
  addSecretProviderClass,
  addDeployment,
  addService,
  addDisruptionBudget,
  addAutoscaler,
  addIngress,
];

/**
 * The services of one tenant in one region. Every value an object holds comes from the props, and
 * every object bears an explicit name and namespace. It is the only chart of its App, because
 * cdk8s looks at every chart of an App each time it synthesises one.
 */
export class ServicesChart extends Chart {
  constructor({ place, values, images }: ServicesChartProps) {
    super(new App(), "services", {
      namespace: place.namespace,
      disableResourceNameHashes: true,
    });
    const services = enabledServices({ place, values, images });
    for (const addTo of OBJECTS) {
      for (const service of services) addTo(this, service);
    }
  }
}

/** By name, so that the order in which layers name services shows nowhere. */
function enabledServices({ place, values, images }: ServicesChartProps): ChartService[] {
  return Object.entries(values.services)
    .filter(([, service]) => service.enabled)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, service]) => ({
      name,
      image: imageOf(service.image, images),
      values: service,
      place,
      issuer: values.ingress.issuer,
    }));
}

function imageOf(name: string, images: Readonly<Record<string, string>>): string {
  const reference = Object.hasOwn(images, name) ? images[name] : undefined;
  if (reference === undefined) throw new Error(`no digest is known of image '${name}'`);
  return reference;
}
