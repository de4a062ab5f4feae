import {
  buildSchema,
  getNullableType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql';

/** A number from 0 to 1 that depends on the text alone (FNV-1a). */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}

export class WhimError extends Error {
  readonly extensions = { code: 'WHIM' };
}

type Seeded = { readonly seed: number };

function pathText(path: GraphQLResolveInfo['path'] | undefined): string {
  return path === undefined ? '' : `${pathText(path.prev)}/${path.key}`;
}

/** All that a resolver is told, as text. */
function told(args: unknown, info: GraphQLResolveInfo): string {
  const { fieldName, parentType, returnType, fieldNodes, fragments, operation, variableValues, path, rootValue, schema } = info;
  const parts = [fieldName, parentType.name, String(returnType), fieldNodes.length, Object.keys(fragments), operation.name?.value, variableValues, pathText(path), path.typename, rootValue, schema.getQueryType()?.name, args];
  return JSON.stringify(parts);
}

/** Later by so many turns. */
async function later<T>(value: T, turns: number): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
  return value;
}

async function failLater(error: Error, turns: number): Promise<never> {
  await later(null, turns);
  throw error;
}

/**
 * A schema whose resolvers do whatever resolvers may, and may not, do: give values at once, later and much later, nothing,
 * errors, values of no such type. What they do depends on the seed in the context, the place in the response and the
 * arguments alone, so an operation has the same outcome whoever executes it, if he tells resolvers the same.
 */
export function whimsicalSchema(sdl: string, share: { readonly bad: number }): GraphQLSchema {
  const schema = buildSchema(sdl);

  const valueOf = (type: GraphQLOutputType, key: string): unknown => {
    const draw = (what: string) => shareOf(`${key}#${what}`);
    if (draw('bad') < share.bad) {
      const error = new WhimError(`whim at ${key}`);
      const bad = [null, undefined, error, Symbol.for('odd'), { odd: true }, Number.NaN, () => 1][Math.floor(draw('which') * 7)];
      return draw('how') < 0.25 ? failLater(error, Math.floor(draw('turns') * 4)) : bad;
    }
    const value = goodValue(getNullableType(type), key, draw);
    return draw('later') < 0.25 ? later(value, Math.floor(draw('turns') * 5)) : value;
  };
  const goodValue = (type: GraphQLOutputType, key: string, draw: (what: string) => number): unknown => {
    if (isListType(type)) {
      const items = Array.from({ length: Math.floor(draw('length') * 4) }, (_, index) => valueOf(type.ofType as GraphQLOutputType, `${key}/${index}`));
      // What a set holds cannot be looked at twice.
      return draw('set') < 0.1 && !items.some((item) => item instanceof Promise) ? new Set(items) : items;
    }
    if (isEnumType(type)) return type.getValues()[Math.floor(draw('value') * type.getValues().length)]?.value;
    if (isScalarType(type)) return scalarOf(type.name, key, draw('value'));
    return objectAt(key);
  };
  const scalarOf = (name: string, key: string, draw: number): unknown => {
    switch (name) {
      case 'Int':
        return [0, 7, '12', true][Math.floor(draw * 4)];
      case 'Float':
        return [0.5, 3, '1e3'][Math.floor(draw * 3)];
      case 'Boolean':
        return [true, false, 1][Math.floor(draw * 3)];
      case 'DateTime':
        return new Date(Math.floor(draw * 2e12)).toISOString();
      case 'JSON':
      case 'JSONObject':
        return { [key]: [draw, null, 'x'], ['__proto__x']: {} };
      default:
        return [key, 12, true, { valueOf: () => key }][Math.floor(draw * 4)];
    }
  };
  /** An object whose properties are values too, and sometimes functions. */
  const objectAt = (key: string): object =>
    new Proxy(
      {},
      {
        get(_target, name) {
          if (typeof name !== 'string' || name === 'then' || name === 'toJSON' || name === 'constructor') return undefined;
          if (name === '__typename') return undefined;
          const field = plainFields.get(name);
          if (field === undefined) return undefined;
          if (shareOf(`${key}.${name}#call`) < 0.2) return (args: unknown, context: Seeded, info: GraphQLResolveInfo) => valueOf(field, `${context.seed}:${told(args, info)}`);
          return valueOf(field, `${key}.${name}`);
        },
      },
    );

  /** Types of the fields without a resolver, by their name. */
  const plainFields = new Map<string, GraphQLOutputType>();
  const types = Object.values(schema.getTypeMap()).filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'));
  for (const type of types) {
    for (const field of Object.values(type.getFields())) {
      const known = plainFields.get(field.name);
      if (shareOf(`${type.name}.${field.name}`) < 0.5 && (known === undefined || String(known) === String(field.type))) {
        plainFields.set(field.name, field.type);
        continue;
      }
      const resolve: GraphQLFieldResolver<unknown, Seeded> = (_source, args, { seed }, info) => {
        const key = `${seed}:${told(args, info)}`;
        if (shareOf(`${key}#throw`) < share.bad / 2) throw shareOf(`${key}#what`) < 0.8 ? new WhimError(`thrown at ${pathText(info.path)}`) : 'a text is thrown';
        return valueOf(field.type, key);
      };
      field.resolve = resolve;
    }
    if (shareOf(`${type.name}#isTypeOf`) < 0.3 && type !== schema.getQueryType() && type !== schema.getMutationType()) {
      type.isTypeOf = (_value, context: Seeded, info) => {
        const draw = shareOf(`${context.seed}:${pathText(info.path)}:${type.name}#is`);
        if (draw < share.bad) return false;
        return draw < 0.3 ? later(true, 2) : true;
      };
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isAbstractType(type)) continue;
    const possible = schema.getPossibleTypes(type);
    type.resolveType = (_value, context: Seeded, info) => {
      const key = `${context.seed}:${pathText(info.path)}`;
      const draw = shareOf(`${key}#type`);
      const name = draw < share.bad ? [undefined, 'Nothing', 'Query', 'Int', 5 as never][Math.floor(shareOf(`${key}#which`) * 5)] : possible[Math.floor(shareOf(`${key}#one`) * possible.length)]?.name;
      return shareOf(`${key}#later`) < 0.3 ? later(name, 1) : name;
    };
  }
  return schema;
}
