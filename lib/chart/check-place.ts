import type { z } from "zod";

import { LONGEST_TENANT_NAME, nameProblem, printable, tenantNamespace } from "../kubernetes/names";
import { Problems } from "../support/problem";
import { fieldPath, schemaProblems, unknownWord } from "../support/strict-schema";
import { host } from "./chart-service";
import type { ChartPlace } from "./chart-service";
import { LONGEST_HOST } from "./contradictions";
import { imagesSchema, placeSchema } from "./place";
import type { ServiceValues } from "./service";
import { compileTemplate, scopeOf } from "./template/instantiate";
import type { ChartValues } from "./values";

const hostOf = compileTemplate(host);

/** Maps that were found good: all tenants of a fleet have the same one. */
const CHECKED_IMAGES = new WeakSet<object>();

/**
 * Checks where a chart is to be rendered, and the values against it.
 *
 * @throws UsageError with every problem found.
 */
export function checkPlace(
  place: ChartPlace,
  values: ChartValues,
  images: Readonly<Record<string, string>>,
): void {
  const problems = new Problems();
  const { namespace, ...rest } = place;
  addProblems(placeSchema, rest, [], problems);
  if (!CHECKED_IMAGES.has(images) && addProblems(imagesSchema, images, ["images"], problems)) {
    CHECKED_IMAGES.add(Object.freeze(images));
  }
  checkNamespace(place.tenant, namespace, problems);
  for (const [name, service] of Object.entries(values.services)) {
    if (service.enabled) checkService(name, service, place, images, problems);
  }
  problems.throwIfAny("chart");
}

/** @returns whether there are none. */
function addProblems(
  schema: z.ZodType,
  value: unknown,
  at: readonly PropertyKey[],
  problems: Problems,
): boolean {
  const { error } = schema.safeParse(value, { reportInput: true });
  if (error === undefined) return true;
  for (const { path, message } of schemaProblems(error, at)) problems.add(path, message);
  return false;
}

function checkNamespace(tenant: string, namespace: string, problems: Problems): void {
  const own = tenantNamespace(tenant);
  if (namespace === own || nameProblem(tenant, LONGEST_TENANT_NAME) !== undefined) return;
  const message = `namespace ${printable(namespace)} is not that of tenant "${tenant}"`;
  problems.add("namespace", message, `write "${own}"`);
}

function checkService(
  name: string,
  service: ServiceValues,
  place: ChartPlace,
  images: Readonly<Record<string, string>>,
  problems: Problems,
): void {
  const at = fieldPath(["services", name]);
  if (!Object.hasOwn(images, service.image)) {
    problems.add(`${at}.image`, unknownWord("image", service.image, Object.keys(images)));
  }
  // Its parts are checked on their own; together they may still be too long.
  const { length } = hostOf(scopeOf({ name, values: place })) as string;
  if (service.ingress.enabled && length > LONGEST_HOST) {
    const message = `the host has ${length} characters; at most ${LONGEST_HOST} are allowed`;
    problems.add(`${at}.ingress`, message, "choose shorter names or a shorter domain");
  }
  if (service.secrets.length > 0 && place.vault === undefined) {
    problems.add(`${at}.secrets`, "secrets are asked for, but the tenant has no Vault");
  }
  const known = place.vault?.secrets;
  for (const [index, secret] of service.secrets.entries()) {
    if (known?.includes(secret) === false) {
      problems.add(`${at}.secrets[${index}]`, unknownWord("secret", secret, known));
    }
  }
}
