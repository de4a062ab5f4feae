import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';

import type { TaskFilter } from '../routing/task-filter.js';
import type { BulkAction } from './documents.js';

/** What the dialog is to ask about. */
export interface BulkRequest {
  /** As the API takes it: instants are instants. */
  readonly filter: TaskFilter;
  /** Where it is not to be chosen. */
  readonly action?: BulkAction;
}

/** The dialog and what runs, over all views: an operation outlives the dialog and the view that began it. */
export interface Bulk {
  /** Opens the dialog. */
  ask(request: BulkRequest): void;
  /** Opens the dialog of an operation. */
  open(id: string): void;
  /** Closes the dialog; what runs goes on. */
  close(): void;
  /** Shows an operation until it is forgotten. */
  watch(ids: readonly string[]): void;
  forget(id: string): void;
  readonly asked: BulkRequest | null;
  readonly opened: string | null;
  readonly watched: readonly string[];
}

const BulkContext = createContext<Bulk | null>(null);

export function BulkProvider({ children }: { readonly children: ReactNode }) {
  const [asked, setAsked] = useState<BulkRequest | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const [watched, setWatched] = useState<readonly string[]>([]);
  const watch = useCallback((ids: readonly string[]) => setWatched((before) => (ids.every((id) => before.includes(id)) ? before : [...new Set([...before, ...ids])])), []);
  const forget = useCallback((id: string) => setWatched((before) => before.filter((other) => other !== id)), []);
  const ask = useCallback((request: BulkRequest) => {
    setOpened(null);
    setAsked(request);
  }, []);
  const open = useCallback((id: string) => {
    setAsked(null);
    setOpened(id);
  }, []);
  const close = useCallback(() => {
    setAsked(null);
    setOpened(null);
  }, []);
  const bulk = useMemo(() => ({ ask, open, close, watch, forget, asked, opened, watched }), [ask, open, close, watch, forget, asked, opened, watched]);
  return <BulkContext.Provider value={bulk}>{children}</BulkContext.Provider>;
}

export function useBulk(): Bulk {
  const bulk = useContext(BulkContext);
  if (bulk === null) throw new Error('useBulk() needs a BulkProvider around it');
  return bulk;
}
