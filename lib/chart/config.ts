import { k8s } from "cdk8s-plus-27";

import { objectMeta, service, values } from "./chart-service";
import { SECRETS_FOLDER } from "./secret-files";
import { digestOf, merged, shared, text, when } from "./template/symbol";
import type { TemplateChart } from "./template/synthesize";

/** The environment of a service: the tenant's variables and what the chart tells every service. */
const environment = shared(
  "environment",
  merged(service.env, {
    ATOM_TENANT: values.tenant,
    ATOM_REGION: values.region,
    PORT: text(service.port),
    METRICS_PORT: text(service.metricsPort),
    ATOM_SECRETS: when(service.secrets, SECRETS_FOLDER),
  }),
);

export const configDigest = digestOf(environment);

export function addConfigMap(chart: TemplateChart): void {
  chart.add(k8s.KubeConfigMap, { metadata: objectMeta, data: environment });
}
