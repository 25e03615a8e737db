import { Option } from "commander";

/** A plan from another process. It comes on standard input because it may hold a token. */
export function planOption(what: string): Option {
  return new Option("--plan <->", `read ${what} as JSON from standard input`).choices(["-"]);
}

export interface PlanOption {
  readonly plan?: "-";
}
