import { canonicalJson } from "../support/canonical-json";
import {
  ENV_TOO_LONG,
  INCOMPLETE,
  PLACE_CONTRADICTIONS,
  placeOf,
  SERVICE_CONTRADICTIONS,
} from "./contradictions";
import type { Contradiction } from "./contradictions";
import { serviceDefaults } from "./defaults";
import { synthesizeServices } from "./services-chart";
import { goArgument, goPipeline } from "./template/go-template";
import { helmHelpers } from "./template/helm-template";
import { expressionOf } from "./template/placeholder";
import type { Condition, Symbolic } from "./template/placeholder";

/** What the templates' functions are made of that Helm does not have. */
const FUNCTIONS = `
{{- /* One map over another; what is null is as if nothing had been said. */}}
{{- define "atom-services.overlay" -}}
{{- $result := dict }}
{{- range $key, $value := index . 0 }}
{{- $_ := set $result $key $value }}
{{- end }}
{{- range $key, $value := index . 1 }}
{{- if kindIs "invalid" $value }}
{{- else if and (kindIs "map" $value) (kindIs "map" (get $result $key)) }}
{{- $_ := set $result $key (include "atom-services.overlay" (list (get $result $key) $value) | fromJson) }}
{{- else if kindIs "map" $value }}
{{- $_ := set $result $key (include "atom-services.overlay" (list dict $value) | fromJson) }}
{{- else }}
{{- $_ := set $result $key $value }}
{{- end }}
{{- end }}
{{- $result | toJson }}
{{- end }}

{{- /* The number that a quantity stands for. */}}
{{- define "atom-services.quantity" -}}
{{- $number := regexFind "^[0-9]+(\\\\.[0-9]*)?" . }}
{{- $unit := trimPrefix $number . }}
{{- $decimal := dict "" "e0" "n" "e-9" "u" "e-6" "m" "e-3" "k" "e3" "M" "e6" "G" "e9" "T" "e12" "P" "e15" "E" "e18" }}
{{- $binary := dict "Ki" 1 "Mi" 2 "Gi" 3 "Ti" 4 "Pi" 5 "Ei" 6 }}
{{- if hasKey $binary $unit }}
{{- $value := float64 $number }}
{{- range until (index $binary $unit) }}
{{- $value = mulf $value 1024.0 }}
{{- end }}
{{- $value }}
{{- else }}
{{- float64 (printf "%s%s" $number (hasKey $decimal $unit | ternary (get $decimal $unit) $unit)) }}
{{- end }}
{{- end }}

{{- /* Bytes of a string, or of a map's keys and values. */}}
{{- define "atom-services.bytes" -}}
{{- $sum := 0 }}
{{- if kindIs "string" . }}
{{- $sum = len . }}
{{- else }}
{{- range $key, $value := . }}
{{- $sum = add $sum (len $key) (len $value) }}
{{- end }}
{{- end }}
{{- $sum }}
{{- end }}

{{- /* Bytes of a map's longest value. */}}
{{- define "atom-services.longest" -}}
{{- $most := 0 }}
{{- range . }}
{{- $most = max $most (len .) }}
{{- end }}
{{- $most }}
{{- end }}

{{- /* The first string of a list that is not in another one. */}}
{{- define "atom-services.unlisted" -}}
{{- $known := index . 1 }}
{{- $unlisted := list }}
{{- range index . 0 }}
{{- if not (has . $known) }}
{{- $unlisted = append $unlisted . }}
{{- end }}
{{- end }}
{{- if $unlisted }}
{{- first $unlisted }}
{{- end }}
{{- end }}
`.trimStart();

/** `templates/_helpers.tpl` */
export function helpersFile(): string {
  return [FUNCTIONS, enabledServices(), helmHelpers(synthesizeServices())].join("\n");
}

/**
 * Every service that is enabled, with the defaults for what it leaves out. It fails on values that do not
 * go together, so that no template is used with them.
 */
function enabledServices(): string {
  const checks = [...INCOMPLETE, ...SERVICE_CONTRADICTIONS, ENV_TOO_LONG].flatMap(failing);
  const placeChecks = PLACE_CONTRADICTIONS.flatMap(failing);
  return `{{- /* The services that are enabled, whole. */}}
{{- define "atom-services.enabled" -}}
{{- $values := .Values }}
{{- $defaults := fromJson \`${canonicalJson(serviceDefaults)}\` }}
{{- $services := dict }}
{{- range $name, $given := $values.services }}
{{- if $given }}
{{- $service := include "atom-services.overlay" (list $defaults $given) | fromJson }}
{{- $scope := dict "values" $values "name" $name "service" $service }}
${checks.join("\n")}
{{- if $service.enabled }}
${placeChecks.join("\n")}
{{- $_ := set $services $name $service }}
{{- end }}
{{- end }}
{{- end }}
{{- $services | toJson }}
{{- end }}
`;
}

function failing(contradiction: Contradiction): string[] {
  const source = (of: Symbolic<unknown> | Condition) => goArgument(expressionOf(of)!);
  const { when, message } = contradiction;
  return [
    `{{- if ${goPipeline(expressionOf(when)!)} }}`,
    `{{- fail (print ${source(placeOf(contradiction))} ${source(message)}) }}`,
    `{{- end }}`,
  ];
}
