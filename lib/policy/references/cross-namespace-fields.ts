/** What a field of a custom resource may say, of a tenant whose namespace is known. */
export type Allowed =
  /** The object's own namespace. */
  | "own"
  /** The object's own namespace or one of the platform's, which shares what lies there. */
  | "own or platform"
  /** Anything but this one value. */
  | { readonly not: unknown }
  /** Istio: `.`, `~` or the object's own namespace. */
  | "exported"
  /** Istio: `<namespace>/<host>` of the own namespace, `.` or `~`, or of one of the platform's. */
  | "host"
  /** Traefik: `<namespace>-<name>@<provider>`, several with commas between. */
  | "middlewares";

/** Where objects of some kinds reach another namespace. */
export interface CrossNamespaceFields {
  /** API group. */
  readonly group: string;
  readonly kinds: readonly string[];
  /** By their path; `[]` stands for each element of a list, `[key]` for a key with dots in it. */
  readonly fields: Readonly<Record<string, Allowed>>;
}

const NOT_CLUSTER_STORE = { not: "ClusterSecretStore" };

const GATEWAY_ROUTE: CrossNamespaceFields["fields"] = {
  "spec.parentRefs[].namespace": "own or platform",
  "spec.rules[].backendRefs[].namespace": "own",
  "spec.rules[].filters[].requestMirror.backendRef.namespace": "own",
};

const TRAEFIK_ROUTE: CrossNamespaceFields["fields"] = {
  "spec.routes[].services[].namespace": "own",
  "spec.routes[].middlewares[].namespace": "own",
  "spec.tls.options.namespace": "own",
  "spec.tls.store.namespace": "own",
};

const ISTIO_EXPORTED: CrossNamespaceFields["fields"] = { "spec.exportTo[]": "exported" };

/**
 * Every kind that is known to reach out of its namespace, by the fields that say where to. Other
 * kinds are no tenant's to bring (P1-RBAC-2).
 */
export const CROSS_NAMESPACE_FIELDS: readonly CrossNamespaceFields[] = [
  {
    // external-secrets.io: a ClusterSecretStore's conditions are seen on the live cluster only.
    group: "external-secrets.io",
    kinds: ["ExternalSecret"],
    fields: {
      "spec.secretStoreRef.kind": NOT_CLUSTER_STORE,
      "spec.data[].sourceRef.storeRef.kind": NOT_CLUSTER_STORE,
      "spec.dataFrom[].sourceRef.storeRef.kind": NOT_CLUSTER_STORE,
    },
  },
  {
    group: "external-secrets.io",
    kinds: ["PushSecret"],
    fields: { "spec.secretStoreRefs[].kind": NOT_CLUSTER_STORE },
  },
  {
    group: "external-secrets.io",
    kinds: ["SecretStore"],
    fields: {
      "spec.provider.vault.auth.kubernetes.serviceAccountRef.namespace": "own",
      "spec.provider.vault.auth.tokenSecretRef.namespace": "own",
      "spec.provider.vault.caProvider.namespace": "own",
    },
  },
  {
    group: "helm.toolkit.fluxcd.io",
    kinds: ["HelmRelease"],
    fields: {
      "spec.chart.spec.sourceRef.namespace": "own or platform",
      "spec.chartRef.namespace": "own or platform",
      "spec.dependsOn[].namespace": "own",
      "spec.storageNamespace": "own",
      "spec.targetNamespace": "own",
    },
  },
  {
    group: "kustomize.toolkit.fluxcd.io",
    kinds: ["Kustomization"],
    fields: {
      "spec.sourceRef.namespace": "own or platform",
      "spec.dependsOn[].namespace": "own",
      "spec.healthChecks[].namespace": "own",
      "spec.targetNamespace": "own",
    },
  },
  {
    group: "image.toolkit.fluxcd.io",
    kinds: ["ImagePolicy", "ImageUpdateAutomation"],
    fields: {
      "spec.imageRepositoryRef.namespace": "own",
      "spec.sourceRef.namespace": "own",
    },
  },
  {
    group: "notification.toolkit.fluxcd.io",
    kinds: ["Alert", "Receiver"],
    fields: {
      "spec.eventSources[].namespace": "own",
      "spec.resources[].namespace": "own",
    },
  },
  {
    group: "argoproj.io",
    kinds: ["Application"],
    fields: {
      "spec.destination.namespace": "own",
    },
  },
  {
    group: "gateway.networking.k8s.io",
    kinds: ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"],
    fields: GATEWAY_ROUTE,
  },
  {
    group: "gateway.networking.k8s.io",
    kinds: ["Gateway"],
    fields: {
      "spec.listeners[].allowedRoutes.namespaces.from": { not: "All" },
      "spec.listeners[].tls.certificateRefs[].namespace": "own or platform",
    },
  },
  {
    group: "gateway.networking.k8s.io",
    kinds: ["ReferenceGrant"],
    fields: { "spec.from[].namespace": "own or platform" },
  },
  {
    group: "networking.k8s.io",
    kinds: ["Ingress"],
    fields: {
      "metadata.annotations[traefik.ingress.kubernetes.io/router.middlewares]": "middlewares",
      "metadata.annotations[traefik.ingress.kubernetes.io/router.tls.options]": "middlewares",
    },
  },
  {
    group: "traefik.io",
    kinds: ["IngressRoute", "IngressRouteTCP", "IngressRouteUDP"],
    fields: TRAEFIK_ROUTE,
  },
  {
    group: "monitoring.coreos.com",
    kinds: ["ServiceMonitor", "PodMonitor"],
    fields: { "spec.namespaceSelector.matchNames[]": "own" },
  },
  {
    group: "monitoring.coreos.com",
    kinds: ["Probe"],
    fields: {
      "spec.targets.ingress.namespaceSelector.any": { not: true },
      "spec.targets.ingress.namespaceSelector.matchNames[]": "own",
    },
  },
  {
    group: "networking.istio.io",
    kinds: ["VirtualService"],
    fields: {
      ...ISTIO_EXPORTED,
      "spec.gateways[]": "host",
      "spec.http[].delegate.namespace": "own",
    },
  },
  {
    group: "networking.istio.io",
    kinds: ["DestinationRule", "ServiceEntry"],
    fields: ISTIO_EXPORTED,
  },
  {
    group: "networking.istio.io",
    kinds: ["Sidecar"],
    fields: { "spec.egress[].hosts[]": "host" },
  },
];
