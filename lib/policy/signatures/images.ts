import { podsIn } from "../graph/home";
import type { Home, PodSubject } from "../graph/home";
import { listAt, valueAt } from "../reading/read";
import { isRecord } from "../reading/shape";
import { containers, elements, listed } from "../subjects/subjects";
import type { ContainerSubject, ElementSubject } from "../subjects/subjects";
import { tenantsOwn } from "../tenants/tenant-namespaces";

/**
 * What a pod has pulled for it: a container's image, or one that it mounts as a volume.
 * Source: https://kubernetes.io/docs/concepts/storage/volumes/#image
 */
export type ImageSubject = ContainerSubject | ElementSubject;

/** Every image of every pod. A pod that cannot be read stands for its images. */
export const images = listed((home): readonly ImageSubject[] => {
  const mounted = imageVolumes(home);
  return mounted.length === 0 ? containers(home) : [...containers(home), ...mounted];
});

/** The images of each pod that a tenant brought, or that is in a tenant's namespace. */
export const tenantImages = listed((home) => tenantsOwn(home, images(home)));

export function isImage(subject: object): subject is ImageSubject {
  return "container" in subject || "element" in subject;
}

/** The image's reference as the manifest has it. */
export function imageOf(subject: ImageSubject): unknown {
  return "container" in subject
    ? valueAt(subject.container, "image")
    : valueAt(subject.element, "image", "reference");
}

/** Where the reference is, below the subject. */
export function imageField(subject: ImageSubject): string {
  return "container" in subject ? ".image" : ".image.reference";
}

function imageVolumes(home: Home): ElementSubject[] {
  return podsIn(home).flatMap((pod) =>
    // A pod that cannot be read is among the containers.
    pod.failure === undefined && mayMountImages(pod)
      ? elements(pod, pod.pod, "spec", "volumes").filter(
          ({ failure, element }) => failure !== undefined || mayBeImage(element),
        )
      : [],
  );
}

function mayMountImages({ pod }: PodSubject): boolean {
  try {
    return listAt(pod, "spec", "volumes").some(mayBeImage);
  } catch {
    return true;
  }
}

/** Without a throw: what cannot be read is for the check to say. */
function mayBeImage(volume: unknown): boolean {
  try {
    return !isRecord(volume) || valueAt(volume, "image") !== undefined;
  } catch {
    return true;
  }
}
