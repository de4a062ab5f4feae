import { describe, expect, it } from 'vitest';

import { ConnectionLostError, NoWebSocketError, OperationFailedError, WatchRefusedError } from '../../../src/client/errors.js';
import { verdictOn } from '../../../src/client/verdict.js';
import { shownUrl, webSocketUrl } from '../../../src/client/web-socket.js';

const failed = (code?: string, extensions = {}) => new OperationFailedError({ message: 'words', extensions: code === undefined ? {} : { code, ...extensions } });

describe('what a watch does about an error', () => {
  it.each(['SLOW_CONSUMER', 'DATABASE_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'UNAVAILABLE', 'FEED_CLOSED', 'QUERY_TIMEOUT', 'TOO_MANY_SUBSCRIPTIONS', 'TOO_MANY_REQUESTS', 'RATE_LIMITED'])('tries again at %s', (code) => {
    expect(verdictOn(failed(code))).toEqual({ action: 'retry', reason: 'words' });
  });

  it.each(['CURSOR_EXPIRED', 'RESYNC_REQUIRED'] as const)('lists again at %s', (code) => {
    expect(verdictOn(failed(code, { cursor: 'c' }))).toEqual({ action: 'relist', reason: 'words', cause: code });
  });

  it.each(['INVALID_INPUT', 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'QUERY_TOO_COSTLY', 'SOMETHING_NEW'])('ends at %s, with the code of the server', (code) => {
    const verdict = verdictOn(failed(code, { field: ['after'] }));
    expect(verdict).toMatchObject({ action: 'end', error: { name: 'WatchRefusedError', message: 'words', code, extensions: { field: ['after'] } } });
  });

  it('ends at an error without a code', () => {
    expect(verdictOn(failed())).toMatchObject({ action: 'end', error: { code: 'REFUSED' } });
  });

  it.each([undefined, 1000, 1001, 1005, 1006, 1011, 1012, 4408, 4499, 4500, 4504, 4999])('tries again when the connection is lost with %s', (code) => {
    expect(verdictOn(new ConnectionLostError('gone', code))).toEqual({ action: 'retry', reason: 'gone' });
  });

  it.each([
    [4401, 'UNAUTHORIZED'],
    [4403, 'FORBIDDEN'],
    [4400, 'PROTOCOL'],
    [4406, 'PROTOCOL'],
    [1009, 'PROTOCOL'],
  ])('ends when the connection is closed with %d', (closeCode, code) => {
    expect(verdictOn(new ConnectionLostError('no', closeCode))).toMatchObject({ action: 'end', error: { code } });
  });

  it('ends when a proxy refuses the caller, and tries again when it says anything else', () => {
    expect(verdictOn(new ConnectionLostError('Unexpected server response: 401', 1006))).toMatchObject({ action: 'end', error: { code: 'UNAUTHORIZED' } });
    expect(verdictOn(new ConnectionLostError('Unexpected server response: 403', 1006))).toMatchObject({ action: 'end', error: { code: 'FORBIDDEN' } });
    expect(verdictOn(new ConnectionLostError('Unexpected server response: 502', 1006))).toMatchObject({ action: 'retry' });
  });

  it('takes an answer that is no TaskTracker for a wrong URL only where nothing has answered there before', () => {
    const lost = (words: string) => new ConnectionLostError(words, 1006);
    for (const words of ['Unexpected server response: 404', 'Parse Error: Expected HTTP/', 'Server sent no subprotocol']) {
      expect(verdictOn(lost(words))).toMatchObject({ action: 'retry' });
      expect(verdictOn(lost(words), 'http://h/')).toMatchObject({ action: 'end', error: { code: 'PROTOCOL', message: expect.stringMatching(/^http:\/\/h\/ answers, but not/) } });
    }
    for (const words of ['connect ECONNREFUSED 127.0.0.1:1', 'Unexpected server response: 429', 'Unexpected server response: 503', 'no connection within 10000 ms']) {
      expect(verdictOn(lost(words), 'http://h/')).toEqual({ action: 'retry', reason: words });
    }
  });

  it('leaves its own errors as they are, and does not hide a fault of ours', () => {
    const own = new NoWebSocketError('none');
    expect(verdictOn(own)).toEqual({ action: 'end', error: own });
    expect(() => verdictOn(new RangeError('a bug'))).toThrow(RangeError);
    expect(new WatchRefusedError('m', 'C').name).toBe('WatchRefusedError');
  });
});

describe('the URL of a watch', () => {
  it('may be given as HTTP or WebSocket, without what WebSockets refuse', () => {
    expect(webSocketUrl('http://127.0.0.1:4000/graphql')).toBe('ws://127.0.0.1:4000/graphql');
    expect(webSocketUrl(new URL('https://example.org/graphql?tenant=a#top'))).toBe('wss://example.org/graphql?tenant=a');
    expect(webSocketUrl('wss://example.org/graphql')).toBe('wss://example.org/graphql');
    expect(() => webSocketUrl('ftp://example.org')).toThrow(TypeError);
    expect(() => webSocketUrl('/graphql')).toThrow(TypeError);
  });

  it('is shown without credentials', () => {
    expect(shownUrl('http://user:secret@host:1/graphql?token=secret')).toBe('http://host:1/graphql');
  });
});
