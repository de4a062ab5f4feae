/** Figures: clocks, medians, percentiles, and what a process costs. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** CLOCK_MONOTONIC in ms: comparable between the processes of one machine. */
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Nearest rank, e.g. percentile(values, 0.99). */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}

export const round = (value, digits = 2) => (Number.isFinite(value) ? Number(value.toFixed(digits)) : null);

const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used so far; NaN where there is no /proc. */
export function cpuSeconds(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** Resident memory of a process in MB; NaN where there is no /proc. */
export function residentMb(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Open sockets of a process, listening ones too; NaN where there is no /proc. */
export function openSockets(pid) {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).filter((fd) => readLink(`${folder}/${fd}`).startsWith('socket:')).length;
  } catch {
    return Number.NaN;
  }
}

/** A descriptor may be closed between its listing and this. */
function readLink(file) {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
