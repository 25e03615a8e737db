import type { Chart } from "cdk8s";
import { k8s } from "cdk8s-plus-27";

import { objectMeta, selectorLabels, serviceHost } from "./chart-service";
import type { ChartService } from "./chart-service";

/** Calls out of the namespace that a service declared; all others the tenant's policies deny. */
export function addEgressPolicy(chart: Chart, service: ChartService): void {
  const { name, values } = service;
  if (values.egress.length === 0) return;
  new k8s.KubeNetworkPolicy(chart, `egress-${name}`, {
    metadata: { ...objectMeta(service), name: `egress-${name}` },
    spec: {
      podSelector: { matchLabels: selectorLabels(service) },
      policyTypes: ["Egress"],
      egress: values.egress.map(({ cidr, ports }) => ({
        to: [{ ipBlock: { cidr } }],
        ports: ports.map((port) => ({ protocol: "TCP", port: k8s.IntOrString.fromNumber(port) })),
      })),
    },
  });
}

export function addIngress(chart: Chart, service: ChartService): void {
  const { name, values, place, issuer } = service;
  if (!values.ingress.enabled) return;
  const host = serviceHost(name, place);
  new k8s.KubeIngress(chart, `ingress-${name}`, {
    metadata: {
      ...objectMeta(service),
      ...(issuer === undefined
        ? {}
        : { annotations: { "cert-manager.io/cluster-issuer": issuer } }),
    },
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: [host], secretName: `${name}-tls` }],
      rules: [
        {
          host,
          http: {
            paths: [
              {
                path: values.ingress.path,
                pathType: "Prefix",
                backend: { service: { name, port: { name: "http" } } },
              },
            ],
          },
        },
      ],
    },
  });
}
