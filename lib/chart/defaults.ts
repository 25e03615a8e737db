import type { ServiceValues } from "./service";
import type { ChartValues } from "./values";

/** What a tenant's own service has where it says nothing; image and port it must name. */
export const serviceDefaults: Omit<ServiceValues, "image" | "port"> = {
  enabled: true,
  replicas: 1,
  metricsPort: 9090,
  resources: {
    requests: { cpu: "100m", memory: "128Mi", "ephemeral-storage": "64Mi" },
    limits: { cpu: "200m", memory: "256Mi", "ephemeral-storage": "256Mi" },
  },
  env: {},
  labels: {},
  probes: { path: "/health" },
  volumes: {},
  secrets: [],
  egress: [],
  ingress: { enabled: false, path: "/" },
  autoscaling: { enabled: false, maxReplicas: 5, targetCpuPercent: 80 },
};

/**
 * The services of ATOM Cloud. With these values a tenant fits into a quota of 2 cpu and 4Gi even
 * while each service is rolled out with one more pod.
 */
export const chartDefaults: ChartValues = {
  ingress: { issuer: "atom" },
  services: {
    api: {
      ...serviceDefaults,
      image: "api",
      replicas: 2,
      port: 8080,
      resources: resources("150m", "250m", "256Mi", "512Mi"),
      ingress: { enabled: true, path: "/" },
    },
    console: {
      ...serviceDefaults,
      image: "console",
      port: 8080,
      ingress: { enabled: true, path: "/" },
    },
    scheduler: {
      ...serviceDefaults,
      image: "scheduler",
      port: 8080,
      resources: resources("50m", "100m", "128Mi", "256Mi"),
    },
    worker: {
      ...serviceDefaults,
      image: "worker",
      port: 8080,
      resources: resources("150m", "300m", "256Mi", "512Mi"),
    },
  },
};

function resources(
  cpuRequest: string,
  cpuLimit: string,
  memoryRequest: string,
  memoryLimit: string,
): ServiceValues["resources"] {
  const { requests, limits } = serviceDefaults.resources;
  return {
    requests: { ...requests, cpu: cpuRequest, memory: memoryRequest },
    limits: { ...limits, cpu: cpuLimit, memory: memoryLimit },
  };
}
