/** Resources as `matchConstraints` name them, subresources among them. */
export interface ResourceRule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
}

/** Which objects a policy looks at, and what in them. */
export interface AdmissionScope {
  readonly resources: readonly ResourceRule[];
  /**
   * Paths of all that the rule reads. An update that leaves them as they are passes: it takes away a
   * finalizer, or a controller notes something on an object that was there before the policies.
   */
  readonly reads: readonly string[];
  /** CEL by name, evaluated only where a fault uses it. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * CEL that says which cluster-scoped objects are meant. Undefined for what lies in a namespace: the
   * binding chooses the tenants' namespaces by their label.
   */
  readonly applies?: string;
}

/** Objects of one API group and version in tenants' namespaces. */
export function namespaced(
  apiVersion: string,
  resources: readonly string[],
  reads: readonly string[] = ["spec"],
): AdmissionScope {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const rule = { apiGroups: [group!], apiVersions: [version!], resources };
  return { resources: [rule], reads, variables: {} };
}

/** The same scope with more of each object read. */
export function reading(scope: AdmissionScope, ...more: readonly string[]): AdmissionScope {
  return { ...scope, reads: [...scope.reads, ...more] };
}

/** Several scopes as one. */
export function together(...scopes: readonly AdmissionScope[]): AdmissionScope {
  return {
    resources: scopes.flatMap(({ resources }) => resources),
    reads: [...new Set(scopes.flatMap(({ reads }) => reads))],
    variables: Object.assign({}, ...scopes.map(({ variables }) => variables)) as Record<
      string,
      string
    >,
  };
}
