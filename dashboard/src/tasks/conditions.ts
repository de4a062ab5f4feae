import { STATUS_LOOKS } from '../components/status.js';
import { type MetadataCondition, parseTaskFilter, type TaskFilter, writeTaskFilter } from '../routing/task-filter.js';
import { formatInstant, type Zone } from '../time/format.js';

/** One condition of a filter in words, and the filter without it. */
export interface Condition {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly without: TaskFilter;
}

const NAMES: Readonly<Record<Exclude<keyof TaskFilter, 'metadata'>, string>> = {
  queueName: 'Queue',
  status: 'Status',
  errorCategory: 'Error class',
  taskId: 'taskId',
  taskIdPrefix: 'taskId starts with',
  executionId: 'Execution',
  fingerprint: 'Error group',
  minRetryCount: 'Retries at least',
  enqueuedAfter: 'Enqueued after',
  enqueuedBefore: 'Enqueued before',
  updatedAfter: 'Changed after',
  updatedBefore: 'Changed before',
  failedAfter: 'Failed after',
  failedBefore: 'Failed before',
};

export const CATEGORY_LABELS = {
  TRANSIENT: 'Transient',
  VALIDATION: 'Validation',
  PROCESSING: 'Processing',
  INFRASTRUCTURE: 'Infrastructure',
  PARTNER_API: 'Partner API',
  UNKNOWN: 'Unclassified',
} as const;

const UNITS: Readonly<Record<string, string>> = { m: 'min', h: 'h', d: 'd' };

/** `15 min ago`, or the instant by the reader's clock. */
export function instantInWords(text: string, zone: Zone): string {
  const [, amount, unit = ''] = /^-(\d+)([mhd])$/.exec(text) ?? [];
  if (amount !== undefined) return `${amount} ${UNITS[unit]} ago`;
  return formatInstant(Date.parse(text), zone).replace(/\.000 /, ' ');
}

function valueInWords(field: Exclude<keyof TaskFilter, 'metadata'>, filter: TaskFilter, zone: Zone): string {
  switch (field) {
    case 'status':
      return (filter.status ?? []).map((status) => STATUS_LOOKS[status].label).join(', ');
    case 'errorCategory':
      return (filter.errorCategory ?? []).map((category) => CATEGORY_LABELS[category]).join(', ');
    case 'queueName':
    case 'executionId':
      return (filter[field] ?? []).join(', ');
    case 'taskId':
    case 'taskIdPrefix':
    case 'fingerprint':
    case 'minRetryCount':
      return String(filter[field]);
    default:
      return instantInWords(filter[field] ?? '', zone);
  }
}

/** `is "3"`, `is one of "A", "B"`, `exists` */
export function conditionInWords(condition: MetadataCondition): string {
  if ('exists' in condition) return condition.exists ? 'is there' : 'is not there';
  if ('in' in condition) return `is one of ${condition.in.map((value) => JSON.stringify(value)).join(', ')}`;
  return `is ${JSON.stringify(condition.eq)}`;
}

/** Every condition of a filter, to be shown and taken away one by one. */
export function conditionsOf(filter: TaskFilter, zone: Zone): readonly Condition[] {
  const { metadata = [], ...others } = filter;
  const fields = (Object.keys(others) as (keyof typeof others)[]).filter((field) => others[field] !== undefined);
  return [
    ...fields.map((field) => {
      const { [field]: _, ...without } = filter;
      return { key: field, name: NAMES[field], value: valueInWords(field, filter, zone), without };
    }),
    ...metadata.map((condition, index) => {
      const left = metadata.filter((other) => other !== condition);
      const { metadata: _, ...rest } = filter;
      return {
        key: `metadata.${index}`,
        name: `metadata ${condition.path}`,
        value: conditionInWords(condition),
        without: left.length === 0 ? rest : { ...rest, metadata: left },
      };
    }),
  ];
}

/** The filter with some conditions replaced; what is undefined, empty text or an empty list does not restrict. */
export function withConditions(filter: TaskFilter, changes: { readonly [Field in keyof TaskFilter]: TaskFilter[Field] | undefined }): TaskFilter {
  const merged = Object.entries({ ...filter, ...changes }).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0));
  return Object.fromEntries(merged);
}

export const METADATA_TESTS = ['eq', 'in', 'exists', 'missing'] as const;
export type MetadataTest = (typeof METADATA_TESTS)[number];

/**
 * A condition from what was typed: a value is JSON where it is one, else text; several are separated by commas. null where it
 * is not a condition yet.
 */
export function readCondition(path: string, test: MetadataTest, text: string): MetadataCondition | null {
  const trimmed = path.trim();
  const value = ((): string => {
    if (test === 'exists') return 'exists:true';
    if (test === 'missing') return 'exists:false';
    if (test === 'eq') return text.trim();
    return `in:${JSON.stringify(splitValues(text).map(jsonOrText))}`;
  })();
  const { filter } = parseTaskFilter(new URLSearchParams([[`meta.${trimmed}`, value]]));
  const condition = filter.metadata?.[0];
  if (condition === undefined || condition.path !== trimmed) return null;
  // The API takes null by itself only.
  if ('in' in condition && condition.in.includes(null)) return null;
  // Text that happens to be a keyword of the URL is a text here.
  if (test === 'eq' && !('eq' in condition)) return { path: trimmed, eq: text.trim() };
  return condition;
}

/** At commas that do not stand in quotes. */
function splitValues(text: string): readonly string[] {
  return (text.match(/\s*"(?:[^"\\]|\\.)*"\s*(?=,|$)|[^,]+/g) ?? []).map((part) => part.trim()).filter((part) => part !== '');
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Whether two filters are the same conditions. */
export function sameFilter(a: TaskFilter, b: TaskFilter): boolean {
  const written = (filter: TaskFilter): string => {
    const params = new URLSearchParams();
    writeTaskFilter(filter, params);
    return params.toString();
  };
  return written(a) === written(b);
}
