export { evaluate } from "./lib/policy/evaluate";
export type { Finding, RuleResult } from "./lib/policy/evaluate";
export { ResourceGraph } from "./lib/policy/graph";
export { graphFromManifests, graphFromResources } from "./lib/policy/graph-from-resources";
export { policyMatrix } from "./lib/policy/matrix";
export type { PolicyMatrix } from "./lib/policy/matrix";
export { defineRule } from "./lib/policy/rule";
export type { AnyRule, Rule } from "./lib/policy/rule";
export { ALL_RULES } from "./lib/policy/rules";
