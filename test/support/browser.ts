import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import net from 'node:net';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { inject } from 'vitest';

import { findChromium, launchChromium } from '../../scripts/chromium.mjs';

const found = await findChromium(inject('cacheDir'));
if (found === null) {
  const message = 'There is no Chromium for this platform among the packages, and no Chrome is installed.';
  if (process.env['CI'] === 'true') throw new Error(message);
  console.warn(`The browser tests do not run: ${message}`);
}

/** Whether there is a browser to test with. Never false where CI is `true`: then its absence is an error. */
export const browserThere = found !== null;

/** A real Chromium, without a window. */
export function launchBrowser(): Promise<Browser> {
  if (found === null) throw new Error('There is no browser: ask browserThere first.');
  return launchChromium(found);
}

/** A page and everything about it that must not be. */
export interface WatchedPage {
  readonly page: Page;
  /** URLs on other hosts that were asked for. */
  readonly external: readonly string[];
  /** Errors on the console, uncaught ones, and what the Content-Security-Policy refused. */
  readonly errors: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PageOptions extends BrowserContextOptions {
  /** Done before the page is loaded. */
  readonly before?: (page: Page) => Promise<void>;
}

/** @param url the only host that the page may ask */
export async function openPage(browser: Browser, url: string, { before, ...options }: PageOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const { host } = new URL(url);
  const external: string[] = [];
  const errors: string[] = [];
  const watch = (asked: string): void => {
    const { protocol, host: other } = new URL(asked);
    if (/^(https?|wss?):$/.test(protocol) && other !== host) external.push(asked);
  };
  page.on('request', (sent) => watch(sent.url()));
  page.on('websocket', (socket) => watch(socket.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) errors.push(message.text());
  });
  page.setDefaultTimeout(15_000);
  await page.exposeFunction('reportViolation', (text: string) => errors.push(text));
  await page.addInitScript(`document.addEventListener('securitypolicyviolation', (event) => reportViolation(event.violatedDirective + ' ' + event.blockedURI))`);
  await before?.(page);
  await page.goto(url);
  return { page, external, errors, [Symbol.asyncDispose]: () => context.close() };
}

/** As in a browser that lets no page write files: what is saved is a download. */
export function withoutFilePicker(page: Page): Promise<void> {
  return page.addInitScript('delete globalThis.showSaveFilePicker');
}

/** The text of the whole page once the feed is shown as live. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator('[data-health="live"]').waitFor();
}

export interface Proxy {
  /** URL under which the server behind appears: with a path, and a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** A reverse proxy that serves another server under a path, which that server does not know of. */
export async function proxyUnder(prefix: string, behind: string): Promise<Proxy> {
  const target = new URL(behind);
  const stripped = (incoming: IncomingMessage): string | null => {
    const path = incoming.url ?? '';
    return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
  };
  const server: Server = createServer((incoming, answer) => {
    const path = stripped(incoming);
    if (path === null) {
      answer.writeHead(404).end();
      return;
    }
    const forwarded = request({ host: target.hostname, port: target.port, method: incoming.method, path, headers: incoming.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    incoming.pipe(forwarded);
  });
  server.on('upgrade', (incoming, socket, head) => {
    const path = stripped(incoming);
    if (path === null) {
      socket.destroy();
      return;
    }
    const forwarded = net.connect(Number(target.port), target.hostname, () => {
      const headers = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}`);
      forwarded.write(`GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
      forwarded.write(head);
      socket.pipe(forwarded).pipe(socket);
    });
    forwarded.on('error', () => socket.destroy());
    socket.on('error', () => forwarded.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
