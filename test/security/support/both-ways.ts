import { RawSocket } from '../../support/clients.js';

/** How an operation was answered, by either transport. */
export interface Answer {
  /** Codes of its errors; empty where there are none. */
  readonly codes: readonly string[];
  readonly ms: number;
}

const codesOf = (errors: unknown): readonly string[] => ((errors ?? []) as { extensions?: { code?: string } }[]).map(({ extensions }) => extensions?.code ?? 'none');

/** A body of one operation, as text: what no serialiser would write can be in it. */
export async function overHttp(url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Promise<Answer & { readonly status: number }> {
  const begun = performance.now();
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  const { errors } = (await response.json()) as { errors?: unknown };
  return { status: response.status, codes: codesOf(errors), ms: performance.now() - begun };
}

/** The same body as the payload of a `subscribe`, on a connection of its own. `closed` is the code with which the connection ended instead of an answer. */
export async function overSocket(url: string, body: string, payload?: Record<string, unknown>): Promise<Answer & { readonly closed: number | null }> {
  const raw = await RawSocket.acknowledged(url, payload);
  const begun = performance.now();
  raw.send(`{"id":"1","type":"subscribe","payload":${body}}`);
  const answer = await Promise.race([raw.until(({ id }) => id === '1'), raw.closed]);
  const ms = performance.now() - begun;
  raw.socket.terminate();
  if ('code' in answer) return { codes: [], closed: answer.code, ms };
  const errors = answer.type === 'error' ? answer.payload : (answer.payload as { errors?: unknown }).errors;
  return { codes: codesOf(errors), closed: null, ms };
}
