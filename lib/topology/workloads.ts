import { printable } from "../kubernetes/names";
import { UsageError } from "../support/problem";
import { readKubeContext } from "./kube-context";

const PAGE = 500;

/** What every list call of the API has in common. */
interface Page {
  readonly metadata?: { readonly _continue?: string };
  readonly items: readonly unknown[];
}
type List = (request: { limit: number; _continue?: string }) => Promise<Page>;

/**
 * Everything in a cluster that runs images or may run them again, as JSON, one text a page: pods with
 * their status, deployments with the replica sets they can go back to, stateful and daemon sets, jobs
 * and cron jobs.
 *
 * @throws UsageError for an unknown context, and for a cluster that does not answer or does not allow
 * one of the lists: what cannot be seen is not unused.
 */
export async function readWorkloads(context: string): Promise<string[]> {
  await readKubeContext(context);
  const { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromDefault();
  config.setCurrentContext(context);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const batch = config.makeApiClient(BatchV1Api);
  const lists: Readonly<Record<string, List>> = {
    pods: (request) => core.listPodForAllNamespaces(request),
    deployments: (request) => apps.listDeploymentForAllNamespaces(request),
    "replica sets": (request) => apps.listReplicaSetForAllNamespaces(request),
    "stateful sets": (request) => apps.listStatefulSetForAllNamespaces(request),
    "daemon sets": (request) => apps.listDaemonSetForAllNamespaces(request),
    jobs: (request) => batch.listJobForAllNamespaces(request),
    "cron jobs": (request) => batch.listCronJobForAllNamespaces(request),
  };
  const texts: string[] = [];
  for (const [what, list] of Object.entries(lists)) {
    texts.push(...(await pagesOf(context, what, list)));
  }
  return texts;
}

async function pagesOf(context: string, what: string, list: List): Promise<string[]> {
  const pages: string[] = [];
  let next: string | undefined;
  do {
    const page = await answered(context, what, () =>
      list(next === undefined ? { limit: PAGE } : { limit: PAGE, _continue: next }),
    );
    pages.push(JSON.stringify(page.items));
    next = page.metadata?._continue || undefined;
  } while (next !== undefined);
  return pages;
}

/** The client's own message repeats headers and bodies. */
async function answered<T>(context: string, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    throw new UsageError("kube context", [
      {
        path: "context",
        message: `the cluster behind ${printable(context)} does not list its ${what} (${reason(code)})`,
        mend: "only a cluster that is seen whole can say what it uses",
      },
    ]);
  }
}

function reason(code: unknown): string {
  return typeof code === "number" || typeof code === "string" ? String(code) : "no answer";
}
