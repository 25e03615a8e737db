import { ATOM_RELEASE } from "../support/versions";

/** `Chart.yaml`. Source: https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export const CHART_METADATA = {
  apiVersion: "v2",
  name: "services",
  version: "1.0.0",
  appVersion: ATOM_RELEASE,
  description: "The services of ATOM Cloud for one tenant in one region",
  type: "application",
  kubeVersion: ">=1.29.0-0",
} as const;
