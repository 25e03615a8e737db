import { TENANT_LABEL } from "../../kubernetes/labels";
import { literal } from "./cel";

/** CEL: the tenant whose namespace the object is in. */
export const TENANT = `namespaceObject.metadata.labels[${literal(TENANT_LABEL)}]`;
