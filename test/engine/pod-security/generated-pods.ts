import fc from "fast-check";
import { CONTAINER_FIELDS, POD_FIELDS, PROBES } from "./field-values";
import type { Values } from "./field-values";
import { compliantContainer, compliantPod } from "./pod-fields";
import type { ContainerFields, GeneratedPod, Json } from "./pod-fields";
import { settled } from "./settled";

/** A pod that keeps the restricted standard of every version, with some fields set to other values. */
export const generatedPods: fc.Arbitrary<GeneratedPod> = fc
  .record({
    roles: fc.constantFrom("c", "c", "c", "ci", "cs", "ccs", "cis"),
    edits: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: edit("pod", POD_FIELDS) },
        { weight: 3, arbitrary: edit("container", CONTAINER_FIELDS) },
      ),
      { minLength: 0, maxLength: 5 },
    ),
  })
  .map(({ roles, edits }) => {
    const pod = compliantPod([...roles]);
    for (const { where, field, value, which } of edits) {
      const all = [...pod.spec.containers, ...pod.spec.initContainers];
      if (where === "pod") write(pod, field, value);
      else write(all[which % all.length]!, field, value);
    }
    return settled(pod);
  });

/** A container as `kubectl debug` adds it. */
export const generatedEphemeral: fc.Arbitrary<ContainerFields> = fc
  .array(edit("container", CONTAINER_FIELDS), { maxLength: 3 })
  .map((edits) => {
    const container = compliantContainer("debug");
    for (const { field, value } of edits) write(container, field, value);
    const pod = settled({
      ...compliantPod([]),
      ...{ spec: { ...compliantPod([]).spec, containers: [container] } },
    });
    const [settledContainer] = pod.spec.containers;
    for (const field of ["ports", ...PROBES, "lifecycle"]) delete settledContainer![field];
    return settledContainer!;
  });

interface Edit {
  readonly where: "pod" | "container";
  /** `.` between keys: no key that is written has one. */
  readonly field: string;
  readonly value: unknown;
  /** Which container. */
  readonly which: number;
}

function edit(where: Edit["where"], fields: Values): fc.Arbitrary<Edit> {
  const values = fields.map(([field, all]) =>
    fc.record({
      where: fc.constant(where),
      field: fc.constant(field),
      value: fc.constantFrom(...all),
      which: fc.nat(5),
    }),
  );
  return fc.oneof(...values);
}

/** Writes a value; what is missing or null on the way is made, and undefined takes away. */
function write(into: object, field: string, value: unknown): void {
  const path = field.split(".");
  const last = path.pop()!;
  let place = into as Json;
  for (const key of path) place = (place[key] ??= {}) as Json;
  if (value === undefined) delete place[last];
  else place[last] = structuredClone(value);
}
