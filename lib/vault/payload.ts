import { canonicalJson } from "../support/canonical-json";
import type { JsonValue } from "../support/canonical-json";
import { Secret } from "../support/secret";

/** A secret's value: field names and JSON values. */
export type SecretData = Readonly<Record<string, JsonValue>>;

/** A value as a store takes it: the canonical JSON text, so that equal values have equal texts. */
export function sealPayload(data: SecretData): Secret {
  return Secret.of(canonicalJson(data));
}

/** The value of a payload. Call it where the value leaves for its one consumer, and nowhere else. */
export function openPayload(payload: Secret): SecretData {
  return JSON.parse(payload.reveal()) as SecretData;
}

/**
 * What stands in for a version whose value cannot be had. KV version 2 numbers versions by
 * itself, so a replica reaches version 5 only by writing versions 1 to 4.
 */
export const PLACEHOLDER = sealPayload({});

/** Whether a version holds nothing that could be lost. */
export function isPlaceholder(payload: Secret): boolean {
  return payload.reveal() === PLACEHOLDER.reveal();
}
