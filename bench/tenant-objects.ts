import { renderChart } from "../lib/chart/render";
import { resolveValues } from "../lib/chart/resolve-values";
import { tenantNamespace } from "../lib/kubernetes/names";
import type { KubernetesObject } from "../lib/kubernetes/object";
import { sha256 } from "../lib/support/digest";
import { planTenant } from "../lib/tenant/plan";

const images = Object.fromEntries(
  ["api", "console", "scheduler", "worker"].map((name) => [
    name,
    `registry.atom.example/atom/${name}@${sha256(name)}`,
  ]),
);

/** 24 objects a tenant, its boundary included. Tenants of one cluster differ in their names. */
const values = resolveValues({
  tenant: { services: { api: { replicas: 1, env: { LOG_LEVEL: "info" } }, console: null } },
});

/** Everything that one tenant has on a cluster. */
export function objectsOf(tenant: string, tenantValues = values): readonly KubernetesObject[] {
  const boundary = planTenant({
    name: tenant,
    region: "eu-west",
    cluster: "eu-1",
    quota: { cpu: "4", memory: "8Gi" },
    platformNamespace: "atom-platform",
  });
  const services = renderChart({
    tenant,
    namespace: tenantNamespace(tenant),
    region: "eu-west",
    domain: "eu.atom.example",
    release: "7.2.0",
    values: tenantValues,
    images,
  });
  return [...boundary.objects, ...services];
}
