/** Why an execution failed, as it is stored (lower case). */
export enum ErrorCategory {
  TRANSIENT = 'transient',
  VALIDATION = 'validation',
  PROCESSING = 'processing',
  INFRASTRUCTURE = 'infrastructure',
  PARTNER_API = 'partner_api',
  UNKNOWN = 'unknown',
}

const known = new Set<string>(Object.values(ErrorCategory));

export function isErrorCategory(value: unknown): value is ErrorCategory {
  return typeof value === 'string' && known.has(value);
}
