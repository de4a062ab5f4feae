const times = (count: number, text: (index: number) => string): string => Array.from({ length: count }, (_, index) => text(index)).join(' ');
export const body = (query: string, variables: unknown = {}): string => JSON.stringify({ query, variables });
const nested = (levels: number): string => `{ task(executionId: "x") { ${'retryChain { latest { '.repeat(levels / 2)} taskId ${'} } '.repeat(levels / 2)} } }`;
const fragments = (count: number, on: string, last: string): string => `${times(count, (index) => `fragment f${index} on ${on} { ...f${index + 1} ...f${index + 1} }`)} fragment f${count} on ${on} { ${last} }`;
export const FILTER = 'query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }';
export const ENQUEUE = 'mutation ($metadata: JSONObject) { enqueueTask(input: { taskId: "a", queueName: "b", metadata: $metadata }) { task { id } userErrors { code } } }';
const inside = (levels: number, text: string): string => '{"a":'.repeat(levels) + text + '}'.repeat(levels);

/** An operation, and the code with which it is refused; null where what it asks for is harmless, and is answered. */
export type Attack = readonly [what: string, body: string, code: string | null];

export const ATTACKS: readonly Attack[] = [
  ['10,000 aliases', body(`{ ${times(10_000, (index) => `a${index}: __typename`)} }`), 'GRAPHQL_PARSE_FAILED'],
  ['600 aliases', body(`{ ${times(600, (index) => `a${index}: __typename`)} }`), 'TOO_MANY_ALIASES'],
  ['the same field 1,900 times', body(`{ ${'__typename '.repeat(1_900)} }`), 'TOO_MANY_ROOT_FIELDS'],
  ['fields 1,000 deep', body(nested(1_000)), 'QUERY_TOO_DEEP'],
  ['fields 300 deep', body(nested(300)), 'QUERY_TOO_DEEP'],
  ['lists 400 deep in a literal', body(`{ tasks(filter: { metadata: [{ path: "a", eq: ${'['.repeat(400)}${']'.repeat(400)} }] }) { totalCount } }`), 'INVALID_INPUT'],
  ['1,990 lists that are never closed', body(`{ tasks(filter: ${'['.repeat(1_990)}`), 'QUERY_TOO_DEEP'],
  ['objects 660 deep in a literal', body(`{ tasks(filter: ${'{a:'.repeat(660)}`), 'QUERY_TOO_DEEP'],
  ['a fragment that spreads itself', body('{ ...a } fragment a on Query { ...a }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['fragments that spread one another', body('{ ...a } fragment a on Query { ...b } fragment b on Query { ...c feed { state } } fragment c on Query { ...a }'), 'GRAPHQL_VALIDATION_FAILED'],
  ['a cycle of 150 fragments', body(`{ ...f0 } ${times(150, (index) => `fragment f${index} on Query { ...f${(index + 1) % 150} }`)}`), 'GRAPHQL_VALIDATION_FAILED'],
  ['fragments that double 60 times at the root', body(`{ ...f0 } ${fragments(60, 'Query', 'feed { state }')}`), 'TOO_MANY_ROOT_FIELDS'],
  ['fragments that double 60 times below', body(`{ tasks { nodes { ...f0 } } } ${fragments(60, 'TaskTracker', 'taskId')}`), 'QUERY_TOO_COSTLY'],
  ['200 directives', body(`{ ${times(200, () => '__typename @include(if: true)')} }`), 'TOO_MANY_DIRECTIVES'],
  ['a directive 250 times on one field', body(`{ __typename ${times(250, () => '@include(if: true)')} }`), 'GRAPHQL_VALIDATION_FAILED'],
  ['inline fragments 450 deep', body(`{ ${'... { '.repeat(450)} __typename ${'} '.repeat(450)} }`), null],
  ['pages of pages', body('{ tasks(first: 200) { nodes { retryChain { attempts { retryChain { attempts { taskId } } } } } } }'), 'QUERY_TOO_COSTLY'],
  ['introspection of types of types', body(`{ __schema { types { ${'fields { type { '.repeat(20)} name ${'} } '.repeat(20)} } } }`), 'GRAPHQL_VALIDATION_FAILED'],
  ['a name of 900 KB', body(`{ ${'a'.repeat(900_000)} }`), 'GRAPHQL_VALIDATION_FAILED'],
  ['a text of 900 KB', body(`{ task(executionId: "${'a'.repeat(900_000)}") { id } }`), 'INVALID_INPUT'],
  ['a comment of 900 KB', body(`{ __typename } # ${'a'.repeat(900_000)}`), null],
  ['a number of 100,000 digits', body(`{ tasks(first: 1${'0'.repeat(100_000)}) { totalCount } }`), 'GRAPHQL_VALIDATION_FAILED'],
  ['100,000 braces that are never closed', body('{a'.repeat(100_000)), 'QUERY_TOO_DEEP'],
  ['a list of 100,000 texts', body(FILTER, { filter: { queueName: new Array(100_000).fill('q') } }), 'INVALID_INPUT'],
  ['a list of 150,000 objects for texts', body(FILTER, { filter: { queueName: new Array(150_000).fill({}) } }), 'BAD_USER_INPUT'],
  ['variables of 900 KB', body(FILTER, { filter: { queueName: new Array(300_000).fill({}) } }), 'VARIABLES_TOO_LARGE'],
  ['9,000 conditions', `{"query":${JSON.stringify(FILTER)},"variables":{"filter":{"metadata":[${new Array(9_000).fill('{"path":"a","eq":[[[]]],"in":[{}],"exists":true,"x":1}').join()}]}}}`, 'BAD_USER_INPUT'],
  ['40,000 unknown names', body(FILTER, { filter: Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`n${index}`, 1])) }), 'BAD_USER_INPUT'],
  ['metadata 50,000 deep', `{"query":${JSON.stringify(ENQUEUE)},"variables":{"metadata":${inside(50_000, '1')}}}`, 'VARIABLES_TOO_DEEP'],
  ['lists 400,000 deep for a text', `{"query":${JSON.stringify(FILTER)},"variables":{"filter":{"taskId":${'['.repeat(400_000)}${']'.repeat(400_000)}}}}`, 'VARIABLES_TOO_DEEP'],
  ['lists 400,000 deep for any value', `{"query":${JSON.stringify(FILTER)},"variables":{"filter":{"metadata":[{"path":"a","eq":${'['.repeat(400_000)}${']'.repeat(400_000)}}]}}}`, 'VARIABLES_TOO_DEEP'],
];

