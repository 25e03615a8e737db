import { expect, test } from "vitest";
import { helmHelpers, helmTemplate } from "../../../lib/chart/template/helm-template";
import { variable } from "../../../lib/chart/template/placeholder";
import {
  digestOf,
  each,
  eachEntry,
  exceeds,
  joined,
  merged,
  shared,
  text,
  when,
} from "../../../lib/chart/template/symbol";

interface Service {
  readonly replicas: number;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly rules: readonly { readonly ports: readonly number[] }[];
  readonly odd: { readonly "a-b": string };
}

const name = variable<string>("name");
const service = variable<Service>("service");
const environment = shared("environment", merged(service.env, { PORT: text(service.replicas) }));

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: text(name, "-100%"), labels: shared("labels", { app: name }) },
  data: environment,
  digest: digestOf(environment),
  fixed: { word: "yes", list: ["a", { b: 1, c: [] }], none: {} },
  optional: when(exceeds(service.replicas, 1), { odd: service.odd["a-b"] }),
  rules: [
    each(service.rules, "rule", ({ ports }) => ({
      more: when(name, "x"),
      ports: [each(ports, "port", (port) => ({ port }))],
    })),
    when(service.secrets, service.secrets),
    eachEntry(service.env, ["key", "value"], (key, value) => ({ name: key, value })),
  ],
  files: joined("files", service.secrets, "secret", (secret) => text('- "', secret, '"\n')),
};

test("a template writes structure as text and values as JSON", () => {
  expect(helmTemplate({ object, condition: service.secrets })).toEqual({
    name: "templates/config-map.yaml",
    text: `{{- $values := .Values }}
{{- range $name, $service := include "atom-services.enabled" . | fromJson }}
{{- $scope := dict "values" $values "name" $name "service" $service }}
{{- if $service.secrets }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%v-100%%" $name | toJson }}
  labels:
    {{- include "atom-services.labels" $scope | nindent 4 }}
data:
  {{- include "atom-services.environment" $scope | nindent 2 }}
digest: {{ include "atom-services.environment" $scope | fromYaml | toJson | sha256sum | printf "sha256:%s" | toJson }}
fixed:
  word: "yes"
  list:
    - a
    - b: 1
      c: []
  none: {}
rules:
  {{- range $rule := $service.rules }}
  - ports:
      {{- range $port := $rule.ports }}
      - port: {{ $port | toJson }}
      {{- end }}
    {{- if $name }}
    more: x
    {{- end }}
  {{- end }}
  {{- if $service.secrets }}
  - {{ $service.secrets | toJson }}
  {{- end }}
  {{- range $key, $value := $service.env }}
  - name: {{ $key | toJson }}
    value: {{ $value | toJson }}
  {{- end }}
files: {{ include "atom-services.files" $scope | toJson }}
{{- if gt (float64 $service.replicas) (float64 1) }}
optional:
  odd: {{ index $service.odd "a-b" | toJson }}
{{- end }}
{{- end }}
{{- end }}
`,
  });
});

test("what objects share is a helper of its own", () => {
  const scope = `{{- $scope := . }}{{- $values := .values }}{{- $name := .name }}{{- $service := .service }}`;
  expect(helmHelpers([{ object }])).toBe(`{{- define "atom-services.environment" -}}
${scope}
{{- range $key, $value := $service.env }}
{{ $key | toJson }}: {{ $value | toJson }}
{{- end }}
PORT: {{ printf "%v" $service.replicas | toJson }}
{{- end }}

{{- define "atom-services.files" -}}
${scope}
{{- range $secret := $service.secrets }}{{ printf "- \\"%v\\"\\n" $secret }}{{ end -}}
{{- end }}

{{- define "atom-services.labels" -}}
${scope}
{{- "" }}
app: {{ $name | toJson }}
{{- end }}
`);
});

test("fails on a map in which nothing is sure to be there", () => {
  const broken = { apiVersion: "v1", kind: "ConfigMap", data: { a: when(name, "b") } };
  expect(() => helmTemplate({ object: broken })).toThrow(
    new TypeError("a map in which nothing is sure to be there"),
  );
});
