import fc from 'fast-check';
import { type DocumentNode, type GraphQLError, type GraphQLSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';

import { ANONYMOUS } from '../../../src/access/caller.js';
import { costOf } from '../../../src/graphql/limits/cost.js';
import { createLimits, DEFAULT_LIMITS, type LimitOptions } from '../../../src/graphql/limits/index.js';
import { checkVariables } from '../../../src/graphql/limits/variables.js';
import { buildTaskTrackerSchema } from '../../../src/graphql/schema.js';
import { MAX_METADATA_BYTES, MAX_METADATA_DEPTH } from '../../../src/lifecycle/metadata.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await buildTaskTrackerSchema();
});

const ALL_STORED = `id taskId executionId queueName messageVersion status enqueuedAt processingStartedAt completedAt failedAt archivedAt
  retryCount maxRetries lastRetryAt errorMessage errorCategory errorStack metadata archivedReason archivedBy createdAt updatedAt
  queueType naturalKey canRetry isStuck waitMs runMs irregularities`;

function problems(source: string, options: Partial<LimitOptions> = {}, variables: Record<string, unknown> = {}): readonly GraphQLError[] {
  const limits = createLimits(schema, options);
  const document = parse(source, { maxTokens: limits.maxTokens });
  const invalid = validate(schema, document, [...specifiedRules, ...limits.validationRules]);
  return invalid.length > 0 ? invalid : limits.checkOperation({ document, operationName: null, variables, caller: ANONYMOUS });
}

const codes = (errors: readonly GraphQLError[]): unknown[] => errors.map(({ extensions }) => extensions['code']);
const cost = (source: string, variables = {}): number => costOf({ schema, document: parse(source), variables });

