/** A kind that a scan lists and watches. */
export interface ScanKind {
  /** API group, empty for the core. */
  readonly group: string;
  readonly kind: string;
  /** As paths and roles name it: `networkpolicies`. */
  readonly resource: string;
}

/** API group (empty for the core), and the kinds in it by their resource. */
const KINDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "": {
    configmaps: "ConfigMap",
    limitranges: "LimitRange",
    namespaces: "Namespace",
    nodes: "Node",
    persistentvolumeclaims: "PersistentVolumeClaim",
    persistentvolumes: "PersistentVolume",
    pods: "Pod",
    podtemplates: "PodTemplate",
    replicationcontrollers: "ReplicationController",
    resourcequotas: "ResourceQuota",
    secrets: "Secret",
    serviceaccounts: "ServiceAccount",
    services: "Service",
  },
  apps: {
    daemonsets: "DaemonSet",
    deployments: "Deployment",
    replicasets: "ReplicaSet",
    statefulsets: "StatefulSet",
  },
  "argoproj.io": { applications: "Application", rollouts: "Rollout" },
  autoscaling: { horizontalpodautoscalers: "HorizontalPodAutoscaler" },
  batch: { cronjobs: "CronJob", jobs: "Job" },
  "bitnami.com": { sealedsecrets: "SealedSecret" },
  "cert-manager.io": { certificates: "Certificate" },
  "cilium.io": {
    ciliumclusterwidenetworkpolicies: "CiliumClusterwideNetworkPolicy",
    ciliumegressgatewaypolicies: "CiliumEgressGatewayPolicy",
    ciliumlocalredirectpolicies: "CiliumLocalRedirectPolicy",
    ciliumnetworkpolicies: "CiliumNetworkPolicy",
  },
  "crd.antrea.io": {
    clusternetworkpolicies: "ClusterNetworkPolicy",
    networkpolicies: "NetworkPolicy",
  },
  "crd.projectcalico.org": {
    globalnetworkpolicies: "GlobalNetworkPolicy",
    networkpolicies: "NetworkPolicy",
  },
  "external-secrets.io": {
    externalsecrets: "ExternalSecret",
    pushsecrets: "PushSecret",
    secretstores: "SecretStore",
  },
  "gateway.networking.k8s.io": {
    gateways: "Gateway",
    grpcroutes: "GRPCRoute",
    httproutes: "HTTPRoute",
    referencegrants: "ReferenceGrant",
    tcproutes: "TCPRoute",
    tlsroutes: "TLSRoute",
    udproutes: "UDPRoute",
  },
  "helm.toolkit.fluxcd.io": { helmreleases: "HelmRelease" },
  "image.toolkit.fluxcd.io": {
    imagepolicies: "ImagePolicy",
    imageupdateautomations: "ImageUpdateAutomation",
  },
  "k8s.ovn.org": {
    adminpolicybasedexternalroutes: "AdminPolicyBasedExternalRoute",
    egressfirewalls: "EgressFirewall",
  },
  "kustomize.toolkit.fluxcd.io": { kustomizations: "Kustomization" },
  "monitoring.coreos.com": {
    podmonitors: "PodMonitor",
    probes: "Probe",
    servicemonitors: "ServiceMonitor",
  },
  "networking.istio.io": {
    destinationrules: "DestinationRule",
    serviceentries: "ServiceEntry",
    sidecars: "Sidecar",
    virtualservices: "VirtualService",
  },
  "networking.k8s.io": { ingresses: "Ingress", networkpolicies: "NetworkPolicy" },
  "notification.toolkit.fluxcd.io": { alerts: "Alert", receivers: "Receiver" },
  policy: { poddisruptionbudgets: "PodDisruptionBudget" },
  "policy.networking.k8s.io": {
    adminnetworkpolicies: "AdminNetworkPolicy",
    baselineadminnetworkpolicies: "BaselineAdminNetworkPolicy",
    clusternetworkpolicies: "ClusterNetworkPolicy",
  },
  "policy.sigstore.dev": { clusterimagepolicies: "ClusterImagePolicy" },
  "rbac.authorization.k8s.io": {
    clusterrolebindings: "ClusterRoleBinding",
    clusterroles: "ClusterRole",
    rolebindings: "RoleBinding",
    roles: "Role",
  },
  "scheduling.k8s.io": { priorityclasses: "PriorityClass" },
  "secrets-store.csi.x-k8s.io": { secretproviderclasses: "SecretProviderClass" },
  "secrets.hashicorp.com": {
    vaultdynamicsecrets: "VaultDynamicSecret",
    vaultpkisecrets: "VaultPKISecret",
    vaultstaticsecrets: "VaultStaticSecret",
  },
  "storage.k8s.io": { storageclasses: "StorageClass" },
  "traefik.io": {
    ingressroutes: "IngressRoute",
    ingressroutetcps: "IngressRouteTCP",
    ingressrouteudps: "IngressRouteUDP",
  },
};

/** Every kind that some rule looks at; what a cluster does not serve is not asked for. Sorted. */
export const SCAN_KINDS: readonly ScanKind[] = Object.entries(KINDS).flatMap(([group, kinds]) =>
  Object.entries(kinds).map(([resource, kind]) => ({ group, kind, resource })),
);

/** Of these only the metadata is asked for, so that no value in them is ever held. */
export function isMetadataOnly({ group, kind }: Pick<ScanKind, "group" | "kind">): boolean {
  return group === "" && kind === "Secret";
}
