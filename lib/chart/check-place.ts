import {
  LONGEST_TENANT_NAME,
  isDnsSubdomain,
  nameProblem,
  printable,
  tenantNamespace,
} from "../kubernetes/names";
import { Problems } from "../support/problem";
import { fieldPath, unknownWord } from "../support/strict-schema";
import { serviceHost } from "./chart-service";
import type { ChartPlace, VaultAccess } from "./chart-service";
import type { ServiceValues } from "./service";
import type { ChartValues } from "./values";

/** RFC 1035, section 2.3.4, without the root's dot. */
const LONGEST_HOST = 253;
const BY_DIGEST = /^[a-z0-9][-a-z0-9._:/]*@sha256:[0-9a-f]{64}$/;
const SEMANTIC_VERSION =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]*[0-9A-Za-z])?(\+[0-9A-Za-z.-]*[0-9A-Za-z])?$/;

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
  checkNames(place, problems);
  checkImages(images, problems);
  if (place.vault !== undefined) checkVault(place.vault, problems);
  for (const [name, service] of Object.entries(values.services)) {
    if (service.enabled) checkService(name, service, place, images, problems);
  }
  problems.throwIfAny("chart");
}

function checkNames(
  { tenant, namespace, region, domain, release }: ChartPlace,
  problems: Problems,
) {
  const tenantProblem = nameProblem(tenant, LONGEST_TENANT_NAME);
  if (tenantProblem !== undefined) problems.add("tenant", tenantProblem);
  else if (namespace !== tenantNamespace(tenant)) {
    const message = `namespace ${printable(namespace)} is not that of tenant "${tenant}"`;
    problems.add("namespace", message, `write "${tenantNamespace(tenant)}"`);
  }
  const regionProblem = nameProblem(region);
  if (regionProblem !== undefined) problems.add("region", regionProblem);
  if (!isDnsSubdomain(domain)) {
    problems.add("domain", `domain ${printable(domain)} is no DNS name such as eu.atom.example`);
  }
  if (!SEMANTIC_VERSION.test(release) || release.length > 63) {
    problems.add("release", `release ${printable(release)} is no semantic version such as 7.2.0`);
  }
}

function checkImages(images: Readonly<Record<string, string>>, problems: Problems): void {
  for (const [name, reference] of Object.entries(images)) {
    if (BY_DIGEST.test(reference)) continue;
    problems.add(
      fieldPath(["images", name]),
      `image ${printable(reference)} is not given by digest`,
      "write <repository>@sha256:<64 hex digits>",
    );
  }
}

function checkVault({ address, mount, role, audience }: VaultAccess, problems: Problems): void {
  if (!/^https?:\/\/[-A-Za-z0-9.[\]:]+\/?$/.test(address)) {
    problems.add("vault.address", `address ${printable(address)} is no URL of a server`);
  }
  for (const [field, text] of Object.entries({ mount, role, audience })) {
    if (text !== undefined && !/^[A-Za-z0-9][-A-Za-z0-9_./:]*$/.test(text)) {
      problems.add(`vault.${field}`, `${field} ${printable(text)} is not allowed`);
    }
  }
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
  const { length } = serviceHost(name, place);
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
