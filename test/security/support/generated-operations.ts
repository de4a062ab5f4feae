import fc from 'fast-check';
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isAbstractType,
  type OperationTypeNode,
} from 'graphql';

export type OperationKind = 'query' | 'mutation' | 'subscription';

export interface GeneratedOperation {
  readonly kind: OperationKind;
  /** The body of a request as text: not always JSON. */
  readonly body: string;
}

/** A value that a client gives, as JSON. */
type Json = unknown;

const MOST_FIELDS = 5;

const strangeText = fc.oneof(
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 3 },
  { arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }), weight: 2 },
  { arbitrary: fc.constantFrom('', ' ', '\0', '__proto__', 'constructor', '$where', '$$ROOT', '{"$ne":1}', '\ud800', '💥', '\u202e', '"', '"""', '\\', '\n', '%00', '../..', 'NaN', '1e999', 'a'.repeat(600), 'a'.repeat(5_000)), weight: 3 },
  { arbitrary: fc.base64String({ maxLength: 60 }), weight: 1 },
);

const strangeNumber = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, -1, 1, 200, 201, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 5e-324, 315_360_000_000, 0.5));
const strangeInstant = fc.oneof(
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.integer({ min: -40 * 86_400_000, max: 86_400_000 }).map((ago) => new Date(Date.now() + ago).toISOString()),
  fc.constantFrom('2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '+275760-09-13T00:00:00Z', '2026-01-01', '', '2026-01-01T00:00:00+23:59'),
);
const anyJson = fc.jsonValue({ maxDepth: 4 });

/** Mostly a value of the type, now and then any other. */
function mostly(value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.oneof({ arbitrary: value, weight: 30 }, { arbitrary: anyJson, weight: 1 }, { arbitrary: fc.constant(null), weight: 1 });
}

function scalarOf(name: string, known: readonly string[]): fc.Arbitrary<Json> {
  switch (name) {
    case 'Int':
      return fc.oneof({ arbitrary: fc.integer({ min: 1, max: 20 }), weight: 3 }, { arbitrary: strangeNumber, weight: 1 });
    case 'Float':
      return fc.oneof(fc.integer({ min: 0, max: 10_000_000 }), strangeNumber);
    case 'Boolean':
      return fc.boolean();
    case 'DateTime':
      return strangeInstant;
    case 'JSON':
      return fc.oneof(fc.string(), fc.integer(), fc.boolean(), anyJson);
    case 'JSONObject':
      return fc.dictionary(fc.string({ maxLength: 10 }), anyJson, { maxKeys: 5 });
    default:
      return fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 2 }, { arbitrary: strangeText, weight: 1 });
  }
}

/** Values of an input's type, as JSON: a variable. `known` are texts that name something there is. */
function valueOf(type: GraphQLInputType, known: readonly string[], depth = 0): fc.Arbitrary<Json> {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return mostly(fc.array(valueOf(nullable.ofType as GraphQLInputType, known, depth + 1), { maxLength: depth > 1 ? 2 : 4 }));
  if (isEnumType(nullable)) return mostly(fc.constantFrom(...nullable.getValues().map(({ name }) => name)));
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    const required = fields.filter(({ type: inner }) => isNonNullType(inner)).map(({ name }) => name);
    const model = Object.fromEntries(fields.map(({ name, type: inner }) => [name, valueOf(inner, known, depth + 1)]));
    // Each condition narrows: an object that has all of them finds nothing.
    return mostly(fc.subarray(fields.map(({ name }) => name), { maxLength: Math.min(4, fields.length) }).chain((chosen) => fc.record(Object.fromEntries([...new Set([...required, ...chosen])].map((name) => [name, model[name] as fc.Arbitrary<Json>])))));
  }
  return mostly(scalarOf((nullable as { name: string }).name, known));
}

interface Drawn {
  readonly text: string;
  /** Declarations and values of the variables in it. */
  readonly variables: readonly { readonly name: string; readonly type: string; readonly value: Json }[];
}

