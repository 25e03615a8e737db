export { recordStack } from "./lib/simulation/record-stack";
export type { RecordedStack, RecordOptions } from "./lib/simulation/record-stack";
export { simulate } from "./lib/simulation/simulate";
export type { SimulateOptions, SimulationResult } from "./lib/simulation/simulate";
