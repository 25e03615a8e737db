import type { Report } from "../evaluation/rule";
import type { PodPart } from "./pod-context";

/**
 * One check of the Pod Security Standards, on a pod or on one of its containers. Fields are reported
 * below that pod or container.
 *
 * @param minor n of the version v1.n of the standards that has to hold; an older one than v1.25, the
 *   first in which they are stable, reads as v1.25.
 * @throws MalformedError where the pod is not built as Kubernetes has it.
 */
export type PodCheck = (part: PodPart, report: Report, minor: number) => void;

/** Of v1.37: the last in which a check changed. */
export const NEWEST_MINOR = 37;

/** From this version on, a pod with users of its own may run as root and unmask its /proc. */
export const USER_NAMESPACES_SINCE = 35;
