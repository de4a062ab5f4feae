import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

import { valuesFor, UnknownArgumentError, type Values, selectionOf } from './every-field.js';

/** One place of the schema where a client gives a value. */
export interface Input {
  /** As in `Query.tasks(filter.metadata[].path)`. */
  readonly name: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Name of the field at the root. */
  readonly field: string;
  readonly type: GraphQLLeafType;
  /** An operation whose variables are this and what must stand beside it. */
  readonly text: string;
  variables(value: unknown): Record<string, unknown>;
}

/** What stands beside a value in an object, so that the value alone is what is wrong with it. By the name of the input object. */
export type Siblings = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Leaf {
  readonly path: string;
  readonly type: GraphQLLeafType;
  wrap(value: unknown): unknown;
}

function leavesOf(type: GraphQLInputType, siblings: Siblings): readonly Leaf[] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    return leavesOf(nullable.ofType as GraphQLInputType, siblings).map(({ path, type: leaf, wrap }) => ({ path: `[]${path}`, type: leaf, wrap: (value) => [wrap(value)] }));
  }
  if (isLeafType(nullable)) return [{ path: '', type: nullable, wrap: (value) => value }];
  if (!isInputObjectType(nullable)) throw new Error(`${String(type)} is no input`);
  const beside = siblings[nullable.name] ?? {};
  const missing = Object.values(nullable.getFields()).filter((field) => isRequiredInputField(field) && beside[field.name] === undefined);
  if (missing.length > 0) throw new UnknownArgumentError(`${nullable.name}: give values of ${missing.map(({ name }) => name).join(', ')} to the test`);
  return Object.values(nullable.getFields()).flatMap((field: GraphQLInputField) =>
    leavesOf(field.type, siblings).map(({ path, type: leaf, wrap }) => ({ path: `.${field.name}${path}`, type: leaf, wrap: (value) => ({ ...beside, [field.name]: wrap(value) }) })),
  );
}

function inputsOfField(schema: GraphQLSchema, kind: Input['kind'], owner: string, field: GraphQLField<unknown, unknown>, values: Values, siblings: Siblings): readonly Input[] {
  const named = getNamedType(field.type);
  const selection = isLeafType(named) ? '' : isObjectType(named) ? `{ ${selectionOf(schema, named, values, 1)} }` : '{ id }';
  return field.args.flatMap((given: GraphQLArgument) =>
    leavesOf(given.type, siblings).map(({ path, type, wrap }) => {
      const others = field.args.filter((arg) => arg !== given && isRequiredArgument(arg)).map((arg) => `${arg.name}: ${valuesFor(values, owner, arg)[0]}`);
      return {
        name: `${owner}(${given.name}${path})`,
        kind,
        field: field.name,
        type,
        text: `${kind} ($value: ${String(given.type)}) { ${field.name}(${[`${given.name}: $value`, ...others].join(', ')}) ${selection} }`,
        variables: (value) => ({ value: wrap(value) }),
      };
    }),
  );
}

/** Every leaf of every argument of the fields at the root, alone in an operation. */
export function inputsOf(schema: GraphQLSchema, values: Values, siblings: Siblings): readonly Input[] {
  return (['query', 'mutation', 'subscription'] as const).flatMap((kind) => {
    const root = schema.getRootType(kind as never);
    if (!root) return [];
    return Object.values(root.getFields()).flatMap((field) => inputsOfField(schema, kind, `${root.name}.${field.name}`, field, values, siblings));
  });
}

/** Names of the types of arguments that fields below the root take. */
export function typesBelowTheRoot(schema: GraphQLSchema): ReadonlySet<string> {
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map((type) => type?.name));
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !roots.has(type.name) && !type.name.startsWith('__'));
  return new Set(types.flatMap((type) => (isObjectType(type) ? Object.values(type.getFields()).flatMap((field) => field.args.map((arg) => getNamedType(arg.type).name)) : [])));
}
