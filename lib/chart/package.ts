import { Readable } from "node:stream";

import { z } from "zod";

import { canonicalJson } from "../support/canonical-json";
import { sha256 } from "../support/digest";
import type { Digest } from "../support/digest";
import { chartDefaults } from "./defaults";
import { referenceRender } from "./reference-render";
import { chartValuesSchema, valuesLayerSchema } from "./values";
import type { ChartValues } from "./values";
import { toYaml, yamlDocument } from "./yaml";

/** A piece of a chart's artifact: a file of it, its config or its manifest. */
export interface ChartBlob {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** A file of a chart: one layer of the artifact, which `oras pull` writes back under its name. */
export interface ChartLayer extends ChartBlob {
  readonly file: string;
}

/** The chart as an OCI artifact, all bytes included. */
export interface ChartPackage {
  readonly name: string;
  readonly version: string;
  /** Below the registry: `atom/charts/services`. */
  readonly repository: string;
  /** Of the config: what makes this artifact a chart of ATOM. */
  readonly mediaType: string;
  readonly config: ChartBlob;
  readonly layers: readonly ChartLayer[];
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

const NAME = "services";
const VERSION = "1.0.0";
const REPOSITORY = "atom/charts/services";
const CONFIG_TYPE = "application/vnd.atom.chart.config.v1+json";
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const YAML_TYPE = "application/yaml";
const SCHEMA_TYPE = "application/schema+json";

/**
 * The chart as a deterministic OCI artifact: same defaults, templates and schema, same digest. It
 * has one layer a file: Chart.yaml, values.yaml, values.schema.json, layer.schema.json (what a
 * region, a tenant or a stack may write) and reference.yaml (what the templates make of it all).
 * Source: OCI image-spec 1.1, manifest.md, "Guidelines for Artifact Usage".
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
  const about = { name: NAME, version: VERSION, description: "The services of ATOM Cloud" };
  const layers = [
    file("Chart.yaml", YAML_TYPE, yamlDocument(about)),
    file("layer.schema.json", SCHEMA_TYPE, jsonSchema(valuesLayerSchema)),
    file("reference.yaml", YAML_TYPE, toYaml(referenceRender(defaults))),
    file("values.schema.json", SCHEMA_TYPE, jsonSchema(chartValuesSchema)),
    file("values.yaml", YAML_TYPE, yamlDocument(defaults)),
  ];
  const config = blob(CONFIG_TYPE, canonicalJson(about));
  const manifest = blob(MANIFEST_TYPE, canonicalJson(manifestOf(config, layers)));
  return {
    name: NAME,
    version: VERSION,
    repository: REPOSITORY,
    mediaType: CONFIG_TYPE,
    config,
    layers,
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
  for (const part of [chart.config, ...chart.layers]) {
    await registry.putBlob(repository, part, () => Readable.from([part.bytes]));
  }
  await registry.putManifest(repository, manifest.digest, manifest.mediaType, manifest.bytes);
  await registry.putManifest(repository, chart.version, manifest.mediaType, manifest.bytes);
}

function manifestOf(config: ChartBlob, layers: readonly ChartLayer[]): object {
  return {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: descriptor(config),
    layers: layers.map((layer) => ({
      ...descriptor(layer),
      annotations: { "org.opencontainers.image.title": layer.file },
    })),
    annotations: {
      "org.opencontainers.image.title": NAME,
      "org.opencontainers.image.version": VERSION,
    },
  };
}

function descriptor({ mediaType, digest, size }: ChartBlob) {
  return { mediaType, digest, size };
}

function file(name: string, mediaType: string, text: string): ChartLayer {
  return { file: name, ...blob(mediaType, text) };
}

function blob(mediaType: string, text: string): ChartBlob {
  const bytes = Buffer.from(text, "utf8");
  return { mediaType, digest: sha256(bytes), size: bytes.length, bytes };
}

/** The shape only: what goes from field to field is checked when the values are resolved. */
function jsonSchema(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return `${JSON.stringify(JSON.parse(canonicalJson(json)), null, 2)}\n`;
}
