/** One operation of a provisioning. */
export interface ProvisionStep {
  /** What a person finds it by: `Deployment tenant-acme/api`. */
  readonly name: string;
  /** Positions of the steps that have to be done before, in the list of all steps. */
  readonly after: readonly number[];
  /** Seconds that half of its runs take. */
  readonly p50: number;
  /** Seconds that 99 of 100 runs take; at least `p50`. */
  readonly p99: number;
}

/** How one simulated provisioning went. */
export interface Schedule {
  /** Seconds until the last step is done. */
  readonly makespan: number;
  /** Positions of the steps that decided it, first to last: each began when the one before ended. */
  readonly criticalPath: readonly number[];
}

/**
 * List scheduling, as a discrete-event simulation: a step is ready when all before it are done, and
 * begins as soon as one of so many slots is free, in the order in which the steps became ready, else
 * in that of the list. Deterministic.
 *
 * @param durations seconds of each step.
 * @param parallelism how many steps run at once; Infinity for all.
 * @throws RangeError if steps wait for each other.
 */
export function schedule(
  steps: readonly ProvisionStep[],
  durations: readonly number[],
  parallelism: number,
): Schedule {
  const { waiting, followers } = edgesOf(steps);
  const ready = steps.flatMap((_, step) => (waiting[step] === 0 ? [step] : []));
  const cause = new Array<number | undefined>(steps.length);
  const running: { readonly step: number; readonly end: number }[] = [];
  let now = 0;
  let next = 0;
  let done = 0;
  let last: number | undefined;
  const start = () => {
    while (running.length < parallelism && next < ready.length) {
      const step = ready[next++]!;
      // Whoever ended last let it begin: the last step that it waited for, or the one in its slot.
      cause[step] = last;
      running.push({ step, end: now + durations[step]! });
    }
  };
  for (start(); running.length > 0; start()) {
    const ended = takeFirst(running);
    now = ended.end;
    last = ended.step;
    done += 1;
    for (const follower of followers[ended.step]!) {
      waiting[follower]! -= 1;
      if (waiting[follower] === 0) ready.push(follower);
    }
  }
  if (done < steps.length) throw new RangeError("steps wait for each other");
  return { makespan: now, criticalPath: pathTo(last, cause) };
}

function edgesOf(steps: readonly ProvisionStep[]) {
  const followers = steps.map((): number[] => []);
  for (const [step, { after }] of steps.entries()) {
    for (const earlier of after) followers[earlier]!.push(step);
  }
  return { waiting: steps.map(({ after }) => after.length), followers };
}

/** Takes out what ends first; of two that end together the one that began first. */
function takeFirst<T extends { readonly end: number }>(running: T[]): T {
  let first = 0;
  for (let at = 1; at < running.length; at += 1) {
    if (running[at]!.end < running[first]!.end) first = at;
  }
  return running.splice(first, 1)[0]!;
}

function pathTo(last: number | undefined, cause: readonly (number | undefined)[]): number[] {
  const path: number[] = [];
  for (let step = last; step !== undefined; step = cause[step]) path.push(step);
  return path.reverse();
}

/** A schedule with the seconds that each step took in it. */
export interface Run extends Schedule {
  readonly durations: readonly number[];
}

export interface PercentileOptions {
  readonly parallelism: number;
  /** How many provisionings are simulated. */
  readonly runs: number;
  /** The same seed gives the same result. */
  readonly seed: number;
  /** @default a log-normal distribution through p50 and p99, that ends at p99: what is slower has failed */
  readonly sample?: (step: ProvisionStep, random: () => number) => number;
}

/**
 * The run of many that 99 of 100 are no slower than, with times drawn for each step on its own.
 *
 * @throws RangeError as {@link schedule} does.
 */
export function ninetyNinth(
  steps: readonly ProvisionStep[],
  { parallelism, runs, seed, sample = logNormal }: PercentileOptions,
): Run {
  const random = mulberry32(seed);
  const results = Array.from({ length: runs }, () => {
    const durations = steps.map((step) => sample(step, random));
    return { ...schedule(steps, durations, parallelism), durations };
  });
  results.sort((a, b) => a.makespan - b.makespan);
  return results[Math.ceil(runs * 0.99) - 1]!;
}

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408;

function logNormal({ p50, p99 }: ProvisionStep, random: () => number): number {
  if (p50 === p99) return p50;
  const sigma = Math.log(p99 / p50) / Z99;
  // Box and Muller's transform; 1 - x is never 0.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(p99, p50 * Math.exp(sigma * normal));
}

/** Tommy Ettinger's generator: 32 bits of state, numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
