import { addConfigMap } from "./config";
import { addEgressPolicy, addIngress } from "./network";
import { addSecretProviderClass } from "./secret-files";
import { TemplateChart } from "./template/synthesize";
import type { SynthesizedObject } from "./template/synthesize";
import {
  addAutoscaler,
  addDeployment,
  addDisruptionBudget,
  addService,
  addServiceAccount,
} from "./workload";

/** In the order in which a cluster needs them: policy, config, workload, ingress. */
const OBJECTS: readonly ((chart: TemplateChart) => void)[] = [
  addServiceAccount,
  addEgressPolicy,
  addConfigMap,
  addSecretProviderClass,
  addDeployment,
  addService,
  addDisruptionBudget,
  addAutoscaler,
  addIngress,
];

/**
 * The objects of one service, with placeholders for all that differs between services, tenants and
 * regions. Every object has an explicit name and namespace.
 */
export function synthesizeServices(): readonly SynthesizedObject[] {
  synthesized ??= synthesize();
  return synthesized;
}

/** Synthesised once: nothing in it depends on who uses it. */
let synthesized: readonly SynthesizedObject[] | undefined;

function synthesize(): readonly SynthesizedObject[] {
  const chart = new TemplateChart();
  for (const addTo of OBJECTS) addTo(chart);
  return chart.toTemplates();
}
