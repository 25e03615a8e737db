import type { Descriptor } from "./manifest";

/** What an image runs on. */
export type Platform = NonNullable<Descriptor["platform"]>;

const PLATFORM = /^([a-z0-9]+)\/([a-z0-9]+)(?:\/([a-z0-9.]+))?$/;

/** Whether a text is a platform: `linux/amd64`, `linux/arm64/v8`. */
export function isPlatform(text: string): boolean {
  return PLATFORM.test(text);
}

/** @throws RangeError if the text is no platform. */
export function parsePlatform(text: string): Platform {
  const match = PLATFORM.exec(text);
  if (match === null) {
    throw new RangeError(`${JSON.stringify(text)} is no platform; write os/architecture`);
  }
  const [, os = "", architecture = "", variant] = match;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Whether `offered` serves where `wanted` was asked for; without a variant any variant serves. */
export function servesPlatform(offered: string, wanted: string): boolean {
  return offered === wanted || offered.startsWith(`${wanted}/`);
}
