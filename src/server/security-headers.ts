/**
 * What every answer carries, errors and refused upgrades too: a browser may neither guess its type, nor show it in a frame
 * of another site, nor load it into one, nor tell other sites where it came from; and what is no page may do nothing
 * should it be opened as one. Pages replace the Content-Security-Policy by one of their own.
 *
 * A list of our own and not a plugin's: most refusals are written where no framework's hooks run (broken requests, upgrades,
 * mounts). Strict-Transport-Security is for whoever ends TLS: TaskTracker speaks plain HTTP, and a mount has no say over
 * its host's site.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
} as const satisfies Readonly<Record<string, string>>;

/** The same as lines of a head that is written by hand. */
export const SECURITY_HEADER_LINES: readonly string[] = Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`);
