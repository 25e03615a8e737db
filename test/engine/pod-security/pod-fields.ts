export type Json = Record<string, unknown>;

export interface GeneratedPod {
  readonly metadata: { readonly labels: Json; readonly annotations: Json };
  readonly spec: PodFields;
}

export interface PodFields extends Json {
  securityContext?: Json;
  containers: ContainerFields[];
  initContainers: ContainerFields[];
  volumes: Json[];
}

export interface ContainerFields extends Json {
  name: string;
  securityContext?: Json | undefined;
}

/** A pod that keeps the restricted standard of every version. @param roles c, i or s for a sidecar */
export function compliantPod(roles: readonly string[]): GeneratedPod {
  const containers: ContainerFields[] = [];
  const initContainers: ContainerFields[] = [];
  for (const [index, role] of roles.entries()) {
    const container = compliantContainer(`${role}${index}`);
    if (role === "s") container["restartPolicy"] = "Always";
    (role === "c" ? containers : initContainers).push(container);
  }
  return {
    metadata: { labels: { app: "x" }, annotations: {} },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      containers,
      initContainers,
      volumes: [],
    },
  };
}

export function compliantContainer(name: string): ContainerFields {
  return {
    name,
    image: "registry.example/x:1",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}
