import { k8s } from "cdk8s-plus-27";

import { host, name, objectMeta, selectorLabels, service, values } from "./chart-service";
import { each, text, when } from "./template/symbol";
import type { TemplateChart } from "./template/synthesize";

/** Calls out of the namespace that a service declared; all others the tenant's policies deny. */
export function addEgressPolicy(chart: TemplateChart): void {
  chart.add(
    k8s.KubeNetworkPolicy,
    {
      metadata: { ...objectMeta, name: text("egress-", name) },
      spec: {
        podSelector: { matchLabels: selectorLabels },
        policyTypes: ["Egress"],
        egress: [
          each(service.egress, "rule", ({ cidr, ports }) => ({
            to: [{ ipBlock: { cidr } }],
            ports: [each(ports, "port", (port) => ({ protocol: "TCP", port }))],
          })),
        ],
      },
    },
    service.egress,
  );
}

export function addIngress(chart: TemplateChart): void {
  const { issuer } = values.ingress;
  chart.add(
    k8s.KubeIngress,
    {
      metadata: {
        ...objectMeta,
        annotations: when(issuer, { "cert-manager.io/cluster-issuer": issuer }),
      },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: [host], secretName: text(name, "-tls") }],
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: service.ingress.path,
                  pathType: "Prefix",
                  backend: { service: { name, port: { name: "http" } } },
                },
              ],
            },
          },
        ],
      },
    },
    service.ingress.enabled,
  );
}