/** The same where an operator lets operations in as long as the settings can: what stands behind the limit of tokens. */
export const LONG_ATTACKS: readonly Attack[] = [
  ['3,000 aliases', body(`{ ${times(3_000, (index) => `a${index}: __typename`)} }`), 'TOO_MANY_ALIASES'],
  ['fields 1,000 deep', body(nested(1_000)), 'QUERY_TOO_DEEP'],
  ['fields 3,300 deep', body(nested(3_300)), 'QUERY_TOO_DEEP'],
  ['4,900 braces that are never closed', body('{a'.repeat(4_900)), 'QUERY_TOO_DEEP'],
  ['lists 4,900 deep in a literal', body(`{ tasks(filter: { metadata: [{ path: "a", eq: ${'['.repeat(4_900)}${']'.repeat(4_900)} }] }) { totalCount } }`), 'QUERY_TOO_DEEP'],
  ['9,900 brackets that are never closed', body(`{ tasks(filter: ${'['.repeat(9_900)}`), 'QUERY_TOO_DEEP'],
  ['a type of 4,900 lists', body(`query ($a: ${'['.repeat(4_900)}String${']'.repeat(4_900)}) { __typename }`), 'QUERY_TOO_DEEP'],
  ['inline fragments 3,300 deep', body(`{ ${'... { '.repeat(3_300)} __typename ${'} '.repeat(3_300)} }`), 'QUERY_TOO_DEEP'],
  ['a cycle of 1,200 fragments', body(`{ ...f0 } ${times(1_200, (index) => `fragment f${index} on Query { ...f${(index + 1) % 1_200} }`)}`), 'GRAPHQL_VALIDATION_FAILED'],
  ['a chain of 1,200 fragments', body(`{ ...f0 } ${times(1_200, (index) => `fragment f${index} on Query { ...f${index + 1} }`)} fragment f1200 on Query { __typename }`), null],
  ['1,000 fragments of one field each', body(`{ ${times(1_000, (index) => `...f${index}`)} } ${times(1_000, (index) => `fragment f${index} on Query { __typename }`)}`), 'TOO_MANY_ROOT_FIELDS'],
];