const nothing: Drawn = { text: '', variables: [] };
const joined = (drawn: readonly Drawn[], separator: string): Drawn => ({ text: drawn.map(({ text }) => text).filter((text) => text !== '').join(separator), variables: drawn.flatMap(({ variables }) => variables) });

const directive = fc.oneof(
  { arbitrary: fc.constant(''), weight: 60 },
  { arbitrary: fc.constantFrom('@include(if: true)', '@skip(if: false)', '@skip(if: true)', '@include(if: false)'), weight: 10 },
  { arbitrary: fc.constantFrom('@include', '@include(if: 1)', '@skip(if: $nothing)', '@deprecated', '@nothing(a: 1)'), weight: 1 },
);
const variableName = fc.integer({ min: 0, max: 1_000_000_000 }).map((n) => `v${n}`);

class Generator {
  readonly #schema: GraphQLSchema;
  readonly #known: readonly string[];

  constructor(schema: GraphQLSchema, known: readonly string[]) {
    this.#schema = schema;
    this.#known = known;
  }

  argument(arg: GraphQLArgument): fc.Arbitrary<Drawn> {
    return fc.tuple(variableName, valueOf(arg.type, this.#known), fc.integer({ min: 0, max: 40 })).map(([name, value, odds]) => ({
      text: `${arg.name}: $${name}`,
      // Now and then a variable is declared as something else.
      variables: [{ name, type: odds === 0 ? 'String' : String(arg.type), value }],
    }));
  }

  field(field: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<Drawn> {
    const given = fc.tuple(...field.args.map((arg) => (isNonNullType(arg.type) && arg.defaultValue === undefined ? this.argument(arg) : fc.option(this.argument(arg), { nil: nothing, freq: 2 })))).map((args) => joined(args, ', '));
    return fc.tuple(given, directive, this.selection(field.type, depth)).map(([args, said, inner]) => ({
      text: `${field.name}${args.text === '' ? '' : `(${args.text})`} ${said} ${inner.text}`,
      variables: [...args.variables, ...inner.variables],
    }));
  }

  selection(type: GraphQLOutputType, depth: number): fc.Arbitrary<Drawn> {
    const named = getNamedType(type);
    if (isLeafType(named)) return fc.constant(nothing);
    if (isAbstractType(named)) {
      const parts = this.#schema.getPossibleTypes(named).map((each) => this.fields(Object.values(each.getFields()), depth - 1).map(({ text, variables }) => ({ text: `... on ${each.name} ${text}`, variables })));
      return fc.tuple(...parts).map((drawn) => ({ text: `{ __typename ${joined(drawn, ' ').text} }`, variables: joined(drawn, ' ').variables }));
    }
    if (!isObjectType(named)) return fc.constant(nothing);
    return this.fields(Object.values(named.getFields()), depth - 1);
  }

  fields(all: readonly GraphQLField<unknown, unknown>[], depth: number): fc.Arbitrary<Drawn> {
    const able = depth > 0 ? all : all.filter(({ type }) => isLeafType(getNamedType(type)));
    return fc
      .subarray([...able], { minLength: Math.min(1, able.length), maxLength: Math.min(MOST_FIELDS, able.length) })
      .chain((chosen) => fc.tuple(...chosen.map((each) => this.field(each, depth))))
      .map((drawn) => ({ text: `{ __typename ${joined(drawn, ' ').text} }`, variables: joined(drawn, ' ').variables }));
  }

  operation(kind: OperationKind): fc.Arbitrary<{ readonly query: string; readonly variables: Readonly<Record<string, Json>> }> {
    const root = this.#schema.getRootType(kind as OperationTypeNode);
    if (!root) throw new Error(`the schema has no ${kind}`);
    const one = fc.constantFrom(...Object.values(root.getFields())).chain((field) => this.field(field, 4));
    const roots = kind === 'query' ? fc.array(one, { minLength: 1, maxLength: 2 }) : one.map((drawn) => [drawn]);
    return roots.map((drawn) => {
      const fields = drawn.map(({ text }, index) => (drawn.length > 1 ? `a${index}: ${text}` : text)).join(' ');
      const variables = [...new Map(joined(drawn, ' ').variables.map((each) => [each.name, each])).values()];
      const declared = variables.map(({ name, type }) => `$${name}: ${type}`).join(', ');
      return { query: `${kind} Fuzz${declared === '' ? '' : `(${declared})`} { ${fields} }`, variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])) };
    });
  }
}

