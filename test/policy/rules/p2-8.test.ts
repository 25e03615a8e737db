import { describe, expect, test } from "vitest";
import { identityOf } from "../../../lib/kubernetes/diff-objects";
import { objectDigest } from "../../../lib/kubernetes/object-digest";
import { evaluate } from "../../../lib/policy/evaluation/evaluate";
import { ResourceGraph } from "../../../lib/policy/graph/graph";
import type { ObjectNode } from "../../../lib/policy/graph/graph";
import { graphFromResources } from "../../../lib/policy/graph/graph-from-resources";
import { UNKNOWN } from "../../../lib/policy/reading/unknown";
import { p2Rule8 } from "../../../lib/policy/rules/p2-8";
import { signImage } from "../../../lib/signing/image-signature";
import { generateSigningKey } from "../../../lib/signing/key";
import { signedRender } from "../../../lib/signing/render-record";
import type { SignatureRecord } from "../../../lib/signing/signature";
import { ACME, CHART_KEY, CLUSTER } from "../compliant-facts";
import { expectFindings, findingsOf, HOSTILE } from "../rule-harness";
import { AT, graphWith, smallContent } from "../small-objects";
import type { Tree } from "../small-objects";

const CHART = "chart tenant-acme";
const DEPLOYMENT = "Deployment tenant-acme/api";
const PLACE = { target: "registry.atom.example:5000", cluster: CLUSTER, tenant: "acme" };
/** What the chart of the small graph is taken to have made. */
const RENDERED: readonly number[] = [AT.deployment, AT.service];

interface Rendered {
  objects: ObjectNode[];
  render: { objects: Record<string, unknown>; signatures: unknown };
}

/** The small graph with some objects that its chart recorded; changed after that. */
function graph(change: (rendered: Rendered) => void = () => undefined): ResourceGraph {
  const content = smallContent();
  const objects = content.objects.map((node, at) => ({ ...node, rendered: RENDERED.includes(at) }));
  const own = objects.filter(({ rendered }) => rendered).map(({ object }) => object);
  const digests = own.map((object) => [identityOf(object), objectDigest(object)] as const);
  const changed: Rendered = {
    objects,
    render: { objects: Object.fromEntries(digests), signatures: [] },
  };
  change(changed);
  const charts = content.charts.map((chart) => ({ ...chart, render: changed.render as never }));
  return new ResourceGraph({ ...content, charts, objects: changed.objects });
}

const treeAt = ({ objects }: Rendered, at: number) => objects[at]!.object as unknown as Tree;
const identityAt = ({ objects }: Rendered, at: number) => identityOf(objects[at]!.object);

