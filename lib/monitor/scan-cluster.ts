import { mapBounded } from "../support/map-bounded";
import type { KubeApi } from "../topology/kube-api";
import { listObjects } from "./list-objects";
import type { LiveObject } from "./read-object";
import { kubeApiError, scanFailure } from "./scan-failure";
import type { Unseen } from "./scan-failure";
import { resourceName, servedKinds } from "./served-kinds";

/** Lists under way at a time. */
const LISTS = 4;

/**
 * Every object of the kinds that the rules know, of a whole cluster.
 *
 * @param listed is told of each kind that was read, for people who watch.
 * @throws UsageError with each kind that could not be read.
 */
export async function scanCluster(
  api: KubeApi,
  listed: (resource: string, objects: number) => void = () => undefined,
): Promise<readonly LiveObject[]> {
  const unseen: Unseen[] = [];
  const lists = await mapBounded(await servedKinds(api), LISTS, async (kind) => {
    const what = resourceName(kind);
    try {
      const { objects } = await listObjects(api, kind);
      listed(what, objects.length);
      return objects;
    } catch (error) {
      unseen.push({ what, error: kubeApiError(error) });
      return [];
    }
  });
  if (unseen.length > 0) throw scanFailure(api, unseen);
  return lists.flat();
}
