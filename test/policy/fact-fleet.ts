import { identityOf } from "../../lib/kubernetes/diff-objects";
import { objectDigest } from "../../lib/kubernetes/object-digest";
import { objectNode } from "../../lib/policy/graph/graph";
import type { GraphContent, ObjectNode } from "../../lib/policy/graph/graph";
import { signImage } from "../../lib/signing/image-signature";
import { attested, EXPECTED } from "../signing/attested";
import { changed, set } from "./change";
import { ACME, CHART_KEY, compliantFacts, PLATFORM, SIGNED_IMAGE } from "./compliant-facts";
import { API, compliantFleet } from "./mutation-fleet";
import { IMAGE } from "./small-objects";

const PLACE = { mount: "atom-eu-prod", path: "tenants/acme/database", version: 3 };
/** What the chart of the fleet made. */
const RENDERED = [API, "Service tenant-acme/api"];

/** One tenant with its objects and everything else that the rules look at, with nothing to find. */
export function factFleet() {
  const facts = compliantFacts();
  const objects = nodes();
  const own = objects.filter(({ rendered }) => rendered === true);
  const digests = own.map(({ object }) => [identityOf(object), objectDigest(object)] as const);
  const render = { objects: Object.fromEntries(digests), signatures: [] };
  // Apart from what it is made of: a test that changes it changes nothing else.
  return structuredClone({
    ...facts,
    objects,
    // The images' signatures are the mirror's.
    charts: facts.charts.map((chart) => ({ ...chart, imageSignatures: [], render })),
    stackReferences: [
      {
        id: "stack reference platform",
        scope: ACME,
        from: "tenant.acme.eu-west",
        to: "organization/atom/platform.eu-west",
      },
    ],
    mirrors: [
      {
        id: "mirror eu-prod/images",
        scope: PLATFORM,
        target: "registry.atom.example:5000",
        images: { api: IMAGE },
        imageSignatures: [signImage(SIGNED_IMAGE, CHART_KEY)],
        provenance: {
          api: { ...EXPECTED, attestation: attested(SIGNED_IMAGE.digest) },
        },
      },
    ],
    replicas: [
      {
        id: "secret atom-eu-prod/tenants/acme/database",
        scope: ACME,
        ...PLACE,
        statement: { ...PLACE, tenant: "acme", expires: "2026-02-01T00:00:00.000Z" },
      },
    ],
  } satisfies Partial<GraphContent>);
}

/** The Namespace, which is the first, is protected as the Tenant component has it. */
function nodes(): ObjectNode[] {
  const image = set(API, ["spec", "template", "spec", "containers", 0, "image"], IMAGE);
  return changed(compliantFleet(), [image])
    .map((object) => objectNode(object, ACME))
    .map((node) => ({
      ...node,
      ...(node.object.kind === "Namespace" ? { protect: true } : {}),
      ...(RENDERED.includes(node.id) ? { rendered: true } : {}),
    }));
}
