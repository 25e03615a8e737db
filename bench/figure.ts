/** One measured number, beside the number it has to stay under where one is stated. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit?: number;
}

/** What a benchmark gives back. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(): Promise<readonly Figure[]>;
}

export function isMissed({ value, limit }: Figure): boolean {
  return limit !== undefined && value > limit;
}

/** The middle of several runs: one slow run on a busy machine says nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
