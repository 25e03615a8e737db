import { printable } from "../../kubernetes/names";
import type { SignatureRecord } from "../../signing/signature";
import { groupBy } from "../../support/group-by";
import { defineRule } from "../evaluation/rule";
import type { ResourceGraph } from "../graph/graph";
import { perGraph } from "../graph/per-graph";
import { listAt, recordAt, valueAt } from "../reading/read";
import { listOf, recordOf } from "../reading/shape";
import { readChartReference } from "../signatures/chart-reference";
import type { ChartReference } from "../signatures/chart-reference";
import { admissionFaults, imageAdmissions } from "../signatures/image-admission";
import { imageField, imageOf, images, isImage } from "../signatures/images";
import type { ImageSubject } from "../signatures/images";
import { namesChart } from "../signatures/signature-claim";
import type { ChartSubject, MirrorSubject } from "../subjects/fact-subjects";
import { charts, mirrors } from "../subjects/fact-subjects";
import type { ObjectSubject } from "../subjects/subjects";
import { isTenants } from "../tenants/tenant-namespaces";
import { projectFault } from "./p1-data-5";
import { lockFault } from "./p2-10";

type Looked = ImageSubject | ObjectSubject | ChartSubject | MirrorSubject;

/**
 * Nothing runs whose signature was not looked at. An image needs a signature about it, and a copy
 * that did not fail, wherever a mirror or a chart in the graph says which there are; what admits
 * images to a cluster refuses what it cannot verify. Whether a signature is a trusted key's is P2-3's
 * question; an image that P1-DATA-5, P2-1 or P2-10 refuses is theirs.
 */
export const p2Rule6 = defineRule<Looked>({
  id: "P2-6",
  policy: "P2",
  severity: "critical",
  title: "what has no signature, or could not be verified, is refused and not passed over",
  why: "whoever can hide a signature, or keep a registry from answering, would get anything admitted",
  remediation:
    "mirror and sign the image (atom mirror sync --apply); let policies about images enforce, fail closed and deny what they do not match",
  source:
    "sigstore policy-controller: no-match-policy; Kyverno verifyImages: failureAction, failurePolicy; CVE-2022-47633",
  inHome: [(home, graph) => (known(graph).has(home.cluster) ? images(home) : []), imageAdmissions],
  subjects: (graph) => [...charts(graph), ...mirrors(graph)],
  check(subject, report, graph) {
    if ("fact" in subject) {
      // What cannot be read is undecided here, once, and vouches for no image.
      listAt(subject.fact, "imageSignatures");
      const unmirrored = Object.keys(recordAt(subject.fact, "unmirrored") ?? {});
      unmirrored.forEach((name) => valueAt(subject.fact, "unmirrored", name));
    } else if (isImage(subject)) {
      const fault = imageFault(subject, graph);
      if (fault !== undefined) report(imageField(subject), fault);
    } else {
      admissionFaults(subject.node.object, report);
    }
  },
});

function imageFault(subject: ImageSubject, graph: ResourceGraph): string | undefined {
  const text = imageOf(subject);
  const image = typeof text === "string" ? readChartReference(text) : undefined;
  if (image === undefined || lockFault(subject, graph) !== undefined) return undefined;
  if (isTenants(subject) && projectFault(subject, graph) !== undefined) return undefined;
  const { signed, unmirrored } = known(graph).get(subject.scope.cluster)!;
  const key = keyOf(image);
  const failure = unmirrored.get(key);
  if (failure !== undefined) return `${key} ${failure}`;
  return signed.has(key) ? undefined : `no signature names ${key}`;
}

/** What the mirrors and charts of one cluster say of images, by repository and digest. */
interface KnownImages {
  readonly signed: ReadonlySet<string>;
  readonly unmirrored: ReadonlyMap<string, string>;
}

const known = perGraph((graph): ReadonlyMap<string, KnownImages> => {
  const nodes = groupBy([...graph.mirrors, ...graph.charts], ({ scope }) => scope.cluster);
  return new Map(
    [...nodes].map(([cluster, facts]) => [
      cluster,
      {
        signed: new Set(facts.flatMap((fact) => signedImages(recordOf(fact)["imageSignatures"]))),
        unmirrored: new Map(facts.flatMap((fact) => unmirroredImages(recordOf(fact)))),
      },
    ]),
  );
});

/** The images that signatures name, in their payloads and in their records. */
function signedImages(signatures: unknown): string[] {
  return listOf(signatures).flatMap((signature) => {
    const { repository, digest } = recordOf(signature);
    const image = readChartReference(`${String(repository)}@${String(digest)}`);
    const names = image !== undefined && namesChart(signature as SignatureRecord, image);
    return names ? [keyOf(image)] : [];
  });
}

function unmirroredImages({
  images,
  unmirrored,
}: Readonly<Record<string, unknown>>): (readonly [string, string])[] {
  return Object.entries(recordOf(unmirrored)).flatMap(([name, reason]) => {
    const reference = recordOf(images)[name];
    const image = typeof reference === "string" ? readChartReference(reference) : undefined;
    const told = typeof reason === "string" ? printable(reason) : "is not mirrored";
    return image === undefined ? [] : [[keyOf(image), told] as const];
  });
}

function keyOf({ repository, digest }: ChartReference): string {
  return `${repository}@${digest}`;
}
