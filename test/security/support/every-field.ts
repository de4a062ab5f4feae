import { getNamedType, type GraphQLArgument, type GraphQLField, type GraphQLNamedType, type GraphQLObjectType, type GraphQLSchema, isAbstractType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';

/** Values for arguments, as text in a document, by the argument's name or `Type.field.argument`. */
export type Values = Readonly<Record<string, readonly string[]>>;

export interface Operation {
  readonly name: string;
  readonly text: string;
}

/** What a new argument needs before this test can reach what it leads to. */
export class UnknownArgumentError extends Error {}

export function valuesFor(values: Values, owner: string, { name, type }: GraphQLArgument): readonly string[] {
  const found = values[`${owner}.${name}`] ?? values[name];
  if (found === undefined) throw new UnknownArgumentError(`${owner}(${name}: ${String(type)}): give values of it to the test`);
  return found;
}

function requiredArguments(owner: string, field: GraphQLField<unknown, unknown>, values: Values): string {
  const required = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${valuesFor(values, owner, arg)[0]}`);
  return required.length === 0 ? '' : `(${required.join(', ')})`;
}

/** Every field of a type, and of what it leads to, `depth` objects deep. */
export function selectionOf(schema: GraphQLSchema, type: GraphQLObjectType, values: Values, depth: number, prefix = ''): string {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type);
    const call = `${prefix === '' ? '' : `${prefix}_${field.name}: `}${field.name}${requiredArguments(`${type.name}.${field.name}`, field, values)}`;
    if (isLeafType(named)) return [call];
    if (depth === 0) return [];
    return [`${call} { ${selectionOfAny(schema, named, values, depth - 1)} }`];
  });
  return ['__typename', ...fields].join(' ');
}

function selectionOfAny(schema: GraphQLSchema, named: GraphQLNamedType, values: Values, depth: number): string {
  if (isObjectType(named)) return selectionOf(schema, named, values, depth);
  if (!isAbstractType(named)) throw new Error(`${named.name} has no fields`);
  // Fields of one name may have other types in other objects: under names of their own they meet in one answer.
  const possible = schema.getPossibleTypes(named);
  return ['__typename', ...possible.map((type) => `... on ${type.name} { ${selectionOf(schema, type, values, depth, type.name === 'TaskTracker' ? '' : type.name)} }`)].join(' ');
}

/** Each field of a root type: with what it must be given, and with each value of each other argument. */
export function operationsOn(schema: GraphQLSchema, root: GraphQLObjectType, kind: string, values: Values, depth: number): readonly Operation[] {
  return Object.values(root.getFields()).flatMap((field) => {
    const owner = `${root.name}.${field.name}`;
    const named = getNamedType(field.type);
    const selection = isLeafType(named) ? '' : ` { ${selectionOfAny(schema, named, values, depth)} }`;
    const required = new Map(field.args.filter(isRequiredArgument).map((arg) => [arg.name, valuesFor(values, owner, arg)]));
    const base = new Map([...required].map(([name, [first = 'null']]) => [name, first]));
    const calls = [base, ...field.args.flatMap((arg) => valuesFor(values, owner, arg).map((value) => new Map(base).set(arg.name, value)))];
    return calls.map((args) => {
      const given = [...args].map(([name, value]) => `${name}: ${value}`).join(', ');
      return { name: `${owner}(${given})`, text: `${kind} { ${field.name}${given === '' ? '' : `(${given})`}${selection} }` };
    });
  });
}
