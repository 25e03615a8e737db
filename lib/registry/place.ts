import type { RegistryClient } from "./registry-client";

/** One repository at one registry. */
export interface Place {
  readonly client: RegistryClient;
  readonly repository: string;
}
