import { HOSTILE_NAMES } from "../hostile-names";
import type { ChartInput } from "../../lib/chart/render";
import { resolveValues } from "../../lib/chart/resolve-values";
import type { ValuesLayer } from "../../lib/chart/values";
import { tenantNamespace } from "../../lib/kubernetes/names";
import { sha256 } from "../../lib/support/digest";
import { UsageError } from "../../lib/support/problem";

export function imageReference(name: string): string {
  return `registry.atom.example:5000/atom/${name}@${sha256(name)}`;
}

export const images = Object.fromEntries(
  ["api", "console", "scheduler", "worker"].map((name) => [name, imageReference(name)]),
);

export function chartInput(
  layer: ValuesLayer = {},
  tenant = "acme",
  change: Partial<ChartInput> = {},
): ChartInput {
  return {
    tenant,
    namespace: tenantNamespace(tenant),
    region: "eu-west",
    domain: "eu.atom.example",
    release: "7.2.0",
    values: resolveValues({ tenant: layer }),
    images,
    vault: { address: "https://vault-a.atom.example:8200", mount: "atom", role: tenant },
    ...change,
  };
}

/** The lines of the UsageError that a call throws. */
export function problemsOf(call: () => unknown): string[] {
  try {
    call();
  } catch (error) {
    if (error instanceof UsageError) {
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    }
    throw error;
  }
  return [];
}

/** Texts that some reader takes for another type, or for structure. */
export const NASTY = [
  "",
  " ",
  "0o14",
  "014",
  "0x1F",
  "0b1",
  "yes",
  "No",
  "on",
  "OFF",
  "y",
  "N",
  "true",
  "False",
  "null",
  "NULL",
  "~",
  "=",
  "<<",
  "1:30",
  "190:20:30",
  "1e3",
  "e0",
  "E-7",
  "1.5e3",
  "1_000",
  "+1",
  "-0",
  ".5",
  ".inf",
  ".NaN",
  "NaN",
  "Inf",
  "2001-01-01",
  "2001-12-14t21:59:43.10-05:00",
  "---",
  "...",
  "- a",
  "? a",
  "a: b",
  "a:",
  ":",
  "a #b",
  "#b",
  "&a",
  "*a",
  "!!js/function x",
  "!b",
  "%TAG",
  "@a",
  "`id`",
  "$(id)",
  "${pulumi.x}",
  "{{ .Values }}",
  "{a: b}",
  "[a]",
  "|",
  ">-",
  "'a'",
  '"a"',
  "\\",
  "a\nb",
  "a\nb\n",
  "a\n b\n\n",
  "\na\n",
  " a\nb\n",
  "a\n\tb\n",
  "a \nb\n",
  "---\na\n",
  "a\r\nb\r\n",
  "a\nkind: ClusterRoleBinding",
  "\t",
  "\u0007\u001b\u00a0",
  "\u2028\u2029\ufeff",
  "gr\u00fc\u00df dich \u2603 \u{1f600}",
  "\u202egpj",
  "ConfigMap",
  "/health",
  "__proto__",
  "constructor",
];

/** Names that are paths, options, templates, look-alikes, too long or taken. */
export const MALICIOUS = [
  ...HOSTILE_NAMES,
  "\u0430pi",
  "\u202eipa",
  "a".repeat(64),
  "a".repeat(254),
  "api.",
  "api-",
  "API",
  "1api",
  "default",
  "kube-system",
  "operator",
];
