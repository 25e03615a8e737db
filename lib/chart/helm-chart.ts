import { canonicalJson } from "../support/canonical-json";
import { chartDefaults } from "./defaults";
import { hexOf, sha256 } from "../support/digest";
import { yamlDocument } from "../support/yaml-writer";
import { chartMetadata } from "./chart-metadata";
import type { ChartMetadata } from "./chart-metadata";
import { LINT_VALUES_FILE, lintValues } from "./helm-lint-values";
import { helmReadme } from "./helm-readme";
import { helmDefaults } from "./helm-values";
import { helpersFile } from "./helm-helpers";
import { resolveValues } from "./resolve-values";
import { synthesizeServices } from "./services-chart";
import { helmTemplate } from "./template/helm-template";
import type { HelmFile } from "./template/helm-template";
import type { ChartValues } from "./values";
import { chartValuesJsonSchema } from "./values-schema";

/** A chart, unpacked. */
export interface HelmChart {
  readonly metadata: ChartMetadata;
  /** Below the folder that bears the chart's name, sorted by theirs. */
  readonly files: readonly HelmFile[];
}

const VALUES_HEAD = `# What a tenant has where it says nothing else. To be set: tenant, region, domain and images, which
# \`atom chart values\` prints for a tenant of a fleet; README.md tells what each value is for.
`;

const LINT_HEAD = `# To look at the chart with, not to install it: helm lint --values, ct lint.
`;

/** After \`helm install\`. Nothing in it may be a value that was not checked. */
const NOTES = `{{- $values := .Values -}}
The services of tenant {{ $values.tenant }} in {{ $values.region }}, in namespace tenant-{{ $values.tenant }}:
{{- range $name, $service := include "atom-services.enabled" . | fromJson }}
  {{ $name }}{{ if $service.ingress.enabled }}  https://{{ $name }}.{{ $values.tenant }}.{{ $values.domain }}{{ $service.ingress.path }}{{ end }}
{{- end }}

To see them come up: kubectl --namespace tenant-{{ $values.tenant }} rollout status deployment
`;

/**
 * The chart as Helm wants it, made of the very templates that {@link renderChart} uses: the files of a
 * chart's folder.
 *
 * @throws UsageError if the defaults are no valid values.
 */
export function helmChart(defaults: ChartValues = chartDefaults): HelmChart {
  resolveValues({}, defaults);
  const schema = chartValuesJsonSchema();
  const content = [
    { name: LINT_VALUES_FILE, text: LINT_HEAD + yamlDocument(lintValues(defaults)) },
    { name: "templates/NOTES.txt", text: NOTES },
    { name: "templates/_helpers.tpl", text: helpersFile() },
    ...synthesizeServices().map(helmTemplate),
    { name: "values.schema.json", text: indented(schema) },
    {
      name: "values.yaml",
      text: VALUES_HEAD + yamlDocument({ ...helmDefaults, ...defaults }),
    },
  ];
  const digits = hexOf(sha256(canonicalJson(content))).slice(0, 12);
  const metadata = chartMetadata(digits);
  const files = [
    { name: "Chart.yaml", text: yamlDocument(metadata) },
    { name: "README.md", text: helmReadme(metadata, schema) },
    ...content,
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { metadata, files };
}

function indented(value: unknown): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(value)), null, 2)}\n`;
}
