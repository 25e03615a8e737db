/** How metrics are written: Prometheus' text format 0.0.4, or OpenMetrics 1.0. */
export type ExpositionFormat = "text" | "openmetrics";

/** Of what a daemon serves; Prometheus itself takes anything. More is no list of metrics. */
export const MOST_BYTES = 10 * 1024 * 1024;

export interface MetricFamily {
  /** As the TYPE line has it; undefined without one. */
  readonly type: string | undefined;
  readonly hasHelp: boolean;
  /** How many series there are, a histogram's buckets each one. */
  readonly series: number;
}

export interface MetricSample {
  /** Counted from 1. */
  readonly line: number;
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** What does not belong, and where; it repeats no label's value. */
export interface ExpositionFault {
  readonly line: number;
  readonly message: string;
}

export interface Exposition {
  readonly families: ReadonlyMap<string, MetricFamily>;
  readonly samples: readonly MetricSample[];
  readonly faults: readonly ExpositionFault[];
}

/**
 * Reads what a daemon serves under `/metrics`, strictly: whatever Prometheus could take for something
 * else, or refuse as a whole, is a fault. It goes on after one, so that all of them are told.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function readExposition(body: string, format: ExpositionFormat): Exposition {
  const reader = new Reader(format);
  const lines = body.split("\n");
  if (lines.pop() !== "") reader.fault(lines.length + 1, "does not end with a line feed");
  lines.forEach((line, at) => reader.read(line, at + 1));
  if (format === "openmetrics" && lines.at(-1) !== "# EOF") {
    reader.fault(lines.length, "is not the last line # EOF");
  }
  return reader;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const COMMENT = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME})(?: (.*))?$`);
const START = new RegExp(`^${NAME}`);
const LABEL =
  /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\["\\n])*)"[ \t]*(,|(?=\}))/y;
const EXEMPLAR = / # \{.*$/;
const VALUE = /^[ \t]+([^ \t]+)(?:[ \t]+(-?\d+(?:\.\d+)?))?[ \t]*$/;
const NUMBER = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$|^nan$/i;

const TYPES: Readonly<Record<ExpositionFormat, readonly string[]>> = {
  text: ["counter", "gauge", "histogram", "summary", "untyped"],
  openmetrics: [
    ...["counter", "gauge", "histogram", "summary", "unknown"],
    ...["info", "stateset", "gaugehistogram"],
  ],
};

/** By which endings a sample belongs to a family of a type. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count", "_created"],
  info: ["_info"],
};

class Reader implements Exposition {
  readonly families = new Map<
    string,
    { type: string | undefined; hasHelp: boolean; series: number }
  >();
  readonly samples: MetricSample[] = [];
  readonly faults: ExpositionFault[] = [];
  readonly #series = new Set<string>();
  #current: string | undefined;

  constructor(private readonly format: ExpositionFormat) {}

  fault(line: number, message: string): void {
    this.faults.push({ line, message });
  }

  read(line: string, at: number): void {
    if (line === "" && this.format === "text") return;
    if (line.startsWith("#")) this.#readComment(line, at);
    else this.#readSample(line, at);
  }

  #readComment(line: string, at: number): void {
    const [, word, name, rest = ""] = COMMENT.exec(line) ?? [];
    if (word === undefined) {
      // A comment of its own is nobody's business, but in OpenMetrics there is none.
      const isStray =
        this.format === "openmetrics" ? line !== "# EOF" : /^#\s*(HELP|TYPE)/.test(line);
      if (isStray) this.fault(at, "is neither HELP nor TYPE of a metric");
      return;
    }
    const family = this.#open(name!, at);
    if (word === "HELP") {
      if (family.hasHelp) this.fault(at, `is a second HELP of ${name}`);
      family.hasHelp = true;
    } else if (word === "TYPE") {
      if (family.type !== undefined) this.fault(at, `is a second TYPE of ${name}`);
      else if (family.series > 0) this.fault(at, `comes after samples of ${name}`);
      if (!TYPES[this.format].includes(rest))
        this.fault(at, `gives ${name} a type that there is not`);
      family.type = rest;
    }
  }

  #readSample(line: string, at: number): void {
    const name = START.exec(line)?.[0];
    if (name === undefined) return this.fault(at, "is no sample");
    const read = readLabels(line, name.length);
    if (read === undefined) return this.fault(at, `has labels of ${name} that cannot be read`);
    const { labels, end } = read;
    const tail = line.slice(end);
    const value = VALUE.exec(
      this.format === "openmetrics" ? tail.replace(EXEMPLAR, "") : tail,
    )?.[1];
    if (value === undefined || !NUMBER.test(value)) {
      return this.fault(at, `gives ${name} a value that is no number`);
    }
    const names = labels.map(([label]) => label);
    if (new Set(names).size < names.length) this.fault(at, `has a label of ${name} twice`);
    const series = JSON.stringify([name, ...labels.map((one) => one.join("=")).sort()]);
    if (this.#series.has(series)) this.fault(at, `is a series of ${name} that there was already`);
    this.#series.add(series);
    this.#open(this.#familyOf(name), at).series += 1;
    this.samples.push({ line: at, name, labels });
  }

  /** The family that a line is about. All lines of one stand together. */
  #open(name: string, at: number) {
    let family = this.families.get(name);
    if (family === undefined) {
      this.families.set(name, (family = { type: undefined, hasHelp: false, series: 0 }));
    } else if (this.#current !== name) {
      this.fault(at, `is apart from the other lines of ${name}`);
    }
    this.#current = name;
    return family;
  }

  #familyOf(name: string): string {
    if (this.families.has(name)) return name;
    const at = name.lastIndexOf("_");
    const base = name.slice(0, at);
    const type = this.families.get(base)?.type ?? "";
    return SUFFIXES[type]?.includes(name.slice(at)) ? base : name;
  }
}

/** The labels from a place in a line, and where they end; undefined if they are not well formed. */
function readLabels(
  line: string,
  from: number,
): { readonly labels: [string, string][]; readonly end: number } | undefined {
  const labels: [string, string][] = [];
  if (line[from] !== "{") return { labels, end: from };
  let at = from + 1;
  for (;;) {
    while (line[at] === " " || line[at] === "\t") at += 1;
    if (line[at] === "}") return { labels, end: at + 1 };
    LABEL.lastIndex = at;
    const match = LABEL.exec(line);
    if (match === null) return undefined;
    labels.push([match[1]!, unescape(match[2]!)]);
    at = LABEL.lastIndex;
  }
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
