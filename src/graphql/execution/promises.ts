/** Whether a value is to be waited for, as graphql-js tells it. Most values are text and numbers: these are told first. */
export function isPromise(value: unknown): value is Promise<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}
