import { formatInstant } from '../time/format.js';
import { useZone } from '../time/time.js';
import type { Series } from './series.js';
import styles from './time-chart.module.css';

interface ChartTableProps {
  readonly title: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly formatValue: (value: number) => string;
  readonly height: number;
}

/** The figures of a chart, the newest first. */
export function ChartTable({ title, times, series, formatValue, height }: ChartTableProps) {
  const [zone] = useZone();
  return (
    <div className={styles['figures']} style={{ height }} tabIndex={0} role="region" aria-label={`Figures of ${title}`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ key, label }) => (
              <th scope="col" key={key}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .map((at, index) => (
              <tr key={at}>
                <th scope="row">{formatInstant(at, zone).replace(/:\d\d\.\d+/, '')}</th>
                {series.map(({ key, values }) => {
                  const value = values[index];
                  return <td key={key}>{value === null || value === undefined ? '–' : formatValue(value)}</td>;
                })}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}
