import { MARK, SMUGGLED } from './stray-input.js';

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** Texts that something behind the API might take for more than a text. */
export const HOSTILE_TEXTS: readonly string[] = [
  `$${MARK}`,
  `$$ROOT.${MARK}`,
  `$where: ${MARK}`,
  `{"$ne":"${SMUGGLED}"}`,
  `'; return '${MARK}' || true; //`,
  `${MARK}.*`,
  `^(${MARK}|.*)$`,
  `/${MARK}/i`,
  `.${MARK}`,
  `${MARK}.`,
  `${MARK}..a`,
  `a.$${MARK}`,
  `a.$[].${MARK}`,
  `${MARK}\0`,
  `\0${MARK}`,
  `__proto__.${MARK}`,
  `${MARK}.__proto__.a`,
  `constructor.prototype.${MARK}`,
  `${MARK}\u202e\u0007\r\nset-cookie: a=b`,
  `${MARK} \ud800`,
  `\udfff${MARK}`,
  `${MARK} 😀 \u{10ffff}`,
  `${MARK}<script>alert(1)</script>`,
  `=${MARK}+cmd|' /C calc'!A0`,
  MARK.repeat(2_000),
];

/** The same in what the API itself encodes: ids, cursors of lists, of the audit log and of the feed, kinds of failures. */
export const HOSTILE_CODES: readonly string[] = [
  ...[`{"$gt":"${MARK}"}`, `{"$regularExpression":{"pattern":"${MARK}","options":""}}`, `{"$code":"${MARK}"}`, `{"a":{"$where":"${MARK}"}}`, `{"$undefined":true}`, `["${MARK}"]`].flatMap((value) => [
    base64url(`TaskTracker:${value}`),
    base64url(`AuditEntry:${value}`),
    base64url(`[1,"enqueuedAt","DESC",[${value}],${value}]`),
  ]),
  base64url(`[1,"enqueuedAt","DESC",[{"$date":{"$numberLong":"0"}}],{"$regularExpression":{"pattern":"${MARK}","options":""}}]`),
  base64url(`1:transient:${MARK}.*`),
  base64url(`0.${MARK}`),
  base64url(JSON.stringify({ v: 1, token: { $ne: MARK } })),
];

/** What is no text, where a text is expected. */
export const HOSTILE_OBJECTS: readonly unknown[] = [
  ...['$ne', '$gt', '$gte', '$lt', '$eq', '$where', '$regex', '$expr', '$not', '$elemMatch', '$type', '$text', '$comment', '$literal'].map((operator) => ({ [operator]: SMUGGLED })),
  { $in: [SMUGGLED] },
  { $exists: true, $ne: SMUGGLED },
  { $not: { $eq: SMUGGLED } },
  { $function: { body: `return "${MARK}"`, args: [], lang: 'js' } },
  { [`$${MARK}`]: 1 },
  { toString: MARK, valueOf: MARK },
  { _bsontype: 'Code', code: MARK },
  { _bsontype: 'ObjectId', id: MARK },
  { length: 1, 0: MARK },
  JSON.parse(`{"__proto__":{"$ne":"${SMUGGLED}"}}`) as unknown,
  JSON.parse(`{"constructor":{"prototype":{"$ne":"${SMUGGLED}"}}}`) as unknown,
  { a: { $ne: SMUGGLED } },
  [{ $ne: SMUGGLED }],
  [[MARK]],
  [],
  {},
];
