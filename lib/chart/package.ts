import { Readable } from "node:stream";
import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { packFiles } from "./archive";
import { chartDefaults } from "./defaults";
import { CHART_NAME } from "./chart-metadata";
import type { ChartMetadata } from "./chart-metadata";
import { helmChart } from "./helm-chart";
import type { HelmFile } from "./template/helm-template";
import type { ChartValues } from "./values";

/** A piece of a chart's artifact: its archive, its config or its manifest. */
export interface ChartBlob {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The Helm chart as an OCI artifact, all bytes included. */
export interface ChartPackage {
  readonly name: string;
  /** Another one for another content: `1.0.0+0123456789ab`. */
  readonly version: string;
  /** The version as a tag, which holds no "+". */
  readonly tag: string;
  /** Below the registry: `atom/charts/services`. */
  readonly repository: string;
  /** What the archive holds, below the folder that bears the chart's name. */
  readonly files: readonly HelmFile[];
  readonly config: ChartBlob;
  /** The chart as `helm package` writes it. */
  readonly archive: ChartBlob;
  readonly manifest: ChartBlob;
  /** Of the manifest: what a reference and a signature name. */
  readonly digest: Digest;
}

/** What {@link pushChart} needs of a registry; a registry client of this library has it. */
export interface ChartRegistry {
  putBlob(
    repository: string,
    blob: { readonly digest: Digest; readonly size: number },
    open: () => AsyncIterable<Uint8Array>,
  ): Promise<unknown>;
  putManifest(
    repository: string,
    reference: string,
    mediaType: string,
    bytes: Uint8Array,
  ): Promise<unknown>;
}

const REPOSITORY = `atom/charts/${CHART_NAME}`;
const CONFIG_TYPE = "application/vnd.cncf.helm.config.v1+json";
const ARCHIVE_TYPE = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

/**
 * The chart as a deterministic OCI artifact: same templates, defaults and schema, same digest, on every
 * machine. Helm pulls and installs it.
 * Source: https://helm.sh/docs/topics/registries/#helm-chart-manifest
 *
 * @throws UsageError if the defaults are no valid values.
 */
export function packageChart(defaults: ChartValues = chartDefaults): ChartPackage {
  if (defaults !== chartDefaults) return build(defaults);
  ownPackage ??= build(chartDefaults);
  return ownPackage;
}

/** Built once: every tenant's component asks for it. */
let ownPackage: ChartPackage | undefined;

function build(defaults: ChartValues): ChartPackage {
  const { metadata, files } = helmChart(defaults);
  const { name, version } = metadata;
  const inFolder = files.map((file) => ({ ...file, name: `${name}/${file.name}` }));
  const config = blob(CONFIG_TYPE, Buffer.from(canonicalJson(metadata)));
  const archive = blob(ARCHIVE_TYPE, packFiles(inFolder));
  const manifest = blob(
    MANIFEST_TYPE,
    Buffer.from(canonicalJson(manifestOf(metadata, config, archive))),
  );
  return {
    name,
    version,
    tag: version.replaceAll("+", "_"),
    repository: REPOSITORY,
    files,
    config,
    archive,
    manifest,
    digest: manifest.digest,
  };
}

/** `<target>/atom/charts/services@sha256:…`: the chart by digest in a registry. */
export function chartReference(target: string, chart: ChartPackage = packageChart()): string {
  return `${target}/${chart.repository}@${chart.digest}`;
}

/** Stores a chart under its version and its digest: blobs first, then what names them. */
export async function pushChart(chart: ChartPackage, registry: ChartRegistry): Promise<void> {
  const { repository, manifest } = chart;
  for (const part of [chart.config, chart.archive]) {
    await registry.putBlob(repository, part, () => Readable.from([part.bytes]));
  }
  await registry.putManifest(repository, manifest.digest, manifest.mediaType, manifest.bytes);
  await registry.putManifest(repository, chart.tag, manifest.mediaType, manifest.bytes);
}

function manifestOf(
  { name, version, description }: ChartMetadata,
  config: ChartBlob,
  archive: ChartBlob,
): object {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor(config),
    layers: [descriptor(archive)],
    annotations: {
      "org.opencontainers.image.title": name,
      "org.opencontainers.image.version": version,
      "org.opencontainers.image.description": description,
    },
  };
}

function descriptor({ mediaType, digest, size }: ChartBlob) {
  return { mediaType, digest, size };
}

function blob(mediaType: string, bytes: Buffer): ChartBlob {
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes };
}
