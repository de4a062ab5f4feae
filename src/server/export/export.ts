import { Readable } from 'node:stream';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

import type { TaskTrackerSurface } from '../../graphql/surface.js';
import { InvalidInputError } from '../../model/errors.js';
import { callerOf } from '../auth/routes.js';
import { type Column, columnsOf } from './columns.js';
import { type Format, FORMATS, isFormatName } from './formats.js';
import { ExportOutgrownError, ExportTooLargeError } from './errors.js';
import { ExportPages } from './pages.js';
import { ExportParameters } from './parameters.js';
import { type ExportRouteOptions, registerExportRoute } from './route.js';

const EXPORT_PATH = '/export';
/** How long a client may read nothing, in ms. */
const IDLE_MS = 60_000;

export interface ExportOptions {
  readonly surface: TaskTrackerSurface;
  /** Most rows of one export. */
  readonly maxExportRows: number;
  /** Exports that may run at a time. */
  readonly maxExports: number;
  readonly log: Logger;
}

const PARAMETERS = ['format', 'filter', 'orderBy', 'columns', 'limit'];

/**
 * GET /export?format=csv|ndjson&filter=JSON&orderBy=JSON&columns=a,b&limit=N: the executions of a list as a file, read
 * page by page as fast as the client takes it. `filter` and `orderBy` are the inputs of `Query.tasks`, as JSON.
 *
 * A list longer than an export may be is refused before it begins (EXPORT_TOO_LARGE), unless `limit` asks for its first
 * rows only. What goes wrong later cuts the connection off, so that a part is never taken for the whole.
 */
export function registerExport(http: FastifyInstance, options: ExportOptions & ExportRouteOptions): void {
  registerExportRoute(http, EXPORT_PATH, options, (request, reply) => send(request, reply, options));
}

async function send(request: FastifyRequest, reply: FastifyReply, { surface, maxExportRows, log }: ExportOptions): Promise<FastifyReply> {
  const asked = new ExportParameters(request.url, PARAMETERS);
  const name = asked.text('format') ?? 'csv';
  if (!isFormatName(name)) throw new InvalidInputError(['format'], `format: it must be one of ${Object.keys(FORMATS).join(', ')}.`);
  const columns = columnsOf(surface.schema, asked.text('columns'));
  const limit = asked.count('limit', maxExportRows);
  const pages = new ExportPages(surface, { filter: asked.json('filter'), orderBy: asked.json('orderBy'), columns, caller: callerOf(request) });
  reply.raw.once('close', () => pages.abandon());
  if (limit === null) await checkSize(pages, maxExportRows);
  const rows = pages.read(limit ?? maxExportRows);
  // The first page is read before anything is sent: what is wrong can still be answered.
  const first = await rows.next();
  const format = FORMATS[name];
  const body = Readable.from(written(format, columns, first, rows, limit === null ? maxExportRows : null), { objectMode: true, highWaterMark: 1 });
  body.once('error', (error) => log.warn({ err: error }, 'an export was cut off'));
  reply.raw.setTimeout(IDLE_MS, () => reply.raw.destroy());
  return reply
    .headers({
      'content-type': format.contentType,
      'content-disposition': `attachment; filename="tasks-${new Date().toISOString().replace(/[:.]/g, '-')}.${name}"`,
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    })
    .send(body);
}

async function checkSize(pages: ExportPages, most: number): Promise<void> {
  const count = await pages.count();
  if (count > most) throw new ExportTooLargeError(count, most);
}

type Rows = ReturnType<ExportPages['read']>;

async function* written(format: Format, columns: readonly Column[], first: Awaited<ReturnType<Rows['next']>>, rows: Rows, most: number | null): AsyncGenerator<string> {
  yield format.head(columns);
  try {
    let next = first;
    while (!next.done) {
      yield format.rows(columns, next.value);
      next = await rows.next();
    }
    if (most !== null && next.value.more) throw new ExportOutgrownError(most);
  } finally {
    await rows.return({ more: false });
  }
}
