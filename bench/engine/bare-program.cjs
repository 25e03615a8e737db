// The yardstick of the preview benchmark: registers the resources of `resources.json` by the SDKs'
// own classes, one after another, and does nothing else.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const kubernetes = require("@pulumi/kubernetes");
const vault = require("@pulumi/vault");

const GROUPS = {
  "networking.k8s.io": "networking",
  "rbac.authorization.k8s.io": "rbac",
};

/** The class of a type token, or undefined for a component. */
function classOf(type) {
  if (type === "pulumi:providers:kubernetes") return kubernetes.Provider;
  if (type === "pulumi:providers:vault") return vault.Provider;
  if (type === "vault:index/policy:Policy") return vault.Policy;
  if (type === "vault:kubernetes/authBackendRole:AuthBackendRole") {
    return vault.kubernetes.AuthBackendRole;
  }
  if (!type.startsWith("kubernetes:")) return undefined;
  const [, place, kind] = type.split(":");
  const [group, version] = place.split("/");
  return kubernetes[GROUPS[group] ?? group]?.[version]?.[kind];
}

const made = new Map();
for (const { urn, type, name, inputs, parent, dependencies, provider, protect } of JSON.parse(
  readFileSync("resources.json", "utf8"),
)) {
  const options = {
    ...(parent && { parent: made.get(parent) }),
    ...(provider && { provider: made.get(provider) }),
    ...(protect && { protect }),
    dependsOn: dependencies.map((dependency) => made.get(dependency)).filter(Boolean),
  };
  const Class = classOf(type);
  const resource =
    Class !== undefined
      ? new Class(name, inputs, options)
      : type.startsWith("kubernetes:")
        ? new kubernetes.apiextensions.CustomResource(name, inputs, options)
        : type === "pulumi:pulumi:StackReference"
          ? new pulumi.StackReference(name)
          : new pulumi.ComponentResource(type, name, inputs, options);
  made.set(urn, resource);
}
