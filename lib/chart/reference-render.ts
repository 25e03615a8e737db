import { tenantNamespace } from "../kubernetes/names";
import type { KubernetesObject } from "../kubernetes/object";
import { sha256 } from "../support/digest";
import { renderChart } from "./render";
import { resolveValues } from "./resolve-values";
import type { ValuesLayer } from "./values";
import type { ChartValues } from "./values";

/** A tenant that uses whatever the chart offers, so that no change of a template goes unseen. */
const EVERYTHING: ValuesLayer = {
  services: {
    reports: {
      image: "worker",
      port: 8090,
      env: { LOG_LEVEL: "info" },
      labels: { team: "reports" },
      secrets: ["database"],
      egress: [{ cidr: "10.20.0.0/16", ports: [5432] }],
      ingress: { enabled: true, path: "/reports" },
      autoscaling: { enabled: true },
    },
  },
};

/** What the chart makes of its defaults, and of every option, for a tenant named `example`. */
export function referenceRender(defaults: ChartValues): KubernetesObject[] {
  const values = resolveValues({ stack: EVERYTHING }, defaults);
  const names = new Set(Object.values(values.services).map(({ image }) => image));
  return renderChart({
    tenant: "example",
    namespace: tenantNamespace("example"),
    region: "example",
    domain: "atom.example",
    release: "1.0.0",
    vault: { address: "https://vault.atom.example:8200", mount: "atom", role: "example" },
    values,
    images: Object.fromEntries(
      [...names].sort().map((name) => [name, `registry.atom.example/atom/${name}@${sha256(name)}`]),
    ),
  });
}
