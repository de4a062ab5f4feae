import { describe, expect, it } from 'vitest';

import { ExportParameters } from '../../../../src/server/export/parameters.js';

const NAMES = ['filter', 'limit', 'format'];
const asked = (query: string): ExportParameters => new ExportParameters(`/export?${query}`, NAMES);
const refusal = (name: string, message: string) => expect.objectContaining({ code: 'INVALID_INPUT', field: [name], message: expect.stringContaining(message) as unknown }) as Error;

describe('the parameters of an export', () => {
  it('are none but those that are known, so that a misspelt condition is not taken for none', () => {
    expect(() => asked('fliter={}')).toThrow(refusal('fliter', '"fliter" is no parameter; they are filter, limit, format.'));
    expect(() => new ExportParameters('/export/trace?task=1', ['taskId'])).toThrow('there is taskId.');
    expect(() => asked('')).not.toThrow();
  });

  it('are there once', () => {
    expect(asked('format=csv').text('format')).toBe('csv');
    expect(asked('format=').text('format')).toBe('');
    expect(asked('').text('format')).toBeNull();
    expect(() => asked('format=csv&format=ndjson').text('format')).toThrow(refusal('format', 'more than once'));
  });

  it('hold JSON where that is wanted, decoded from the URL', () => {
    expect(asked(`filter=${encodeURIComponent('{"taskId":"ä&b=c"}')}`).json('filter')).toEqual({ taskId: 'ä&b=c' });
    expect(asked('filter=null').json('filter')).toBeNull();
    expect(asked('filter=').json('filter')).toBeUndefined();
    expect(asked('').json('filter')).toBeUndefined();
    expect(() => asked('filter={taskId:1}').json('filter')).toThrow(refusal('filter', 'must be JSON'));
  });

  it('hold a whole number within its bounds where a count is wanted', () => {
    expect(asked('limit=1').count('limit', 10)).toBe(1);
    expect(asked('limit=10').count('limit', 10)).toBe(10);
    expect(asked('limit=').count('limit', 10)).toBeNull();
    expect(asked('').count('limit', 10)).toBeNull();
    for (const wrong of ['0', '11', '-1', '1.5', '1e1', '0x1', '%201', 'ten', '99999999999']) {
      expect(() => asked(`limit=${wrong}`).count('limit', 10), wrong).toThrow(refusal('limit', 'a whole number from 1 to 10'));
    }
  });
});
