import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { documentsIn, type DocumentTexts } from './trusted/read-file.js';

/** Where the build puts the dashboard, from these sources and from the built package alike. */
export const DASHBOARD_FOLDER = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url));

/** A body in every encoding that it is served in; null where an encoding does not make it smaller. */
export interface EncodedBody {
  readonly plain: Buffer;
  readonly br: Buffer | null;
  readonly gzip: Buffer | null;
}

export interface StaticFile extends EncodedBody {
  readonly contentType: string;
  /** Strong validator, quotes included. */
  readonly etag: string;
}

/** The built dashboard, all of it in memory. */
export interface DashboardFiles {
  /** By path below the dashboard's root, e.g. `assets/index-1a2b3c.js`. Their names change with their content. */
  readonly assets: ReadonlyMap<string, StaticFile>;
  readonly contentSecurityPolicy: string;
  /** What it asks the API, by SHA-256: for servers that run trusted documents only. */
  readonly documents: DocumentTexts;
  /**
   * The page for a path that lies this many folders below the dashboard's root. Every URL in it is relative to that
   * root, so it works under any path that a proxy or an embedding server has put it at.
   */
  page(depth: number): StaticFile;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const BASE_PLACE = '<!--base-->';
/** No page of the dashboard lies deeper; what does is a wrong URL, for which any depth would do. */
const DEEPEST = 8;

/** Reads the built dashboard; null where it has not been built. */
export async function loadDashboard(folder: string = DASHBOARD_FOLDER): Promise<DashboardFiles | null> {
  const index = await readFile(path.join(folder, 'index.html'), 'utf8').catch(() => null);
  if (index === null) return null;
  const assets = new Map<string, StaticFile>();
  const names = await readdir(path.join(folder, 'assets'));
  await Promise.all(
    names.map(async (name) => {
      const contentType = CONTENT_TYPES[path.extname(name)];
      if (contentType === undefined) return;
      const file = path.join(folder, 'assets', name);
      const [plain, br, gzip] = await Promise.all([readFile(file), readIfThere(`${file}.br`), readIfThere(`${file}.gz`)]);
      assets.set(`assets/${name}`, { contentType, plain, br, gzip, etag: etagOf(plain) });
    }),
  );
  const pages = new Map<number, StaticFile>();
  const documents = path.join(folder, 'documents.json');
  return {
    assets,
    contentSecurityPolicy: policy(index),
    documents: documentsIn(await readFile(documents, 'utf8'), documents),
    page(depth) {
      const up = Math.min(DEEPEST, Math.max(0, depth));
      let page = pages.get(up);
      if (page === undefined) {
        page = renderPage(index, up);
        pages.set(up, page);
      }
      return page;
    },
  };
}

function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch(() => null);
}

function renderPage(index: string, depth: number): StaticFile {
  const plain = Buffer.from(index.replace(BASE_PLACE, `<base href="${depth === 0 ? './' : '../'.repeat(depth)}" />`));
  return { contentType: 'text/html; charset=utf-8', plain, br: brotliCompressSync(plain), gzip: gzipSync(plain), etag: etagOf(plain) };
}

function etagOf(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url')}"`;
}

/** Scripts, styles, images and requests of this server only; the script that stands in the page itself, by its hash. */
function policy(index: string): string {
  const hashes = [...index.matchAll(/<script>([^]*?)<\/script>/g)].map(([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes].join(' ')}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}
