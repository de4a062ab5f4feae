/** The GraphQL documents of the dashboard as it sends them, for servers that run trusted documents only. */
import { createHash } from 'node:crypto';

import { createRequest, formatDocument, stringifyDocument } from '@urql/core';
import { initGraphQLTada } from 'gql.tada';

const CALL = /(?:const|let) (\w+) = graphql\(\s*`([^`]*)`(?:,\s*\[([^\]]*)\])?,?\s*\)/g;
const graphql = initGraphQLTada();

/** The definitions of a source: their names, texts and the fragments that they name. */
function definitionsIn(file, source) {
  const found = [...source.matchAll(CALL)].map(([, name, text, fragments = '']) => ({ file, name, text, fragments: fragments.split(',').map((each) => each.trim()).filter(Boolean) }));
  const calls = source.match(/\bgraphql\(\s*`/g)?.length ?? 0;
  if (calls !== found.length) throw new Error(`${file}: a document is not of the form that this script reads: const NAME = graphql(\`…\`, [FRAGMENT, …])`);
  return found;
}

/** @param sources [file, text] of each module @returns the texts by their SHA-256, as {hash: text} */
export function dashboardDocuments(sources) {
  const definitions = sources.flatMap(([file, source]) => definitionsIn(file, source));
  const made = new Map();
  const make = ({ file, text, fragments }) =>
    graphql(
      text,
      fragments.map((name) => {
        const candidates = definitions.filter((each) => each.name === name);
        const fragment = candidates.find((each) => each.file === file) ?? candidates[0];
        if (fragment === undefined) throw new Error(`${file}: no fragment is called ${name}`);
        if (!made.has(fragment)) made.set(fragment, make(fragment));
        return made.get(fragment);
      }),
    );
  const texts = definitions.map(make).flatMap((document) => {
    const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
    if (operation === undefined) return [];
    // Over WebSocket as it is written; over HTTP as urql's cache makes it, with __typename.
    return [stringifyDocument(operation.operation === 'subscription' ? document : formatDocument(createRequest(document, {}).query))];
  });
  return Object.fromEntries([...new Set(texts)].map((text) => [createHash('sha256').update(text).digest('hex'), text]));
}
