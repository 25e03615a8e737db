import type { ChartMetadata } from "./chart-metadata";
import { LINT_VALUES_FILE } from "./helm-lint-values";

/** What of a JSON schema a table of values shows. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema | false>>;
  readonly items?: Schema;
}

/** The chart's README, with a row for each value. */
export function helmReadme(metadata: ChartMetadata, schema: Schema): string {
  const { name, version, appVersion, description } = metadata;
  return `# ${name}

${description}. Chart ${version}, for ATOM ${appVersion}.

\`\`\`sh
atom chart values --tenant acme --region eu-west > acme.yaml
helm upgrade --install acme oci://REGISTRY/atom/charts/${name} --version ${version} \\
  --namespace tenant-acme --values acme.yaml
\`\`\`

Better than the version is the digest that \`atom chart package\` prints: \`oci://REGISTRY/atom/charts/${name}@sha256:…\`
is what was signed. Before Helm 3.8 there is no \`oci://\`.

The namespace and its boundary (network policy, quota, rights) have to be there: they are the tenant's, not
the chart's. The templates are generated; change the chart's source instead.

There is no default for a tenant, so that none can be forgotten, and a bare \`helm lint\` says what is missing. Unpacked, the
chart is checked with the values of an imagined one, which \`ct lint\` takes by itself:

\`\`\`sh
helm lint --strict ${name} --values ${name}/${LINT_VALUES_FILE}
\`\`\`

## Values

\`null\` is as if nothing had been said; \`*\` stands for any name.

| value | type | meaning |
| --- | --- | --- |
${rows(schema, []).join("\n")}
`;
}

function rows(schema: Schema, path: readonly string[]): string[] {
  const { properties = {}, patternProperties = {}, items } = schema;
  const members = Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...(path.length > 0 && schema.description !== undefined ? [row(schema, path)] : []),
    ...members.flatMap(([name, member]) => rows(member, [...path, name])),
    ...Object.values(patternProperties).flatMap((member) =>
      member === false ? [] : rows(member, [...path, "*"]),
    ),
    ...(items?.properties === undefined ? [] : rows(items, [...path, "[]"])),
  ];
}

function row({ type = "any", description = "" }: Schema, path: readonly string[]): string {
  const types = [type].flat().filter((name) => name !== "null");
  const name = path.join(".").replaceAll(".[]", "[]");
  return `| \`${name}\` | ${types.join(" or ")} | ${description.replace(/[<|]/g, "\\$&")} |`;
}
