import type { Labels, LabelSelector } from "../../kubernetes/label-selector";
import { perHome } from "../graph/home";
import type { ObjectSubject, PodSubject } from "../graph/home";
import { once } from "../reading/once";
import { recordAt } from "../reading/read";
import { maybeOfGroup } from "../subjects/candidates";
import { selectorAt } from "./selector-at";

/**
 * Every NetworkPolicy in a namespace, one whose group cannot be read among them. Another group's kind
 * of that name is none.
 */
export const networkPolicies = perHome((home) =>
  home.ofKind("NetworkPolicy").filter(isNetworkPolicy),
);

function isNetworkPolicy(policy: ObjectSubject): boolean {
  return maybeOfGroup(policy, "networking.k8s.io");
}

/** Every Service in a namespace, likewise. */
export const servicesIn = perHome((home) => home.ofKind("Service").filter(isService));

function isService(service: ObjectSubject): boolean {
  return maybeOfGroup(service, "");
}

/**
 * Which pods a NetworkPolicy is for; one that is left out reads as an empty one.
 *
 * @throws MalformedError or UndecidedError if that cannot be read.
 */
export const podSelectorOf = once(({ node }: ObjectSubject): LabelSelector =>
  selectorAt(node.object, "spec", "podSelector"),
);

/** A pod's labels. @throws MalformedError or UndecidedError if they cannot be read. */
export function labelsOf({ pod }: PodSubject): Labels {
  return (recordAt(pod, "metadata", "labels") ?? NO_LABELS) as Labels;
}

const NO_LABELS: Labels = {};