describe('depth', () => {
  const nested = (levels: number): string => {
    let inner = 'taskId';
    for (let level = 0; level < levels; level += 1) inner = `retryChain { latest { ${inner} } }`;
    return `{ task(executionId: "a") { ${inner} } }`;
  };

  it('says how deep an operation is and how deep it may be', () => {
    const [error] = problems(nested(6));
    expect(error?.extensions).toEqual({ code: 'QUERY_TOO_DEEP', limit: 12, actual: 14 });
    expect(error?.message).toBe('The operation nests fields 14 deep; at most 12 are allowed.');
    expect(problems(nested(5))).toEqual([]);
  });

  it('sees through fragments, named and inline', () => {
    const source = `
      query { task(executionId: "a") { ...A } }
      fragment A on TaskTracker { retryChain { ... { latest { ...B } } } }
      fragment B on TaskTracker { retryChain { latest { taskId } } }`;
    expect(codes(problems(source, { maxDepth: 5 }))).toEqual(['QUERY_TOO_DEEP']);
    expect(problems(source, { maxDepth: 6 })).toEqual([]);
  });

  it('ends on fragments that spread themselves or each other many times over', () => {
    const doubling = Array.from({ length: 60 }, (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`).join('\n');
    const started = performance.now();
    problems(`{ ...F0 } ${doubling} fragment F60 on Query { feed { state } }`);
    problems(`{ ...F0 } ${doubling} fragment F60 on Query { ...F0 }`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('cost of figures', () => {
  const hour = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

  it('grows with the intervals of a series, twenty for an object, and with the queues it is asked for', () => {
    const series = (from: string, interval = 'MINUTE'): number => cost(`{ throughput(from: "${from}", interval: ${interval}) { start completed } }`);
    expect(series(hour(24))).toBe(10 + 72);
    expect(series(hour(0.99))).toBe(10 + 3);
    expect(series(hour(720), 'DAY')).toBe(10 + 2);
    expect(cost('query ($from: DateTime!) { throughput(from: $from) { wait { p50 } run { p95 } } }', { from: hour(24) })).toBe(10 + 72 * 3);
    expect(cost(`{ queues { throughput(from: "${hour(0.99)}") { completed } } }`)).toBe(50 * (1 + 13));
  });

  it('is refused where many queues are asked for a day of minutes', () => {
    const source = `{ queues { name throughput(from: "${hour(24)}") { start completed wait { p50 } run { p50 } } } }`;
    expect(codes(problems(source))).toEqual(['QUERY_TOO_COSTLY']);
    expect(problems(source.replace('queues', 'queue(name: "a")'))).toEqual([]);
  });

  it('is bounded for a range that will be refused, and measured with ranges by variables', () => {
    expect(cost('{ throughput(from: "0001-01-01T00:00:00Z") { start } }')).toBe(10 + 72);
    expect(cost('{ throughput(from: "9999-01-01T00:00:00Z") { start } }')).toBe(10 + 1);
  });

  it('multiplies groups by first, with their samples', () => {
    expect(cost('{ errorGroups { count } }')).toBe(10 + 20);
    expect(cost('{ errorGroups(first: 200) { sample { executionId } } }')).toBe(10 + 200 * 2);
    expect(cost('{ errorGroups(first: null) { count } }')).toBe(10 + 20);
    expect(cost('{ errorGroups(first: 100) { failures(from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", interval: HOUR) { count } } }')).toBe(10 + 100 * (1 + 2));
  });
});

describe('counts', () => {
  it('limits aliases', () => {
    const aliases = (count: number) => `{ task(executionId: "a") { ${Array.from({ length: count }, (_, n) => `a${n}: taskId`).join(' ')} } }`;
    expect(problems(aliases(30))).toEqual([]);
    expect(problems(aliases(31))[0]?.extensions).toEqual({ code: 'TOO_MANY_ALIASES', limit: 30, actual: 31 });
  });

  it('limits fields at the root, those in fragments included', () => {
    const source = (count: number) =>
      `{ ...R feed { state } } fragment R on Query { ${Array.from({ length: count }, (_, n) => `q${n}: feed { state }`).join(' ')} }`;
    expect(problems(source(19))).toEqual([]);
    expect(problems(source(20))[0]?.extensions).toEqual({ code: 'TOO_MANY_ROOT_FIELDS', limit: 20, actual: 21 });
  });

  it('limits directives', () => {
    const source = (count: number) => `{ feed { ${'state @include(if: true) '.repeat(count)} } }`;
    expect(problems(source(50))).toEqual([]);
    expect(problems(source(51))[0]?.extensions).toEqual({ code: 'TOO_MANY_DIRECTIVES', limit: 50, actual: 51 });
  });

  it('limits tokens before anything is validated', () => {
    expect(() => problems(`{ feed { ${'state '.repeat(2_000)} } }`)).toThrow(/2000 tokens/);
  });
});

describe('cost', () => {
  it('lets a full page with all fields and all attempts through', () => {
    const source = `{ tasks(first: 200) { totalCount feedCursor pageInfo { hasNextPage } nodes { ${ALL_STORED} retryChain { attemptCount attempts { ${ALL_STORED} } } queue { name stats { total } } } } }`;
    expect(problems(source)).toEqual([]);
  });

  it('refuses lists in lists in lists, saying both figures', () => {
    const source = '{ tasks(first: 200) { nodes { retryChain { attempts { retryChain { attempts { retryChain { attempts { taskId } } } } } } } } }';
    const [error] = problems(source);
    expect(error?.extensions).toEqual({ code: 'QUERY_TOO_COSTLY', limit: 10_000, actual: cost(source) });
    expect(error?.message).toContain(String(cost(source)));
  });

  it('multiplies by first and last, given in the document or by a variable, and by 50 where neither is', () => {
    const by = (size: string) => cost(`{ tasks${size} { nodes { taskId } } }`);
    // The page itself is one object.
    expect(by('(first: 100)') - 1).toBe(10 * (by('(first: 10)') - 1));
    expect(by('(last: 100)')).toBe(by('(first: 100)'));
    expect(by('')).toBe(by('(first: 50)'));
    expect(cost('query ($n: Int) { tasks(first: $n) { nodes { taskId } } }', { n: 100 })).toBe(by('(first: 100)'));
    expect(cost('query ($n: Int = 100) { tasks(first: $n) { nodes { taskId } } }')).toBe(by('(first: 100)'));
  });

  it('counts a live list as the page that it is', () => {
    const list = (first: string) => cost(`subscription { liveTasks${first} { kind tasks { taskId retryChain { attemptCount } } } }`);
    expect(list('(first: 100)')).toBe(cost('{ tasks(first: 100) { nodes { taskId retryChain { attemptCount } } } }'));
    expect(list('')).toBe(list('(first: 50)'));
  });

  it('counts a page that repeats under other names each time', () => {
    const pages = (count: number) => `{ ${Array.from({ length: count }, (_, n) => `p${n}: tasks(first: 200) { nodes { retryChain { attempts { taskId } } } }`).join(' ')} }`;
    expect(problems(pages(5))).toEqual([]);
    expect(codes(problems(pages(8)))).toEqual(['QUERY_TOO_COSTLY']);
  });

  it('leaves out what directives leave out', () => {
    const source = 'query ($with: Boolean!) { tasks { nodes { taskId retryChain @include(if: $with) { attemptCount } } } }';
    expect(cost(source, { with: false })).toBeLessThan(cost(source, { with: true }));
  });

  it('gives up on fragments that multiply beyond measure', () => {
    const doubling = Array.from({ length: 20 }, (_, n) => `fragment F${n} on RetryChain { ...F${n + 1} latest { retryChain { ...F${n + 1} } } }`).join('\n');
    const document: DocumentNode = parse(`{ retryChain(taskId: "a") { ...F0 } } ${doubling} fragment F20 on RetryChain { attemptCount }`);
    const errors = createLimits(schema).checkOperation({ document, operationName: null, variables: {}, caller: ANONYMOUS });
    expect(codes(errors)).toEqual(['QUERY_TOO_COSTLY']);
  });

  it('leaves variables that do not fit to the execution', () => {
    expect(problems('query ($n: Int!) { tasks(first: $n) { nodes { taskId } } }', {}, { n: 'many' })).toEqual([]);
  });

  it('of a document that comes again is measured by what it comes with', () => {
    const limits = createLimits(schema, { maxCost: 300 });
    const document = parse('query ($n: Int = 10, $deep: Boolean!, $taskId: String!) { tasks(first: $n) { nodes { taskId retryChain @include(if: $deep) { attemptCount } } } retryChain(taskId: $taskId) { status } }');
    const check = (variables: Record<string, unknown>) => codes(limits.checkOperation({ document, operationName: null, variables, caller: ANONYMOUS }));
    for (let times = 0; times < 2; times += 1) {
      expect(check({ deep: false, taskId: `t:${times}` })).toEqual([]);
      expect(check({ n: 200, deep: false, taskId: 't' })).toEqual([]);
      expect(check({ n: 200, deep: true, taskId: 't' })).toEqual(['QUERY_TOO_COSTLY']);
      expect(check({ n: 10, deep: true, taskId: 't' })).toEqual([]);
      // What does not fit was not measured, and says nothing of what fits.
      expect(check({ n: 199, deep: true, taskId: 7 })).toEqual([]);
      expect(check({ n: 199, deep: true, taskId: 't' })).toEqual(['QUERY_TOO_COSTLY']);
    }
  });

  it('of several operations in a document that comes again is that of the one named', () => {
    const limits = createLimits(schema, { maxCost: 50 });
    const document = parse('query Small { feed { state } } query Big { tasks(first: 200) { nodes { taskId } } }');
    const check = (operationName: string) => codes(limits.checkOperation({ document, operationName, variables: {}, caller: ANONYMOUS }));
    expect(['Small', 'Small', 'Big', 'Small', 'Big'].map(check)).toEqual([[], [], ['QUERY_TOO_COSTLY'], [], ['QUERY_TOO_COSTLY']]);
  });

  it('measures the operation that is named, among several', () => {
    const document = parse('query Small { feed { state } } query Big { tasks(first: 200) { nodes { taskId } } }');
    expect(costOf({ schema, document, operationName: 'Small' })).toBeLessThan(costOf({ schema, document, operationName: 'Big' }));
  });
});

describe('introspection', () => {
  it("lets GraphiQL's question through", () => {
    const source = getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true });
    expect(problems(source)).toEqual([]);
  });

  it('can be switched off, leaving __typename', () => {
    expect(codes(problems('{ __schema { types { name } } }', { introspection: false }))).toEqual(['INTROSPECTION_DISABLED']);
    expect(codes(problems('{ __type(name: "Query") { name } }', { introspection: false }))).toEqual(['INTROSPECTION_DISABLED']);
    expect(problems('{ __typename feed { __typename } }', { introspection: false })).toEqual([]);
  });

  it('is on by default', () => {
    expect(DEFAULT_LIMITS.introspection).toBe(true);
  });
});

describe('variables', () => {
  const withVariables = (variables: Record<string, unknown>, options: Partial<LimitOptions> = {}) => problems('{ __typename }', options, variables);
  const nested = (levels: number): Record<string, unknown> => {
    let value = {};
    for (let level = 1; level < levels; level += 1) value = { value };
    return value;
  };

  it('may take so many bytes, counted as JSON in UTF-8', () => {
    expect(withVariables({ a: '€' }, { maxVariablesBytes: 11 })).toEqual([]);
    const [error] = withVariables({ a: '€' }, { maxVariablesBytes: 10 });
    expect(error?.extensions).toEqual({ code: 'VARIABLES_TOO_LARGE', limit: 10, actual: 11 });
  });

  it('of any kind are measured to the byte', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }))), (variables) => {
        const actual = Buffer.byteLength(JSON.stringify(variables));
        expect(checkVariables(variables, { ...DEFAULT_LIMITS, maxVariablesBytes: actual })).toEqual([]);
        expect(codes(checkVariables(variables, { ...DEFAULT_LIMITS, maxVariablesBytes: actual - 1 }))).toEqual(['VARIABLES_TOO_LARGE']);
      }),
      { numRuns: 2_000 },
    );
  });

  it('may nest so deep, in objects and lists', () => {
    expect(withVariables(nested(5), { maxVariablesDepth: 5 })).toEqual([]);
    expect(codes(withVariables(nested(6), { maxVariablesDepth: 5 }))).toEqual(['VARIABLES_TOO_DEEP']);
    expect(codes(withVariables({ a: [[[[[]]]]] }, { maxVariablesDepth: 5 }))).toEqual(['VARIABLES_TOO_DEEP']);
  });

  it('of a hundred thousand levels are refused without walking them', () => {
    expect(codes(withVariables(nested(100_000)))).toEqual(['VARIABLES_TOO_DEEP']);
  });

  it('have room for the largest metadata that an execution may have', () => {
    expect(DEFAULT_LIMITS.maxVariablesBytes).toBeGreaterThan(MAX_METADATA_BYTES);
    expect(withVariables({ input: { metadata: nested(MAX_METADATA_DEPTH) } })).toEqual([]);
  });
});
