import { Counter, Gauge, type Registry } from 'prom-client';

export type Labels = Readonly<Record<string, string>>;

/** A value with its labels. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** All samples as of now. */
  readonly read: () => readonly Sample[];
}

/** A gauge whose samples are read when somebody asks; those of before are forgotten. */
export function readGauge(registry: Registry, { name, help, labelNames = [], read }: ReadMetric): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      const samples = read();
      // Without labels prom-client shows a zero for nothing.
      if (samples.length === 0 && labelNames.length === 0) this.remove();
      for (const { labels = {}, value } of samples) this.set(labels, value);
    },
  });
}

/** A counter that is kept elsewhere, and read when somebody asks. */
export function readCounter(registry: Registry, { name, help, labelNames = [], read }: ReadMetric): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels = {}, value } of read()) this.inc(labels, value);
    },
  });
}

/** One sample for each state there is: 1 for the one that holds, 0 for the others. */
export function oneHot(label: string, states: readonly string[], current: string): readonly Sample[] {
  return states.map((state) => ({ labels: { [label]: state }, value: Number(state === current) }));
}

/** One sample without labels; none where there is no value. */
export function single(value: number | null): readonly Sample[] {
  return value === null ? [] : [{ value }];
}

/** Seconds since an instant, never negative; null where there is none. */
export function ageSeconds(instant: Date | null, now: number): number | null {
  return instant === null ? null : Math.max(0, now - instant.getTime()) / 1000;
}
