/** Where the API is, seen from the page. */
export interface Endpoint {
  /** Path of the dashboard's root without a slash at its end: '' at the root of a host. */
  readonly basePath: string;
  readonly graphql: string;
  readonly webSocket: string;
  readonly graphiql: string;
  readonly export: string;
}

/**
 * @param base URL that every URL of the page is relative to: the server sets it by `<base>`, so it holds under any path
 * that a proxy or an embedding server has put the dashboard at.
 */
export function endpointOf(base: string): Endpoint {
  const root = new URL('.', base);
  const graphql = new URL('graphql', root);
  const webSocket = new URL(graphql);
  webSocket.protocol = graphql.protocol === 'https:' ? 'wss:' : 'ws:';
  return {
    basePath: root.pathname.replace(/\/$/, ''),
    graphql: graphql.href,
    webSocket: webSocket.href,
    graphiql: new URL('graphiql', root).href,
    export: new URL('export', root).href,
  };
}
