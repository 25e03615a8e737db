import { groupBy } from "../../support/group-by";
import { defineRule } from "../evaluation/rule";
import type { MirrorNode, ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { recordAt, valueAt } from "../reading/read";
import { recordOf } from "../reading/shape";
import { shown } from "../reading/shown";
import { imageField, imageOf, images } from "../signatures/images";
import type { ImageSubject } from "../signatures/images";
import type { MirrorSubject } from "../subjects/fact-subjects";
import { mirrors } from "../subjects/fact-subjects";

/** The project that only the mirror writes. */
const PROJECT = "atom";
const BY_DIGEST = /^([^@]+?)(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?@(sha256:[0-9a-f]{64})$/;

/**
 * A tag is resolved once, into the mirror's lock; what runs has the digest that the lock has. Only
 * images of the mirror's own project are held to it, and only on a cluster whose mirror is in the
 * graph. An image that is not named by digest is P2-1's finding.
 */
export const p2Rule10 = defineRule<ImageSubject | MirrorSubject>({
  id: "P2-10",
  policy: "P2",
  severity: "high",
  title: "every image from the mirror has the digest that the image lock resolved its tag to",
  why: "a tag that is resolved a second time may be another image, which nobody has looked at",
  remediation:
    "resolve tags into the lock only (atom mirror lock), commit atom.lock.json, and deploy what it has",
  source:
    "kyverno resolve-image-to-digest; helm Chart.lock; OCI distribution specification: tags move",
  subjects: (graph) => [...mirrors(graph), ...mirroredImages(graph)],
  check(subject, report, graph) {
    if ("fact" in subject) {
      const target = valueAt(subject.fact, "target");
      if (typeof target !== "string") report(".target", `is ${shown(target)}; name a registry`);
      const images = recordAt(subject.fact, "images") ?? {};
      for (const name of Object.keys(images)) {
        const reference = images[name];
        if (typeof reference === "string" && BY_DIGEST.test(reference)) continue;
        report(".images", `${shown(name)} is ${shown(reference)}; allowed is repository@sha256:…`);
      }
      return;
    }
    const fault = lockFault(subject, graph);
    if (fault !== undefined) report(imageField(subject), fault);
  },
});

/** Why an image is not what its cluster's image lock has; undefined if it is, or need not be. */
export function lockFault(subject: ImageSubject, graph: ResourceGraph): string | undefined {
  const image = imageOf(subject);
  const [, repository, digest] = BY_DIGEST.exec(typeof image === "string" ? image : "") ?? [];
  const lock = locks(graph).get(subject.scope.cluster);
  if (repository === undefined || !lock?.projects.some((place) => repository.startsWith(place))) {
    return undefined;
  }
  const locked = lock.digests.get(repository);
  if (locked === undefined) return `${shown(repository)} is not in the image lock`;
  if (locked.includes(digest!)) return undefined;
  return `has ${digest}; the image lock has ${locked.join(", ")}`;
}

/** What the locks of one cluster's mirrors have. */
interface Lock {
  /** Where the mirrors' own repositories begin: `registry.example:5000/atom/`. */
  readonly projects: readonly string[];
  /** By repository; several where several tags of one image are mirrored. */
  readonly digests: ReadonlyMap<string, readonly string[]>;
}

const locks = perGraph((graph): ReadonlyMap<string, Lock> => {
  const byCluster = groupBy(graph.mirrors, ({ scope }) => scope.cluster);
  return new Map([...byCluster].map(([cluster, nodes]) => [cluster, lockOf(nodes)]));
});

/** A mirror that cannot be read is a finding by itself. */
function lockOf(nodes: readonly MirrorNode[]): Lock {
  const references = nodes
    .flatMap(({ images }) => Object.values(recordOf(images)))
    .map((reference) => BY_DIGEST.exec(typeof reference === "string" ? reference : ""))
    .filter((match) => match !== null);
  const byRepository = groupBy(references, ([, repository]) => repository!);
  return {
    projects: nodes.map(
      ({ target }: { target: unknown }) =>
        `${typeof target === "string" ? target : "?"}/${PROJECT}/`,
    ),
    digests: new Map(
      [...byRepository].map(([repository, matches]) => [
        repository,
        matches.map(([, , digest]) => digest!),
      ]),
    ),
  };
}

function mirroredImages(graph: ResourceGraph): readonly ImageSubject[] {
  if (graph.mirrors.length === 0) return [];
  return images(graph).filter(({ scope }) => locks(graph).has(scope.cluster));
}
