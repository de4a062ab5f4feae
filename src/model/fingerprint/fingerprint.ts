import { ErrorCategory, isErrorCategory } from '../error-category.js';
import { normalise } from './normalise.js';

/** What a fingerprint says. */
export interface FailureKind {
  readonly category: ErrorCategory;
  /** The normalised message. */
  readonly message: string;
  /** It stands for all kinds of its category that have no group of their own; no message belongs to it by itself. */
  readonly isOther: boolean;
}

export interface FingerprintedMessage {
  readonly fingerprint: string;
  /** The normalised message. */
  readonly message: string;
}

/** Shown as the message of the group that stands for many. */
export const OTHER_MESSAGE = '(other errors)';

const VERSION = '1';
/** Longest text that is looked at, in characters: 200 characters of 4 bytes, and the category. */
const MAX_LENGTH = 2_048;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

function encode(...parts: readonly string[]): string {
  return Buffer.from([VERSION, ...parts].join(':')).toString('base64url');
}

/**
 * The kind of a failure: its category, and its message with what varies replaced by placeholders. The fingerprint
 * holds both, so it means the same in every replica and after every restart of this version of the rules.
 */
export function fingerprintOf(category: ErrorCategory | null, message: string): FingerprintedMessage {
  const normalised = normalise(message);
  return { fingerprint: encode(category ?? ErrorCategory.UNKNOWN, normalised), message: normalised };
}

/** The fingerprint of all kinds of a category that have no group of their own. No message has it. */
export function otherFingerprintOf(category: ErrorCategory | null): FingerprintedMessage {
  return { fingerprint: encode(category ?? ErrorCategory.UNKNOWN), message: OTHER_MESSAGE };
}

/** What a fingerprint stands for; null for a text that is none. Total. */
export function readFingerprint(fingerprint: string): FailureKind | null {
  if (fingerprint.length > MAX_LENGTH || !BASE64URL.test(fingerprint)) return null;
  const [version, category, ...rest] = Buffer.from(fingerprint, 'base64url').toString('utf8').split(':');
  if (version !== VERSION || !isErrorCategory(category)) return null;
  if (rest.length === 0) return fingerprint === encode(category) ? { category, message: OTHER_MESSAGE, isOther: true } : null;
  const message = rest.join(':');
  // A fingerprint is in one spelling only, and its message is a normalised one.
  return fingerprintOf(category, message).fingerprint === fingerprint ? { category, message, isOther: false } : null;
}
