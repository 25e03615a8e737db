import { resolve } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { printable } from "../kubernetes/names";
import { nearestWord } from "../support/nearest";
import { UsageError } from "../support/problem";

/** What leaves a kubeconfig about one context. Users, tokens, keys and certificates stay there. */
export interface KubeContext {
  readonly context: string;
  /** The cluster's name in the kubeconfig. */
  readonly cluster: string;
  /** The API server's address, without user information, query or fragment. */
  readonly server: string;
  readonly namespace?: string;
}

/**
 * Looks a context up by the ordinary kubeconfig rules: the file given, else those of `KUBECONFIG`
 * merged, else `~/.kube/config`. Touches no network.
 *
 * @param options.kubeconfig a file to read instead of those.
 * @throws UsageError for an unreadable kubeconfig or an unknown context, naming the contexts there are.
 */
export async function readKubeContext(
  name: string,
  options: { readonly kubeconfig?: string } = {},
): Promise<KubeContext> {
  const config = await loadKubeConfig(options.kubeconfig);
  const context = config.getContextObject(name);
  const cluster = context && config.getCluster(context.cluster);
  if (!context)
    throw unknownContext(
      name,
      config.getContexts().map((known) => known.name),
    );
  if (!cluster) {
    throw refusal(`context '${name}' names the unknown cluster ${printable(context.cluster)}`);
  }
  return {
    context: name,
    cluster: context.cluster,
    server: plainAddress(cluster.server, name),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
  };
}

/**
 * The name of the current context by the same rules; in a pod without a kubeconfig, that of its service
 * account. Touches no network.
 *
 * @throws UsageError for an unreadable kubeconfig, and for one without a current context.
 */
export async function currentKubeContext(): Promise<string> {
  const config = await loadKubeConfig(undefined);
  const name = config.getCurrentContext();
  if (typeof name === "string" && name !== "") return name;
  throw refusal("the kubeconfig has no current context", "name one with --context");
}

async function loadKubeConfig(path: string | undefined) {
  // An ESM-only package: imported here, where it is needed, it loads on every Node this library supports.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(resolve(path));
  } catch {
    // The parser's own message repeats lines of the file, and those hold tokens.
    throw refusal(
      `the kubeconfig ${path === undefined ? "" : `'${path}' `}cannot be read`,
      "check it with 'kubectl config view'",
    );
  }
  if (path === undefined && isMadeUp(config)) {
    throw refusal("there is no kubeconfig", "set KUBECONFIG to the path of one");
  }
  return config;
}

/** The library makes this one up where it finds no file and no service account. */
function isMadeUp(config: KubeConfig): boolean {
  return (
    config.getCurrentContext() === "loaded-context" &&
    config.getCurrentCluster()?.server === "http://localhost:8080"
  );
}

function plainAddress(server: string, context: string): string {
  try {
    const { protocol, host, pathname } = new URL(server);
    if (protocol === "https:" || protocol === "http:") {
      return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
    }
  } catch {
    // Said below, without the text: it may carry a password.
  }
  throw refusal(`context '${context}' has no http address as its server`);
}

function unknownContext(name: string, known: readonly string[]): UsageError {
  const meant = nearestWord(name, known);
  return refusal(
    `there is no context ${printable(name)}; the kubeconfig has ${known.map(printable).join(", ") || "none"}`,
    meant === undefined ? "set KUBECONFIG or name another context" : `write '${meant}'`,
  );
}

function refusal(message: string, mend?: string): UsageError {
  const problem = { path: "context", message };
  return new UsageError("kube context", [mend === undefined ? problem : { ...problem, mend }]);
}
