import type { TadaDocumentNode } from 'gql.tada';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { type AnyVariables, useQuery } from 'urql';

import { useApi } from './api.js';
import { type ApiError, fromCombined } from './errors.js';
import type { FeedHealth } from './feed-health.js';
import { type Fold, type Live, LiveStore } from './live-store.js';
import { queryText } from './query-text.js';

/** Whether what is on the screen is what stands in the database, and since when not. */
export function useFeedHealth(): FeedHealth {
  const { health } = useApi();
  return useSyncExternalStore(health.listen, health.get);
}

export interface Answer<Data> {
  /** The newest answer; kept while the same question is asked again. */
  readonly data: Data | undefined;
  readonly fetching: boolean;
  readonly error: ApiError | null;
  refetch(): void;
}

/** Asks once, and again after every reconnect and resync. `pause` waits. */
export function useApiQuery<Data, Variables extends AnyVariables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables,
  options: { readonly pause?: boolean } = {},
): Answer<Data> {
  const { health } = useApi();
  const { pause = false } = options;
  const [{ data, fetching, error }, execute] = useQuery<Data, Variables>({ query: document, variables, pause });
  const epoch = useSyncExternalStore(health.listen, health.epoch);
  const asked = useRef(epoch);
  useEffect(() => {
    if (pause || asked.current === epoch) return;
    asked.current = epoch;
    execute({ requestPolicy: 'network-only' });
  }, [epoch, execute, pause]);
  return { data, fetching, error: fromCombined(error), refetch: () => execute({ requestPolicy: 'network-only' }) };
}

const NOTHING = (): (() => void) => () => undefined;

/**
 * A subscription folded into a state, for as long as the component is there.
 *
 * @param variables null: do not subscribe, the state is the fold's initial one. Compared by their JSON.
 * @param fold must be the same object on every call: define it outside the component
 */
export function useLive<State, Data, Variables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables | null,
  fold: Fold<State, Data>,
): Live<State> {
  const { connection } = useApi();
  const key = JSON.stringify(variables);
  const [store, setStore] = useState<{ readonly key: string; readonly live: LiveStore<State, Data> } | null>(null);
  useEffect(() => {
    if (key === 'null') return undefined;
    const operation = { query: queryText(document), variables: JSON.parse(key) as Record<string, unknown> };
    const live = new LiveStore<State, Data>(connection, operation, fold);
    setStore({ key, live });
    return () => {
      live.close();
      setStore(null);
    };
  }, [connection, document, fold, key]);
  const initial = useMemo<Live<State>>(() => ({ value: fold.initial, waiting: true, error: null }), [fold]);
  const current = store?.key === key ? store.live : null;
  return useSyncExternalStore(current?.listen ?? NOTHING, current?.get ?? (() => initial));
}

/** Runs at every message, once for each, in order; nothing is kept. `run` may change between calls. */
export function useLiveEvents<Data, Variables>(
  document: TadaDocumentNode<Data, Variables>,
  variables: Variables | null,
  run: (data: Data) => void,
): void {
  const { connection } = useApi();
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (key === 'null') return undefined;
    const operation = { query: queryText(document), variables: JSON.parse(key) as Record<string, unknown> };
    return connection.subscribe<Data>(operation, {
      next: (data) => latest.current(data),
      restart: () => undefined,
      fail: () => undefined,
    });
  }, [connection, document, key]);
}
