import { Agent, request } from "node:https";
import type { ClusterAccess } from "../bed/control-plane";
import type { StoredObject } from "../bed/api-server";
import type { PodSecurityLevel } from "../../../lib/policy/pod-security/violations";

/** Where in an API group the objects of a kind are. */
const RESOURCES: Readonly<Record<string, string>> = {
  Pod: "/api/v1/namespaces/NS/pods",
  PodTemplate: "/api/v1/namespaces/NS/podtemplates",
  ReplicationController: "/api/v1/namespaces/NS/replicationcontrollers",
  ReplicaSet: "/apis/apps/v1/namespaces/NS/replicasets",
  Deployment: "/apis/apps/v1/namespaces/NS/deployments",
  StatefulSet: "/apis/apps/v1/namespaces/NS/statefulsets",
  DaemonSet: "/apis/apps/v1/namespaces/NS/daemonsets",
  Job: "/apis/batch/v1/namespaces/NS/jobs",
  CronJob: "/apis/batch/v1/namespaces/NS/cronjobs",
};

/** The checks, by what PodSecurity calls what breaks them; two levels of one check have one name. */
const REASONS: Readonly<Record<string, string>> = {
  "allowPrivilegeEscalation != false": "allowPrivilegeEscalation",
  "forbidden AppArmor profile": "appArmorProfile",
  "forbidden AppArmor profiles": "appArmorProfile",
  "non-default capabilities": "capabilities_baseline",
  "unrestricted capabilities": "capabilities_restricted",
  "host namespaces": "hostNamespaces",
  "hostPath volumes": "hostPathVolumes",
  hostPort: "hostPorts",
  "probe or lifecycle host": "hostProbesAndHostLifecycle",
  privileged: "privileged",
  procMount: "procMount",
  "restricted volume types": "restrictedVolumes",
  "runAsNonRoot != true": "runAsNonRoot",
  "runAsUser=0": "runAsUser",
  seLinuxOptions: "seLinuxOptions",
  seccompProfile: "seccompProfile",
  "forbidden sysctls": "sysctls",
  hostProcess: "windowsHostProcess",
};

/** Every check that PodSecurity has words for. */
export const CHECKS: readonly string[] = [...new Set(Object.values(REASONS))];

export interface Standard {
  readonly level: PodSecurityLevel;
  /** n of v1.n */
  readonly minor: number;
}

/** Whether PodSecurity refuses what breaks a standard, or only says so. */
export type Mode = "enforce" | "warn";

/** What PodSecurity says of an object. */
export interface Verdict {
  /** The checks that it broke, each once, in order; undefined if it was refused for another reason. */
  readonly checks: readonly string[] | undefined;
  /** In the server's own words. */
  readonly words: string;
}

/** Asks a real API server's PodSecurity admission; nothing that is asked about is kept. */
export class PodSecurityAdmission {
  readonly #server: string;
  readonly #agent: Agent;

  constructor({ server, caPem, admin }: ClusterAccess) {
    this.#server = server;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 8,
      ca: caPem,
      cert: admin.certificate,
      key: admin.privateKey,
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Makes a namespace that is held to a standard, and waits until pods can be made in it. */
  async addNamespace(mode: Mode, standard: Standard): Promise<void> {
    const name = namespaceOf(mode, standard);
    const label = `pod-security.kubernetes.io/${mode}`;
    const labels = { [label]: standard.level, [`${label}-version`]: `v1.${standard.minor}` };
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    expectStatus(await this.#send("POST", "/api/v1/namespaces", body), 201);
    const account = `/api/v1/namespaces/${name}/serviceaccounts/default`;
    for (let tries = 0; (await this.#send("GET", account)).status !== 200; tries += 1) {
      if (tries > 200) throw new Error(`nobody made the service account of ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async removeNamespace(mode: Mode, standard: Standard): Promise<void> {
    await this.#send("DELETE", `/api/v1/namespaces/${namespaceOf(mode, standard)}`);
  }

  /** Makes a pod that stays. */
  async addPod(mode: Mode, standard: Standard, pod: StoredObject): Promise<StoredObject> {
    const answer = await this.#send("POST", pathOf("Pod", mode, standard), pod);
    return JSON.parse(expectStatus(answer, 201).body) as StoredObject;
  }

  /** What would be said of an object if it were made. */
  async ofObject(mode: Mode, standard: Standard, object: { kind: string }): Promise<Verdict> {
    const path = `${pathOf(object.kind, mode, standard)}?dryRun=All`;
    return verdict(await this.#send("POST", path, object));
  }

  /** What would be said of a pod that is there if it got ephemeral containers. */
  async ofEphemeral(mode: Mode, standard: Standard, pod: StoredObject): Promise<Verdict> {
    const place = `${pathOf("Pod", mode, standard)}/${pod.metadata.name}/ephemeralcontainers`;
    return verdict(await this.#send("PUT", `${place}?dryRun=All`, pod));
  }

  #send(method: string, path: string, body?: unknown): Promise<Answer> {
    const content = body === undefined ? "" : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(content),
      };
      const options = { method, agent: this.#agent, timeout: 30_000, headers };
      const outgoing = request(new URL(path, this.#server), options, (incoming) => {
        let text = "";
        incoming
          .setEncoding("utf8")
          .on("data", (chunk: string) => (text += chunk))
          .on("error", reject)
          .on("end", () => {
            const warnings = incoming.headersDistinct["warning"] ?? [];
            resolve({ status: incoming.statusCode ?? 0, body: text, warnings });
          });
      });
      outgoing
        .on("timeout", () => outgoing.destroy(new Error(`${method} ${path} took over 30 s`)))
        .on("error", reject)
        .end(content);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly warnings: readonly string[];
}

function namespaceOf(mode: Mode, { level, minor }: Standard): string {
  return `${mode}-${level}-${minor}`;
}

function pathOf(kind: string, mode: Mode, standard: Standard): string {
  return RESOURCES[kind]!.replace("NS", namespaceOf(mode, standard));
}

function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status === status) return answer;
  throw new Error(`the API server answered ${answer.status}: ${answer.body}`);
}

function verdict({ status, body, warnings }: Answer): Verdict {
  if (status === 200 || status === 201) {
    const words = warnings.map(unquoted).filter((text) => text.includes("violate PodSecurity"));
    return { checks: checksIn(words.join("")), words: words.join("") };
  }
  const { message } = JSON.parse(body) as { message: string };
  const isPodSecurity = status === 403 && message.includes("violates PodSecurity");
  return { checks: isPodSecurity ? checksIn(message) : undefined, words: message };
}

/** The text of a header `299 - "…"`. */
function unquoted(header: string): string {
  return /^299 \S+ "(.*)"$/s.exec(header)![1]!.replace(/\\(.)/g, "$1");
}

/**
 * The checks in `would violate PodSecurity "restricted:v1.30": privileged (container "c" …), …`.
 *
 * @throws Error for a sentence that is not built like that, so that nothing is overlooked.
 */
function checksIn(sentence: string): string[] {
  if (sentence === "") return [];
  const list = sentence.replace(/^.*?violates? PodSecurity "[^"]+": /s, "");
  const found = new Set<string>();
  const rest = list.replace(/([^()]+) \([^()]*\)(?:, |$)/gy, (_, reason: string) => {
    found.add(REASONS[reason] ?? `unheard of: ${reason}`);
    return "";
  });
  if (rest !== "") throw new Error(`PodSecurity's words are not understood: ${sentence}`);
  return [...found].sort();
}
