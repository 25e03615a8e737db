import type { ChartValues } from "./values";

/** Where chart-testing looks for values, and this library's chart has them. */
export const LINT_VALUES_FILE = "ci/default-values.yaml";

/** A digest of no image, so that nobody runs what is only looked at. */
const NO_IMAGE = `sha256:${"0".repeat(64)}`;

/**
 * What a chart's own values leave open, for an imagined tenant: with it `helm lint` sees the chart whole.
 * The chart has no default for it, for it would be installed for that tenant.
 * Source: https://github.com/helm/chart-testing, `ct lint`, which reads `ci/*-values.yaml`
 */
export function lintValues({ services }: ChartValues): object {
  const images = Object.values(services).map(({ image }) => image);
  return {
    tenant: "acme",
    region: "eu-west",
    domain: "eu.atom.example",
    images: Object.fromEntries(
      images.map((name) => [name, `registry.example/atom/${name}@${NO_IMAGE}`]),
    ),
  };
}
