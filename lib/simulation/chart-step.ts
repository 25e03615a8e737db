import { chartReference, packageChart, pushChart } from "../chart/package";
import { renderFiles } from "../chart/render-files";
import type { Fleet } from "../fleet/schema";
import type { RegistryClient } from "../registry/registry-client";
import { digestList } from "../report/chart-report";
import type { RenderedStack } from "../report/chart-report";
import type { ReportWriter } from "../report/report-writer";
import { signBlob } from "../signing/blob-signature";
import { signImage } from "../signing/image-signature";
import type { SigningKey } from "../signing/key";
import type { SignatureRecord } from "../signing/signature";
import { sha256 } from "../support/digest";
import { platformStack } from "../../stacks/platform";
import type { StackInputs } from "../../stacks/stack-inputs";
import { parseStackName, stackName } from "../../stacks/stack-name";
import { tenantStack } from "../../stacks/tenant";
import { ORGANIZATION, recordStack } from "./record-stack";
import type { RecordedStack, RecordOptions } from "./record-stack";
import type { StackOutputs } from "./recording-monitor";
import type { RenderKey } from "./render-key";
import { renderedObjects } from "./rendered-objects";
import type { StepContext, StepReport } from "./step";

const PROJECT = "atom";

export interface ChartStepResult {
  /** The chart by digest, as the stacks use it. */
  readonly reference: string;
  readonly signature: SignatureRecord;
  readonly stacks: readonly RecordedStack[];
  readonly rendered: readonly RenderedStack[];
}

/**
 * Publishes the signed chart, runs every stack of the fleet, and writes what they make of it, signed if the user has
 * a key.
 */
export async function orchestrateCharts(
  inputs: StackInputs,
  options: {
    readonly key: SigningKey;
    readonly registry: RegistryClient;
    readonly writer: ReportWriter;
    /** The user's own, which signs what is rendered. @default - nothing rendered is signed */
    readonly renderKey?: RenderKey;
  },
  { progress }: StepContext,
): Promise<StepReport<ChartStepResult>> {
  const { key, registry, writer, renderKey = {} } = options;
  const chart = packageChart();
  await pushChart(chart, registry);
  const signature = signImage(
    { repository: `${inputs.fleet.registry.target}/${chart.repository}`, digest: chart.digest },
    key,
  );
  const signing = {
    ...inputs.signing,
    signatures: [...inputs.signing.signatures, signature],
  };
  const stacks: RecordedStack[] = [];
  const rendered: RenderedStack[] = [];
  for await (const stack of recordFleet({ ...inputs, signing })) {
    stacks.push(stack);
    const written = writeRendered(stack, writer, renderKey.key);
    rendered.push(written);
    progress(`${stack.stack}: ${stack.resources.length} resources, ${written.objects} objects`);
  }
  const objects = rendered.reduce((sum, stack) => sum + stack.objects, 0);
  return {
    result: {
      reference: chartReference(inputs.fleet.registry.target, chart),
      signature,
      stacks,
      rendered,
    },
    outcome: renderKey.note === undefined ? "ok" : "warning",
    summary: [
      `${stacks.length} stacks, ${objects} objects rendered`,
      ...(renderKey.key === undefined ? [] : [`signed by ${renderKey.key.keyId}`]),
      ...(renderKey.note === undefined ? [] : [renderKey.note]),
    ].join("; "),
  };
}

/**
 * Runs the stacks of a whole fleet: each region's platform, then its tenants on top.
 *
 * @param config configuration of every stack. @default none: Vault tokens are the environment's
 */
export async function* recordFleet(
  inputs: StackInputs,
  config: NonNullable<RecordOptions["config"]> = {},
): AsyncGenerator<RecordedStack> {
  for (const region of inputs.fleet.regions.map(({ name }) => name)) {
    const platform = stackName({ kind: "platform", region });
    const recorded = await recordStack(() => ({ ...platformStack(inputs, region) }), {
      project: PROJECT,
      stack: platform,
      config,
    });
    yield recorded;
    const references: StackOutputs = {
      [`${ORGANIZATION}/${PROJECT}/${platform}`]: recorded.outputs,
    };
    for (const { name: tenant } of tenantsIn(inputs.fleet, region)) {
      yield await recordStack(() => tenantStack(inputs, tenant, region), {
        project: PROJECT,
        stack: stackName({ kind: "tenant", tenant, region }),
        config,
        references,
      });
    }
  }
}

/**
 * Writes a stack's objects as files that `kubectl apply -f` takes in order. With a key, the files' digests are
 * written beside them, and a signature of that list, which `cosign verify-blob` accepts.
 */
function writeRendered(
  stack: RecordedStack,
  writer: ReportWriter,
  key: SigningKey | undefined,
): RenderedStack {
  const target = parseStackName(stack.stack);
  const owner = target.kind === "platform" ? "platform" : target.tenant;
  const folder = `reports/rendered/${target.region}/${owner}`;
  const objects = renderedObjects(stack.resources);
  const files = renderFiles(objects).map(({ name, yaml }) => ({
    name,
    digest: writer.text(`${folder}/${name}`, yaml),
  }));
  const list = digestList(files);
  if (key !== undefined) {
    writer.text(`${folder}/SHA256SUMS`, list);
    writer.text(`${folder}/SHA256SUMS.sig`, signBlob(Buffer.from(list), key));
  }
  const about = { stack: stack.stack, region: target.region, owner };
  return { ...about, objects: objects.length, files, digest: sha256(list) };
}

function tenantsIn({ tenants }: Fleet, region: string): Fleet["tenants"] {
  return tenants.filter(({ regions }) => regions.includes(region));
}
