import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseTraceparent, traceOf } from '../../../src/telemetry/trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([
    ['version 00', `00-${TRACE}-${SPAN}-01`, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['a later version with more behind', `cc-${TRACE}-${SPAN}-03-what-comes`, 3],
    ['white space around it', ` 00-${TRACE}-${SPAN}-01 `, 1],
  ])('is read: %s', (_what, text, traceFlags) => {
    expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags, isRemote: true });
  });

  it.each([
    ['nothing', undefined],
    ['a list, as of two headers', [`00-${TRACE}-${SPAN}-01`]],
    ['version ff', `ff-${TRACE}-${SPAN}-01`],
    ['more behind version 00', `00-${TRACE}-${SPAN}-01-more`],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ])('is none: %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeNull();
  });

  it('is looked for in metadata of any shape without a failure', () => {
    fc.assert(fc.property(fc.anything(), (metadata) => void traceOf(metadata)));
    expect(traceOf({ traceparent: `00-${TRACE}-${SPAN}-01` })?.traceId).toBe(TRACE);
    expect(traceOf(Object.create({ traceparent: `00-${TRACE}-${SPAN}-01` }))).toBeNull();
  });
});
