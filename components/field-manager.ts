import * as pulumi from "@pulumi/pulumi";

const ANNOTATION = "pulumi.com/patchFieldManager";
/** The API server refuses longer names (k8s.io/apimachinery, pkg/apis/meta/v1/validation). */
const LONGEST_NAME = 128;

/**
 * Annotations with which an object is applied under its stack's name, `<project>/<stack>`. The provider
 * makes a name up otherwise, another one each time it creates. An object that a killed run had made but
 * not recorded would then be made a second time under a second name, and every later change of it be
 * refused as a conflict with the first, which nobody holds any more.
 */
export function appliedByStack(
  annotations: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const name = `${pulumi.getProject()}/${pulumi.getStack()}`.slice(0, LONGEST_NAME);
  return { ...annotations, [ANNOTATION]: name };
}
