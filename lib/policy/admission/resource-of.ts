/**
 * The resource of a kind, as API servers call it: `networkpolicies` of NetworkPolicy.
 * Source: k8s.io/apimachinery/pkg/api/meta, UnsafeGuessKindToResource; `gateways` besides.
 */
export function resourceOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith("s")) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}
