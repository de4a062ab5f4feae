/** One sample of a metric. */
export interface ScrapedSample {
  /** With the suffix that a histogram's series have. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ScrapedFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ScrapedSample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"/y;

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let at = 0; at < text.length; ) {
    LABEL.lastIndex = at;
    const found = LABEL.exec(text);
    if (found === null) throw new Error(`labels that cannot be read: ${line}`);
    const [whole, name, value] = found as unknown as [string, string, string];
    if (name in labels) throw new Error(`the label ${name} twice: ${line}`);
    labels[name] = value.replace(/\\(["\\n])/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    at += whole.length;
    if (at < text.length && text[at] !== ',') throw new Error(`no comma between labels: ${line}`);
    at += 1;
  }
  return labels;
}

function valueOf(text: string, line: string): number {
  if (text === '+Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  if (text === 'NaN') return NaN;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) throw new Error(`no number: ${line}`);
  return Number(text);
}

/**
 * Reads the text format 0.0.4 as strictly as promtool's lint and the server together: each family has its HELP and TYPE
 * once and before its samples, which stand together; no series is there twice; buckets of a histogram go up and end with
 * the count; counters end with _total and are not negative.
 *
 * @throws Error with the line that is wrong
 */
export function parsePrometheus(text: string): ReadonlyMap<string, ScrapedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, { type: string; help: string; samples: ScrapedSample[] }>();
  const seen = new Set<string>();
  let current: { name: string; type: string; help: string; samples: ScrapedSample[] } | null = null;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    if (help) {
      const [, name = '', words = ''] = help;
      if (!NAME.test(name) || families.has(name)) throw new Error(`HELP of a bad or repeated name: ${line}`);
      if (words === '') throw new Error(`no help: ${line}`);
      current = { name, type: '', help: words, samples: [] };
      families.set(name, current);
      continue;
    }
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) {
      if (current === null || current.name !== type[1] || current.type !== '') throw new Error(`TYPE without its HELP: ${line}`);
      current.type = type[2] ?? '';
      if (current.type === 'counter' && !current.name.endsWith('_total')) throw new Error(`a counter that is no _total: ${line}`);
      continue;
    }
    const sample = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null || current === null || current.type === '') throw new Error(`out of place: ${line}`);
    const [, name = '', labelText = '', number = ''] = sample;
    if (!(SUFFIXES[current.type] ?? []).some((suffix) => name === `${current?.name}${suffix}`)) throw new Error(`of another family: ${line}`);
    const labels = labelsOf(labelText, line);
    const value = valueOf(number, line);
    if (Number.isNaN(value) || (current.type === 'counter' && value < 0)) throw new Error(`a value that cannot be: ${line}`);
    const key = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (seen.has(key)) throw new Error(`twice: ${line}`);
    seen.add(key);
    current.samples.push({ name, labels, value });
  }
  for (const [name, { type, samples }] of families) {
    if (type === '') throw new Error(`${name} has no TYPE`);
    if (type === 'histogram') checkBuckets(name, samples);
  }
  return families;
}

function checkBuckets(family: string, samples: readonly ScrapedSample[]): void {
  const series = new Map<string, { buckets: [number, number][]; count: number | null; sum: number | null }>();
  for (const { name, labels, value } of samples) {
    const { le, ...others } = labels;
    const key = JSON.stringify(Object.entries(others).sort());
    const one = series.get(key) ?? { buckets: [], count: null, sum: null };
    series.set(key, one);
    if (name.endsWith('_bucket')) one.buckets.push([valueOf(le ?? '', name), value]);
    else if (name.endsWith('_sum')) one.sum = value;
    else one.count = value;
  }
  for (const { buckets, count, sum } of series.values()) {
    const rising = buckets.every(([bound, value], at) => at === 0 || (bound > (buckets[at - 1]?.[0] ?? 0) && value >= (buckets[at - 1]?.[1] ?? 0)));
    if (!rising || buckets.at(-1)?.[0] !== Infinity || buckets.at(-1)?.[1] !== count || sum === null) throw new Error(`${family}: buckets that cannot be`);
  }
}

/** The value of the one series with these labels; undefined where there is none. */
export function valueIn(families: ReadonlyMap<string, ScrapedFamily>, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
  const wanted = Object.entries(labels);
  const found = family?.samples.filter((sample) => sample.name === name && Object.keys(sample.labels).length === wanted.length && wanted.every(([label, value]) => sample.labels[label] === value));
  return found?.[0]?.value;
}