describe("P2-8", () => {
  test("looks at each chart with a record, and each object that a chart made", () => {
    expect(evaluate(graph(), [p2Rule8])).toEqual([
      { rule: "P2-8", scope: ACME, examined: 3, findings: [] },
    ]);
    expect(evaluate(graphWith(), [p2Rule8])).toEqual([]);
  });

  test("takes what Pulumi's provider writes, and an object of anybody else's", () => {
    const changed = graph((rendered) => {
      treeAt(rendered, AT.deployment)["metadata"]!["annotations"] = {
        "pulumi.com/patchFieldManager": "atom/stack",
      } as never;
      treeAt(rendered, AT.statefulSet)["spec"]!["replicas"] = 9 as never;
    });
    expect(findingsOf(changed, p2Rule8)).toEqual([]);
  });

  test("fails for an object that was changed after the render", () => {
    const changed = graph((rendered) => {
      treeAt(rendered, AT.deployment)["spec"]!["replicas"] = 3 as never;
    });
    expectFindings(changed, p2Rule8, [
      { object: DEPLOYMENT, message: "is not what its chart was rendered to" },
    ]);
  });

  test("fails for an object that the chart has not recorded", () => {
    const changed = graph((rendered) => {
      delete rendered.render.objects[identityAt(rendered, AT.deployment)];
    });
    expectFindings(changed, p2Rule8, [
      { object: DEPLOYMENT, message: "its chart has not recorded it" },
    ]);
  });

  test("fails for an object of a chart that recorded nothing", () => {
    const charts = smallContent().charts;
    const { objects } = graph();
    const found = findingsOf(new ResourceGraph({ charts, objects }), p2Rule8);
    expect(found.map(({ object }) => object)).toEqual([DEPLOYMENT, "Service tenant-acme/store"]);
  });

  test("fails for an object that is gone", () => {
    const changed = graph((rendered) => {
      rendered.objects = rendered.objects.filter((_, at) => at !== AT.service);
    });
    expect(findingsOf(changed, p2Rule8)).toMatchObject([
      {
        object: CHART,
        field: "render.objects",
        message: expect.stringMatching(/Service.*was rendered, and is not in the stack$/) as string,
      },
    ]);
  });

  describe("where somebody signed the render", () => {
    const signedBy =
      (key = CHART_KEY, place = PLACE) =>
      ({ render }: Rendered) => {
        const signed = signedRender(place, render.objects as Record<string, string>);
        render.signatures = [signImage(signed, key)];
      };

    test("takes a trusted key's signature", () => {
      expect(findingsOf(graph(signedBy()), p2Rule8)).toEqual([]);
    });

    const NOT_BY = "the signature was not made by a trusted key over these bytes";
    test.each<[string, (rendered: Rendered) => void, string]>([
      ["another key's", signedBy(generateSigningKey()), NOT_BY],
      [
        "another tenant's render",
        signedBy(CHART_KEY, { ...PLACE, tenant: "globex" }),
        "the record is about the repository",
      ],
      [
        "another cluster's render",
        signedBy(CHART_KEY, { ...PLACE, cluster: "us-prod" }),
        "the record is about the repository",
      ],
      [
        "what was rendered before",
        (rendered) => {
          signedBy()(rendered);
          const deployment = treeAt(rendered, AT.deployment);
          deployment["spec"]!["replicas"] = 3 as never;
          rendered.render.objects[identityAt(rendered, AT.deployment)] = objectDigest(deployment);
        },
        "the record is about the digest",
      ],
    ])("fails for %s", (_, change, reason) => {
      const found = findingsOf(graph(change), p2Rule8);
      expect(found).toMatchObject([{ object: CHART, field: "render.signatures" }]);
      expect(found[0]!.message).toContain(`no trusted key has signed this render: ${reason}`);
    });
  });

  test("takes the record, and what a chart made, from the stack's resources", () => {
    const [node] = graph().objects.filter(({ rendered }) => rendered);
    const render = { objects: {}, signatures: [] as SignatureRecord[] };
    const chart = {
      type: "atom:index:AtomChart",
      inputs: {
        cluster: CLUSTER,
        tenant: "acme",
        chart: { reference: "x", signatures: [], render },
      },
    };
    const deployment = { type: "kubernetes:apps/v1:Deployment", inputs: { ...node!.object } };
    const { charts, objects } = graphFromResources([
      { ...chart, name: "acme", urn: "chart", dependencies: [], protect: false },
      { ...deployment, name: "api", urn: "a", parent: "chart", dependencies: [], protect: false },
      { ...deployment, name: "b", urn: "b", dependencies: [], protect: false },
    ]);
    expect(charts).toMatchObject([{ render }]);
    expect(objects.map(({ rendered = false }) => rendered)).toEqual([true, false]);
  });

  test("S6 fails for what is not known yet", () => {
    for (const change of [
      ({ objects }: Rendered) => {
        objects[AT.deployment] = { ...objects[AT.deployment]!, object: UNKNOWN as never };
      },
      (rendered: Rendered) => {
        treeAt(rendered, AT.deployment)["spec"]!["replicas"] = UNKNOWN as never;
      },
      (rendered: Rendered) => (rendered.render.signatures = UNKNOWN),
    ]) {
      const causes = findingsOf(graph(change), p2Rule8).map(({ cause }) => cause);
      expect(causes).toContain("undecided");
    }
    const unknown = graph((rendered) => (rendered.render = UNKNOWN as never));
    expect(findingsOf(unknown, p2Rule8)).toHaveLength(3);
  });

  test.each(HOSTILE)("does not crash for %s", (value) => {
    for (const change of [
      (rendered: Rendered) => (rendered.render = value as never),
      ({ render }: Rendered) => (render.objects = value as never),
      ({ render }: Rendered) => (render.signatures = value),
      ({ render }: Rendered) => (render.signatures = [value]),
      (rendered: Rendered) => {
        rendered.render.objects[identityAt(rendered, AT.deployment)] = value;
      },
      (rendered: Rendered) => (treeAt(rendered, AT.deployment)["spec"] = value as never),
      (rendered: Rendered) => (treeAt(rendered, AT.deployment)["metadata"] = value as never),
      (rendered: Rendered) => (treeAt(rendered, AT.deployment)["apiVersion"] = value as never),
    ]) {
      const causes = findingsOf(graph(change), p2Rule8).map(({ cause }) => cause);
      expect(causes).not.toContain("error");
    }
  });
});
