import type { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";

import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { objectMeta } from "./chart-service";
import type { ChartService } from "./chart-service";
import { SECRETS_FOLDER } from "./secret-files";

/** The environment of a service: the tenant's variables and what the chart tells every service. */
export function addConfigMap(chart: Chart, service: ChartService): void {
  new k8s.KubeConfigMap(chart, `config-${service.name}`, {
    metadata: objectMeta(service),
    data: environment(service),
  });
}

export function configDigest(service: ChartService): Digest {
  return sha256(canonicalJson(environment(service)));
}

function environment({ values, place }: ChartService): Record<string, string> {
  return {
    ...values.env,
    ATOM_TENANT: place.tenant,
    ATOM_REGION: place.region,
    PORT: String(values.port),
    METRICS_PORT: String(values.metricsPort),
    ...(values.secrets.length > 0 ? { ATOM_SECRETS: SECRETS_FOLDER } : {}),
  };
}
