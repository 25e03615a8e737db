import { PolicyPack } from "@pulumi/policy";
import { createPolicies } from "./policies";

// Serves the policies to the engine and keeps the process alive: one pack a process.
new PolicyPack("atom-selfhost-policies", {
  description: "P1 to P7 over ATOM's stacks, decided before anything is touched.",
  policies: createPolicies(() => new Date()),
});
