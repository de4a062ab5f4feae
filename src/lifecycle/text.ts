/** Longest errorMessage that is kept: 16 KiB of UTF-8, marker included. */
export const MAX_ERROR_MESSAGE_BYTES = 16 * 1024;
/** Longest errorStack that is kept: 64 KiB of UTF-8, marker included. */
export const MAX_ERROR_STACK_BYTES = 64 * 1024;

/**
 * The text itself if it takes at most `maxBytes` of UTF-8, else its beginning (cut between characters)
 * and a marker that says how long it was. A failure report is shortened rather than refused.
 */
export function truncateUtf8(text: string, maxBytes: number): string {
  // A UTF-16 unit takes at most 3 bytes: short texts need no measuring.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= maxBytes) return text;
  const marker = `… [truncated, ${bytes} bytes in all]`;
  const room = maxBytes - Buffer.byteLength(marker, 'utf8');
  const kept = Buffer.from(text, 'utf8');
  let end = Math.max(room, 0);
  // Bytes 10xxxxxx continue a character: step back to where one begins.
  while (end > 0 && ((kept[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return kept.toString('utf8', 0, end) + marker;
}
