import { useQuery } from 'urql';

import { graphql, type ResultOf } from './graphql.js';

const CALLER = graphql(`
  query Caller {
    caller {
      name
      role
      permissions
    }
  }
`);

export type Caller = ResultOf<typeof CALLER>['caller'];
export type Permission = Caller['permissions'][number];

/** Who looks at the page, as the server knows them; null until it has said so. */
export function useCaller(): Caller | null {
  // It holds as long as the key does, and with it the connection: once is enough.
  const [{ data }] = useQuery({ query: CALLER, variables: {}, requestPolicy: 'cache-first' });
  return data?.caller ?? null;
}

/** Whether what takes this permission is to be offered. The server decides by itself. */
export function useMay(permission: Permission): boolean {
  return useCaller()?.permissions.includes(permission) ?? false;
}
