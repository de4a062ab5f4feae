import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

import { EXAMPLE_OPERATIONS } from './playground-examples.js';

/** GraphiQL as it is served. */
export interface PlaygroundPage {
  /** The HTML, gzipped. */
  readonly gzipped: Buffer;
  /** Strong validator of the HTML, quotes included. */
  readonly etag: string;
  readonly contentSecurityPolicy: string;
}

interface Rendered {
  readonly gzipped: Uint8Array;
  readonly scriptHashes: readonly string[];
}

/**
 * Runs in a thread of its own: the GraphiQL module is 9 MB of source, and everything that loading it took is given back
 * when the thread ends. Kept as text so that it runs the same from TypeScript sources and from the built package.
 */
const RENDER = `
const { createHash } = require('node:crypto');
const { gzipSync } = require('node:zlib');
const { parentPort, workerData } = require('node:worker_threads');
const { renderGraphiQL } = require(workerData.module);
// What the headers editor holds is sent over HTTP only: here also when a WebSocket is opened for a subscription.
const HEADERS = /extensions:\\{headers:(\\w+)\\?\\.headers\\}/;
const rendered = renderGraphiQL(workerData.options).trim();
if (!HEADERS.test(rendered)) throw new Error('GraphiQL has another fetcher than this was written for');
// Tabs can be dragged, and slip away below a mouse button that is pressed: of many none but the last could be clicked.
const DRAGGED = 'dragElastic:!1,role:"tab"';
if (!rendered.includes(DRAGGED)) throw new Error('GraphiQL has other tabs than this was written for');
const html = rendered.replace(HEADERS, 'extensions:{headers:$1?.headers,connectionParams:$1?.headers}').replace(DRAGGED, 'drag:!1,role:"tab"');
const scriptHashes = [];
for (let at = html.indexOf('<script>'); at !== -1; ) {
  const from = at + '<script>'.length;
  const to = html.indexOf('</script>', from);
  scriptHashes.push("'sha256-" + createHash('sha256').update(html.slice(from, to)).digest('base64') + "'");
  at = html.indexOf('<script>', to);
}
parentPort.postMessage({ gzipped: gzipSync(html), scriptHashes });
`;

/**
 * The GraphiQL page: everything in one document, no request to any other host, example operations in tabs, and
 * subscriptions over graphql-ws at the same path as queries.
 */
export async function renderPlayground(endpoint: string): Promise<PlaygroundPage> {
  const now = new Date();
  const { gzipped, scriptHashes } = await render({
    title: 'TaskTracker',
    endpoint,
    subscriptionsProtocol: 'WS',
    defaultTabs: EXAMPLE_OPERATIONS.map(({ query, variables }) => ({
      query,
      variables: variables === undefined ? null : JSON.stringify(variables(now), null, 2),
    })),
    shouldPersistHeaders: false,
  });
  const bytes = Buffer.from(gzipped);
  return {
    gzipped: bytes,
    etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
    contentSecurityPolicy: policy(scriptHashes),
  };
}

function render(options: object): Promise<Rendered> {
  return new Promise((resolve, reject) => {
    const module = createRequire(import.meta.url).resolve('@graphql-yoga/render-graphiql');
    const worker = new Worker(RENDER, { eval: true, workerData: { module, options } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The GraphiQL renderer ended with code ${code}.`)));
  });
}

/** Only the page's own script runs (by hash), its editor's workers (blobs), and requests to this server. */
function policy(scriptHashes: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scriptHashes.join(' ')} blob:`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
