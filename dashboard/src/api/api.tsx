import { createContext, type ReactNode, useContext } from 'react';
import { cacheExchange, Client, fetchExchange, Provider } from 'urql';

import { Connection } from './connection.js';
import type { Endpoint } from './endpoint.js';
import { FeedHealthStore } from './feed-health.js';

/** Everything through which the page reaches the API. Made once, closed by whoever made it. */
export interface Api {
  readonly endpoint: Endpoint;
  readonly connection: Connection;
  readonly health: FeedHealthStore;
  /** Queries and mutations, over fetch. */
  readonly queries: Client;
  close(): void;
}

export function createApi(endpoint: Endpoint): Api {
  const connection = new Connection(endpoint.webSocket);
  const health = new FeedHealthStore(connection);
  return {
    endpoint,
    connection,
    health,
    queries: new Client({
      url: endpoint.graphql,
      exchanges: [cacheExchange, fetchExchange],
      requestPolicy: 'cache-and-network',
      preferGetMethod: false,
    }),
    close() {
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
