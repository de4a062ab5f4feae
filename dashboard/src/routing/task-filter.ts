/**
 * The filter and the order of a list of tasks as they stand in a URL: readable, complete, and the same after a reload.
 *
 *     queue=jobs&queue=mail         names, each a parameter, for they may hold anything
 *     status=FAILED,DLQ  category=TRANSIENT
 *     taskId=…  taskIdPrefix=…  executionId=… (each a parameter)  fingerprint=…
 *     enqueuedAfter=2026-01-31T08:15:00.000Z, or -2h: that long before the page asks (m, h, d)
 *     minRetryCount=2
 *     meta.aircraft.id=N123         equal; JSON where it is one (meta.size=3, meta.code="3")
 *     meta.code=in:["A","B"]        one of
 *     meta.code=exists:false
 *     order=UPDATED_AT.ASC
 */

export const STATUSES = ['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'DLQ', 'ARCHIVED', 'UNKNOWN'] as const;
export const CATEGORIES = ['TRANSIENT', 'VALIDATION', 'PROCESSING', 'INFRASTRUCTURE', 'PARTNER_API', 'UNKNOWN'] as const;
export const ORDER_FIELDS = ['ENQUEUED_AT', 'UPDATED_AT', 'FAILED_AT', 'PROCESSING_STARTED_AT'] as const;
export const INSTANT_FIELDS = ['enqueuedAfter', 'enqueuedBefore', 'updatedAfter', 'updatedBefore', 'failedAfter', 'failedBefore'] as const;
const TEXT_FIELDS = ['taskId', 'taskIdPrefix', 'fingerprint'] as const;

export type MetadataValue = string | number | boolean | null;

/** One condition: exactly one of `eq`, `in` and `exists`. */
export type MetadataCondition =
  | { readonly path: string; readonly eq: MetadataValue }
  | { readonly path: string; readonly in: readonly MetadataValue[] }
  | { readonly path: string; readonly exists: boolean };

type InstantField = (typeof INSTANT_FIELDS)[number];

/** `TaskFilter` of the API, but that instants may be relative: see `resolveTaskFilter`. Conditions that do not restrict are absent. */
export interface TaskFilter extends Partial<Readonly<Record<InstantField | (typeof TEXT_FIELDS)[number], string>>> {
  readonly queueName?: readonly string[];
  readonly status?: readonly (typeof STATUSES)[number][];
  readonly errorCategory?: readonly (typeof CATEGORIES)[number][];
  readonly executionId?: readonly string[];
  readonly minRetryCount?: number;
  readonly metadata?: readonly MetadataCondition[];
}

export interface TaskOrder {
  readonly field: (typeof ORDER_FIELDS)[number];
  readonly direction: 'ASC' | 'DESC';
}

export interface ParsedTaskFilter {
  readonly filter: TaskFilter;
  /** Parameters that are of the filter but cannot be understood, as `name=value`: a view should say so. */
  readonly dropped: readonly string[];
}

const META = 'meta.';
const RELATIVE = /^-(\d{1,5})([mhd])$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LISTS = { queue: 'queueName', executionId: 'executionId' } as const;
const ENUMS = { status: ['status', STATUSES], category: ['errorCategory', CATEGORIES] } as const;

function isFilterParameter(name: string): boolean {
  return (
    name.startsWith(META) ||
    name in LISTS ||
    name in ENUMS ||
    name === 'minRetryCount' ||
    (TEXT_FIELDS as readonly string[]).includes(name) ||
    (INSTANT_FIELDS as readonly string[]).includes(name)
  );
}

/** Reads the filter out of a query string; parameters that are not of the filter are passed over. */
export function parseTaskFilter(params: URLSearchParams): ParsedTaskFilter {
  const filter: Record<string, unknown> = {};
  const dropped: string[] = [];
  const metadata: MetadataCondition[] = [];
  const add = (field: string, values: readonly unknown[]): void => {
    filter[field] = [...new Set([...((filter[field] as unknown[] | undefined) ?? []), ...values])];
  };
  for (const [name, value] of params) {
    if (!isFilterParameter(name)) continue;
    if (value === '') continue;
    const drop = (what = value): void => void dropped.push(`${name}=${what}`);
    if (name.startsWith(META)) {
      const condition = parseCondition(name.slice(META.length), value);
      if (condition) metadata.push(condition);
      else drop();
    } else if (name in LISTS) {
      add(LISTS[name as keyof typeof LISTS], [value]);
    } else if (name in ENUMS) {
      const [field, allowed] = ENUMS[name as keyof typeof ENUMS];
      for (const one of value.split(',')) {
        if ((allowed as readonly string[]).includes(one)) add(field, [one]);
        else drop(one);
      }
    } else if (name === 'minRetryCount') {
      if (/^\d{1,9}$/.test(value)) filter['minRetryCount'] = Number(value);
      else drop();
    } else if ((INSTANT_FIELDS as readonly string[]).includes(name)) {
      if (isInstant(value)) filter[name] = value;
      else drop();
    } else {
      filter[name] = value;
    }
  }
  if (metadata.length > 0) filter['metadata'] = metadata;
  return { filter, dropped };
}

/** Whether a text is an instant that a URL may hold: RFC 3339, or relative. */
export function isInstant(text: string): boolean {
  return RELATIVE.test(text) || (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && Number.isFinite(Date.parse(text)));
}

function parseCondition(path: string, text: string): MetadataCondition | null {
  if (path === '' || path.split('.').includes('')) return null;
  if (text.startsWith('exists:')) {
    const word = text.slice('exists:'.length);
    return word === 'true' || word === 'false' ? { path, exists: word === 'true' } : null;
  }
  if (text.startsWith('in:')) {
    const list = parseJson(text.slice('in:'.length));
    return Array.isArray(list) && list.length > 0 && list.every(isScalar) ? { path, in: list } : null;
  }
  const value = parseJson(text);
  if (value === undefined) return { path, eq: text };
  return isScalar(value) ? { path, eq: value } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isScalar(value: unknown): value is MetadataValue {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A text that would be read as something else, or not at all, is quoted. */
function writeValue(value: MetadataValue): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const mistakable = value === '' || /^(in|exists):/.test(value) || parseJson(value) !== undefined;
  return mistakable ? JSON.stringify(value) : value;
}

/** Puts the filter in the place of the one that stands in `params`; leaves other parameters alone. */
export function writeTaskFilter(filter: TaskFilter, params: URLSearchParams): void {
  for (const name of new Set(params.keys())) if (isFilterParameter(name)) params.delete(name);
  for (const name of filter.queueName ?? []) params.append('queue', name);
  if (filter.status?.length) params.set('status', filter.status.join(','));
  if (filter.errorCategory?.length) params.set('category', filter.errorCategory.join(','));
  for (const field of TEXT_FIELDS) if (filter[field]) params.set(field, filter[field]);
  for (const id of filter.executionId ?? []) params.append('executionId', id);
  for (const field of INSTANT_FIELDS) if (filter[field]) params.set(field, filter[field]);
  if (filter.minRetryCount !== undefined) params.set('minRetryCount', String(filter.minRetryCount));
  for (const condition of filter.metadata ?? []) params.append(META + condition.path, writeCondition(condition));
}

function writeCondition(condition: MetadataCondition): string {
  if ('exists' in condition) return `exists:${condition.exists}`;
  if ('in' in condition) return `in:${JSON.stringify(condition.in)}`;
  return writeValue(condition.eq);
}

/** The filter as the API takes it: relative instants counted from `now`. */
export function resolveTaskFilter(filter: TaskFilter, now: number): TaskFilter {
  const resolved: Record<string, unknown> = { ...filter };
  for (const field of INSTANT_FIELDS) {
    const text = filter[field];
    if (text !== undefined) resolved[field] = resolveInstant(text, now);
  }
  return resolved;
}

export function resolveInstant(text: string, now: number): string {
  const [, amount, unit] = RELATIVE.exec(text) ?? [];
  if (amount === undefined) return new Date(text).toISOString();
  return new Date(now - Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]).toISOString();
}

/** How many conditions a filter has. */
export function countConditions(filter: TaskFilter): number {
  const { metadata = [], ...others } = filter;
  return metadata.length + Object.values(others).filter((value) => value !== undefined && !(Array.isArray(value) && value.length === 0)).length;
}

/** null where the URL says nothing, or nothing that can be understood: the view's own order holds. */
export function parseTaskOrder(params: URLSearchParams): TaskOrder | null {
  const [field, direction] = (params.get('order') ?? '').split('.');
  const known = ORDER_FIELDS.find((name) => name === field);
  if (known === undefined || (direction !== 'ASC' && direction !== 'DESC')) return null;
  return { field: known, direction };
}

export function writeTaskOrder(order: TaskOrder | null, params: URLSearchParams): void {
  if (order === null) params.delete('order');
  else params.set('order', `${order.field}.${order.direction}`);
}
