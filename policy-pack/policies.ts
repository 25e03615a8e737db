import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { evaluate } from "../lib/policy/evaluation/evaluate";
import type { AnyRule } from "../lib/policy/evaluation/rule";
import { stackGraph } from "../lib/policy/graph/graph-from-resources";
import type { StackResource } from "../lib/policy/graph/graph-from-resources";
import { ALL_RULES } from "../lib/policy/rules";
import { applyWaivers } from "../lib/policy/waiver";
import { CONFIG_SCHEMA, readPackConfig } from "./pack-config";
import { resourceValues } from "./resource-values";

/** Rules that one resource decides alone: the resource never gets as far as the cluster. */
const RESOURCE_RULES = ALL_RULES.filter(({ id }) => /^(P1-POD-[0-9]+|P1-IMG-1|P2-1)$/.test(id));
/** Rules over the whole stack: they join objects, or weigh what is not there. */
const STACK_RULES = ALL_RULES.filter((rule) => !RESOURCE_RULES.includes(rule));

/** The most that a finding of either policy may be; each finding says its own severity. */
const ABOUT: Pick<StackValidationPolicy, "severity" | "framework" | "tags" | "remediationSteps"> = {
  severity: "critical",
  framework: {
    name: "P1-P7",
    version: "1",
    reference: "docs/rules.md",
    specification:
      "Tenants isolated, all signed, dry-run first, measured, in time, and undone if it fails.",
  },
  tags: ["kubernetes", "multi-tenancy", "supply-chain"],
  remediationSteps: "Each finding ends with how to mend it, and where docs/rules.md shows it.",
};

/** A finding as the engine prints it, with the resource it is about. */
interface Report {
  readonly message: string;
  readonly urn: string | undefined;
}

/**
 * The pack's two policies. One dispatcher each: CrossGuard deserialises every resource anew for each
 * policy, which makes a policy a rule ten times slower.
 *
 * They share what they saw: a stack validation gets a resource's outputs only, and a component's
 * inputs, which say whose its children are, come only before.
 *
 * @param now decides which waivers have expired.
 */
export function createPolicies(now: () => Date): [ResourceValidationPolicy, StackValidationPolicy] {
  const seen = new Map<string, StackResource>();
  return [
    {
      name: "atom-resources",
      displayName: "ATOM: each pod by itself",
      description: "P1 and P2, each pod by itself.",
      ...ABOUT,
      enforcementLevel: "mandatory",
      configSchema: CONFIG_SCHEMA,
      validateResource(args, reportViolation) {
        const resource = registered(args);
        seen.set(resource.urn, resource);
        const line = lineage(resource, seen);
        const reports = findingsOf(line, RESOURCE_RULES, args.getConfig(), now(), true);
        for (const { message, urn } of reports) {
          // Ancestors are here for whose the resource is; they had their own turn.
          if (urn === undefined || urn === resource.urn) reportViolation(message, resource.urn);
        }
      },
    },
    {
      name: "atom-stack",
      displayName: "ATOM: P1 to P7",
      description: "P1 to P7 over the whole stack.",
      ...ABOUT,
      enforcementLevel: "mandatory",
      configSchema: CONFIG_SCHEMA,
      validateStack(args, reportViolation) {
        const resources = args.resources.map((resource) => inStack(resource, seen));
        // Somebody may have disabled the other policy.
        const complete = args.resources.every(({ urn }) => seen.has(urn));
        const rules = complete ? STACK_RULES : ALL_RULES;
        for (const { message, urn } of findingsOf(resources, rules, args.getConfig(), now())) {
          reportViolation(message, urn);
        }
      },
    },
  ];
}

function findingsOf(
  resources: readonly StackResource[],
  rules: readonly AnyRule[],
  config: Readonly<Record<string, unknown>>,
  now: Date,
  partial = false,
): Report[] {
  const { graph: options, waivers } = readPackConfig(config);
  const { graph, urnOf } = stackGraph(resources, { ...options, partial });
  const { results } = applyWaivers(evaluate(graph, rules), waivers, now);
  return results
    .flatMap(({ findings }) => findings)
    .filter(({ waiver }) => waiver === undefined)
    .map((finding) => {
      const { rule, severity, object, field, message, remediation } = finding;
      const place = field === "" ? object : `${object}: ${field}`;
      const more = `${severity}; docs/rules.md#${rule.toLowerCase()}`;
      const text = `${rule} ${place}: ${message}; ${remediation} (${more})`;
      return { message: text, urn: urnOf(finding) };
    });
}

function registered({ type, name, urn, props, opts }: ResourceValidationArgs): StackResource {
  const parent = opts.parent === undefined ? {} : { parent: opts.parent };
  const inputs = resourceValues(props);
  return { type, name, urn, ...parent, inputs, dependencies: [], protect: opts.protect };
}

function inStack(
  { type, name, urn, props, opts, parent, dependencies }: PolicyResource,
  seen: ReadonlyMap<string, StackResource>,
): StackResource {
  const parentUrn = parent?.urn ?? opts.parent;
  return {
    type,
    name,
    urn,
    ...(parentUrn === undefined ? {} : { parent: parentUrn }),
    inputs: seen.get(urn)?.inputs ?? resourceValues(props),
    dependencies: dependencies.map((dependency) => dependency.urn),
    protect: opts.protect,
  };
}

/** A resource with its ancestors, as far as they were registered. */
function lineage(
  resource: StackResource,
  seen: ReadonlyMap<string, StackResource>,
): StackResource[] {
  const line = new Set<StackResource>();
  let next: StackResource | undefined = resource;
  while (next !== undefined && !line.has(next)) {
    line.add(next);
    next = next.parent === undefined ? undefined : seen.get(next.parent);
  }
  return [...line];
}
