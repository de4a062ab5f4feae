/** Shorter ones would blot out words that only happen to hold them; in a URI or a header they are found by where they stand. */
const SHORTEST = 6;

const HIDDEN = '***';

/** What is secret by its form or by where it stands, whoever it belongs to: callers' keys as well as our own. */
const FORMS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The user and password of a URI.
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s"'/?#]+@/gi, `$1${HIDDEN}@`],
  [/((?:authMechanismProperties|tlsCertificateKeyFilePassword|proxyPassword)=)[^&\s"']+/gi, `$1${HIDDEN}`],
  // Headers that hold credentials, in JSON, in JSON within JSON, and as they are sent.
  [/(\b(?:proxy-)?(?:authorization|cookie|set-cookie|x-api-key)\\*"?\s*[:=]\s*\\*"?)(?!(?:Bearer|Basic)\\*")(?:(?:Bearer|Basic)\s+)?[^"\\\s][^"\\\r\n]*/gi, `$1${HIDDEN}`],
  [/\bBearer\s+[\w.~+/=-]{6,}/gi, `Bearer ${HIDDEN}`],
  // An API key; its id is no secret. A token (JWT).
  [/\btt_([A-Za-z0-9]{4,64})_[\w-]{20,}/g, `tt_$1_${HIDDEN}`],
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, HIDDEN],
];

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As it stands in JSON. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** What must stand in no line that people or log stores read, and how it is taken out of one. */
export class Secrets {
  readonly #values = new Set<string>();

  constructor(values: readonly string[] = []) {
    for (const value of values) this.add(value);
  }

  /** A URI's password is secret, and not its host. */
  add(value: string): void {
    const credentials = /^[a-z][a-z\d+.-]*:\/\/(?:[^:@/]*:)?(.*)@[^@]*$/is.exec(value)?.[1];
    const secret = credentials ?? (/^mongodb(\+srv)?:\/\//i.test(value) ? '' : value);
    for (const form of [secret, percentDecoded(secret)]) {
      if (form.length < SHORTEST) continue;
      this.#values.add(form);
      this.#values.add(escaped(form));
    }
  }

  /** The same text with `***` where something secret stood. */
  scrub(text: string): string {
    let scrubbed = text;
    for (const value of this.#values) scrubbed = scrubbed.replaceAll(value, HIDDEN);
    for (const [pattern, replacement] of FORMS) scrubbed = scrubbed.replace(pattern, replacement);
    return scrubbed;
  }
}
