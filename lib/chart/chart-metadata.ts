import { ATOM_RELEASE } from "../support/versions";

/** What `Chart.yaml` holds. Source: https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export interface ChartMetadata {
  readonly apiVersion: "v2";
  readonly name: string;
  /** A semantic version. */
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly type: "application";
  /** Versions of Kubernetes that the chart is for. */
  readonly kubeVersion: string;
}

export const CHART_NAME = "services";
const CHART_VERSION = "1.0.0";

/** @param content hex digits that stand for what is in the chart: another content, another version. */
export function chartMetadata(content: string): ChartMetadata {
  return {
    apiVersion: "v2",
    name: CHART_NAME,
    version: `${CHART_VERSION}+${content}`,
    appVersion: ATOM_RELEASE,
    description: "The services of ATOM Cloud for one tenant in one region",
    type: "application",
    kubeVersion: ">=1.29.0-0",
  };
}
