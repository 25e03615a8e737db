import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

const ANNOTATION = "pulumi.com/patchFieldManager";
/** The API server refuses longer names (k8s.io/apimachinery, pkg/apis/meta/v1/validation). */
const LONGEST_NAME = 128;
/** In hex; of a name that is too long, so that two of them stay two. */
const HASH_LENGTH = 16;

/**
 * Annotations with which an object is applied under its stack's name, `<project>/<stack>`. The provider
 * makes a name up otherwise, another one each time it creates. An object that a killed run had made but
 * not recorded would then be made a second time under a second name, and every later change of it be
 * refused as a conflict with the first, which nobody holds any more.
 */
export function appliedByStack(
  annotations: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const name = shortened(`${pulumi.getProject()}/${pulumi.getStack()}`);
  return { ...annotations, [ANNOTATION]: name };
}

/** A name that fits, as it is; of another one the start, and a hash of all of it. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  return `${name.slice(0, LONGEST_NAME - HASH_LENGTH - 1)}-${hash}`;
}
