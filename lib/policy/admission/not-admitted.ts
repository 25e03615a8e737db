const NAMESPACE = "whether a namespace has what it needs hangs on the other objects in it";
const OTHER_OBJECTS = "it hangs on other objects, which no policy of the API server looks up";
const STACK = "of which stack an object is, is not known to the API server";
const NO_OBJECT = "what it looks at is no object of the API server";
const VAULT = "a Vault's policies and roles are no objects of the API server";
const PLAYBOOK = "a playbook is no object of the API server";
const HELM_RELEASE =
  "what Pulumi and this library release is no object of the API server; a HelmRelease of Flux is left to the audit with it";
const RELEASE = "a release is no object of the API server";

/** Why the API server cannot decide a rule at all, by the rule's id. */
export const NOT_ADMITTED: Readonly<Record<string, string>> = {
  "P1-NET-1": NAMESPACE,
  "P1-NET-7": OTHER_OBJECTS,
  "P1-RBAC-2": `${STACK}, and controllers write kinds of their own into tenants' namespaces`,
  "P1-RBAC-4": OTHER_OBJECTS,
  "P1-RBAC-7":
    "whose service accounts a binding names hangs on Namespaces, which no policy looks up",
  "P1-NS-2": "the API server's own Pod Security admission refuses such a pod",
  "P1-QUO-1": NAMESPACE,
  "P1-QUO-2": NAMESPACE,
  "P1-QUO-3": NAMESPACE,
  "P1-DATA-2": OTHER_OBJECTS,
  "P1-DATA-4": VAULT,
  "P2-2": NO_OBJECT,
  "P2-3": NO_OBJECT,
  "P2-4": NO_OBJECT,
  "P2-5": NO_OBJECT,
  "P2-6": "a signature is in the registry, which CEL cannot ask",
  "P2-7": "a replicated secret is in a Vault, and no object of the API server",
  "P2-8": "what a chart was rendered to is no object of the API server",
  "P2-9": "a provenance is in the registry, which CEL cannot ask",
  "P2-10": "the image lock is no object of the API server",
  "P3-1": PLAYBOOK,
  "P3-2": PLAYBOOK,
  "P3-3": PLAYBOOK,
  "P3-4": PLAYBOOK,
  "P3-5": PLAYBOOK,
  "P3-6": PLAYBOOK,
  "P4-2": OTHER_OBJECTS,
  "P4-4": OTHER_OBJECTS,
  "P4-6": OTHER_OBJECTS,
  "P4-7": "what a daemon answers is no object of the API server",
  "P5-2": `${STACK}; there every object has a namespace`,
  "P5-4": "CEL has no SHA-256",
  "P5-5": OTHER_OBJECTS,
  "P5-7": "the API server itself has one object of a name only",
  "P5-6":
    "whether a stack protects a Namespace is not known to the API server, nor are the marks of other tools looked at",
  "P6-1": OTHER_OBJECTS,
  "P6-4": RELEASE,
  "P6-5": OTHER_OBJECTS,
  "P7-1": RELEASE,
  "P7-5": HELM_RELEASE,
  "P7-6": HELM_RELEASE,
};
