import { HOSTILE_NAMES } from "../hostile-names";

/** Names that somebody may try to break out with; no tenant may bear one. */
export const MALICIOUS_NAMES = [
  ...HOSTILE_NAMES,
  "acme\n",
  "a.b",
  "асme",
  "kube-systeм",
  "acme\u202eemca",
  "acme\u0000",
  "a".repeat(57),
  "a".repeat(63),
  "a".repeat(64),
  "a".repeat(253),
  "a".repeat(254),
  "acme.",
  "acme-",
  "Acme",
  "Kube-System",
  "default",
  "kube-system",
  "kube-public",
  "openshift-monitoring",
  "istio-system",
  "atom-platform",
  "__proto__",
] as const;
