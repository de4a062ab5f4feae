import type { Duplex } from 'node:stream';

import type { Logger } from 'pino';

import { refuse, type UpgradeRefusal } from './upgrade.js';

const REFUSALS: Readonly<Record<string, UpgradeRefusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'The request did not arrive in time.', code: 'REQUEST_TIMEOUT' },
  HPE_HEADER_OVERFLOW: { status: 431, message: 'The headers of the request are larger than is taken.', code: 'HEADERS_TOO_LARGE' },
};

const BROKEN: UpgradeRefusal = { status: 400, message: 'This is not a request of HTTP/1.1.', code: 'BAD_REQUEST' };

/**
 * Answers what Node could not read as a request, and closes the connection. Of the error only its code is logged: the
 * error itself holds the bytes that came, with the keys in them.
 */
export function answerBroken(log: Logger): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  return ({ code }, socket) => {
    if (code === 'ECONNRESET' || socket.destroyed) return;
    log.debug({ code }, 'a request could not be read');
    if (socket.writable) refuse(socket, REFUSALS[code ?? ''] ?? BROKEN);
    else socket.destroy();
  };
}
