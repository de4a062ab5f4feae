import { createContext, type ReactNode, useContext } from 'react';
import { Client, fetchExchange, type OperationResult, Provider } from 'urql';

import { Connection } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { FeedHealthStore } from './feed-health.js';
import { recentAnswers } from './recent-answers.js';
import { RecentMap } from './recent-map.js';
import type { Session } from './session.js';

/** HTTP status of a server that wants to know who asks. */
export const UNAUTHENTICATED = 401;

/** More than the views have questions, in a few ranges of time each. */
const MOST_ANSWERS = 100;

/** Everything through which the page reaches the API. Made once, closed by whoever made it. */
export interface Api {
  readonly endpoint: Endpoint;
  readonly session: Session;
  readonly connection: Connection;
  readonly health: FeedHealthStore;
  /** Queries and mutations, over fetch. */
  readonly queries: Client;
  close(): void;
}

export function createApi(endpoint: Endpoint, session: Session): Api {
  let closed = false;
  // An answer that comes late is about whoever looked before.
  const refuse = (): void => {
    if (!closed) session.refuse();
  };
  const connection = new Connection(endpoint.webSocket, { params: session.headers, onRefused: refuse });
  const health = new FeedHealthStore(connection);
  return {
    endpoint,
    session,
    connection,
    health,
    queries: new Client({
      url: endpoint.graphql,
      exchanges: [recentAnswers(new RecentMap<number, OperationResult>(MOST_ANSWERS)), fetchExchange],
      requestPolicy: 'cache-and-network',
      preferGetMethod: false,
      fetchOptions: () => ({ headers: session.headers() }),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        if (response.status === UNAUTHENTICATED) refuse();
        return response;
      },
    }),
    close() {
      closed = true;
      health.close();
      connection.close();
    },
  };
}

const ApiContext = createContext<Api | null>(null);

export function ApiProvider({ api, children }: { readonly api: Api; readonly children: ReactNode }) {
  return (
    <ApiContext.Provider value={api}>
      <Provider value={api.queries}>{children}</Provider>
    </ApiContext.Provider>
  );
}

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === null) throw new Error('useApi() needs an ApiProvider around it');
  return api;
}
