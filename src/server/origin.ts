/**
 * Whether a WebSocket may be opened from a page of this origin: pages of the same host and port may, pages that are listed,
 * and programs that are no browser (they send no Origin). Browsers apply no same-origin rule to WebSockets, so the server
 * must.
 *
 * @param origin the Origin header, as sent.
 * @param host the Host header, as sent.
 * @param others origins of other sites that may too, as browsers send them
 */
export function isAllowedOrigin(origin: string | undefined, host: string | undefined, others: readonly string[] = []): boolean {
  if (origin === undefined || others.includes(origin)) return true;
  if (host === undefined) return false;
  try {
    const { protocol, host: from } = new URL(origin);
    return from !== '' && from === new URL(`${protocol}//${host}`).host;
  } catch {
    return false;
  }
}