/** Ways to break a text: some leave it a text of GraphQL, most do not. */
function mutated(text: string): fc.Arbitrary<string> {
  const place = fc.nat({ max: text.length });
  const insert = fc.constantFrom('{', '}', '(', ')', '[', ']', '"', '"""', '#', '$', '@', '...', ':', '!', '|', '&', '\0', '\ufeff', '\u2028', '💥', '\ud800', ' nothing ', ' __schema { types { name } } ', ' ...f ', ' fragment f on Query { ...f } ', ' a: b ', '-', '1e', '\\u', ' on ', ' null ', ' query ', ' subscription { feedStatus { state } } ');
  return fc.oneof(
    fc.tuple(place, insert).map(([at, what]) => text.slice(0, at) + what + text.slice(at)),
    fc.tuple(place, fc.integer({ min: 1, max: 30 })).map(([at, length]) => text.slice(0, at) + text.slice(at + length)),
    fc.tuple(place, place).map(([from, to]) => text.slice(0, Math.max(from, to)) + text.slice(Math.min(from, to))),
    place.map((at) => text.slice(0, at)),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.constant(text.replace(/\b[a-z]\w+\b(?= [{(])/i, 'nothing')),
    fc.constant(text.replaceAll(/\$v\d+/g, '$v')),
    fc.constant(text.toUpperCase()),
  );
}

const strangeBody = fc.oneof(
  anyJson.map((value) => JSON.stringify(value)),
  fc.record({ query: anyJson, variables: anyJson, operationName: anyJson, extensions: anyJson }, { requiredKeys: [] }).map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('', '{}', '[]', 'null', '{"query":null}', '{"query":""}', '{"query":"{"}', '{"query":"{__typename}","variables":[]}', '{"query":"{__typename}","variables":"{}"}', '{"query":"{__typename}","operationName":1}', '{"query":"{__typename}","extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}', '{"__proto__":{}}'),
);

/**
 * Operations from the schema: most are valid or nearly, some are broken as texts, some are no operations at all.
 * @param known texts that name something there is: ids, queues, cursors
 */
export function generatedOperations(schema: GraphQLSchema, known: readonly string[]): fc.Arbitrary<GeneratedOperation> {
  const generator = new Generator(schema, known);
  const of = (kind: OperationKind): fc.Arbitrary<GeneratedOperation> => {
    const good = generator.operation(kind);
    const body = fc.oneof(
      { arbitrary: good.map((operation) => JSON.stringify(operation)), weight: 10 },
      { arbitrary: good.chain(({ query, variables }) => mutated(query).map((text) => JSON.stringify({ query: text, variables }))), weight: 3 },
      { arbitrary: fc.tuple(good, anyJson).map(([{ query }, variables]) => JSON.stringify({ query, variables })), weight: 1 },
      { arbitrary: fc.tuple(good, strangeText).map(([operation, operationName]) => JSON.stringify({ ...operation, operationName })), weight: 1 },
    );
    return body.map((text) => ({ kind, body: text }));
  };
  return fc.oneof(
    { arbitrary: of('query'), weight: 10 },
    { arbitrary: of('mutation'), weight: 5 },
    { arbitrary: of('subscription'), weight: 3 },
    { arbitrary: strangeBody.map((body) => ({ kind: 'query' as const, body })), weight: 1 },
  );
}
