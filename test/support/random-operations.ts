import {
  getNamedType,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** Numbers from 0 to 1, the same for the same seed (Mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RandomOperation {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A value of an input type, as it stands in a document and as a variable carries it. */
interface Given {
  readonly text: string;
  readonly json: unknown;
}

const SCALARS: Readonly<Record<string, readonly Given[]>> = {
  Int: [{ text: '1', json: 1 }, { text: '50', json: 50 }, { text: '-3', json: -3 }],
  Float: [{ text: '1.5', json: 1.5 }, { text: '60000', json: 60_000 }],
  String: [{ text: '"a"', json: 'a' }, { text: '""', json: '' }, { text: '"""b\\n"""', json: 'ü' }],
  ID: [{ text: '"id:1"', json: 'id:1' }, { text: '7', json: 7 }],
  Boolean: [{ text: 'true', json: true }, { text: 'false', json: false }],
  DateTime: [{ text: '"2026-01-31T08:15:30.250Z"', json: '2026-01-31T08:15:30.250+02:00' }],
  JSON: [{ text: '{ a: [1, "x", null, 2.5] }', json: { a: [1, 'x', null] } }, { text: '3', json: 'three' }],
  JSONObject: [{ text: '{ a: { b: true } }', json: { a: { b: true } } }],
};

/** Values that no type takes, and some that one takes as another than it is. */
const STRANGE: readonly unknown[] = [null, 'three', 3.5, 1e20, true, [], [[1]], {}, { unknown: 1 }];

/** Variables in `@skip` and `@include` of one operation. */
const MAX_CONDITIONS = 4;

/** Makes one operation at random: valid but for conflicts of its fields and variables of strange values. */
export function randomOperation(schema: GraphQLSchema, kind: 'query' | 'mutation', random: () => number): RandomOperation {
  return new Maker(schema, random).operation(kind);
}

class Maker {
  readonly #variables: string[] = [];
  readonly #values: Record<string, unknown> = {};
  readonly #conditions: string[] = [];
  readonly #fragments: string[] = [];
  #left = 60;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly random: () => number,
  ) {}

  operation(kind: 'query' | 'mutation'): RandomOperation {
    const root = (kind === 'query' ? this.schema.getQueryType() : this.schema.getMutationType()) as GraphQLObjectType;
    const selection = this.selection(root, 4);
    const variables = this.#variables.length === 0 ? '' : `(${this.#variables.join(', ')})`;
    return { text: [`${kind} Random${variables} ${selection}`, ...this.#fragments].join('\n'), variables: this.#values };
  }

  private chance(share: number): boolean {
    return this.random() < share;
  }

  private one<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)] as T;
  }

  private selection(type: GraphQLNamedType, depth: number): string {
    const parts = Array.from({ length: 1 + Math.floor(this.random() * 5) }, () => this.part(type, depth)).filter((part) => part !== null);
    return `{ ${(parts.length > 0 ? parts : ['__typename']).join(' ')} }`;
  }

  private part(type: GraphQLNamedType, depth: number): string | null {
    this.#left -= 1;
    if (this.#left < 0) return null;
    if (this.chance(0.08)) return `${this.chance(0.5) ? 'kind: ' : ''}__typename${this.directives()}`;
    if (this.chance(0.15) && depth > 0) return this.spread(type, depth);
    if (isObjectType(type) || isAbstractType(type)) return this.field(type, depth);
    return null;
  }

  private spread(type: GraphQLNamedType, depth: number): string {
    const possible: readonly GraphQLNamedType[] = isAbstractType(type) ? [type, ...this.schema.getPossibleTypes(type)] : isObjectType(type) ? [type, ...type.getInterfaces()] : [type];
    const condition = this.one(possible);
    const selection = this.selection(condition, depth - 1);
    if (this.chance(0.5)) return `...${this.chance(0.2) && condition === type ? '' : ` on ${condition.name}`}${this.directives()} ${selection}`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push(`fragment ${name} on ${condition.name} ${selection}`);
    // Spread more than once, and with other conditions.
    return Array.from({ length: this.chance(0.3) ? 2 : 1 }, () => `...${name}${this.directives()}`).join(' ');
  }

  private field(type: GraphQLNamedType, depth: number): string | null {
    const fields = isObjectType(type) || (isAbstractType(type) && 'getFields' in type) ? Object.values(type.getFields()) : [];
    if (fields.length === 0) return null;
    const field = this.one(fields);
    const named = getNamedType(field.type);
    if (isCompositeType(named) && depth === 0) return null;
    const args = field.args.filter((arg) => isRequiredArgument(arg) || this.chance(0.4)).map((arg) => `${arg.name}: ${this.argument(arg)}`);
    // With arguments a field of the same name may conflict: it gets a name of its own.
    const alias = args.length > 0 || this.chance(0.1) ? `a${this.#left}_${field.name}: ` : '';
    const inner = isLeafType(named) ? '' : ` ${this.selection(named, depth - 1)}`;
    const text = `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.directives()}${inner}`;
    return text;
  }

  private directives(): string {
    if (!this.chance(0.12)) return '';
    const name = this.one(['skip', 'include']);
    if (this.chance(0.4)) return ` @${name}(if: ${this.one(['true', 'false'])})`;
    if (this.#conditions.length === MAX_CONDITIONS || (this.#conditions.length > 0 && this.chance(0.5))) return ` @${name}(if: ${this.one(this.#conditions)})`;
    const condition = this.variable('Boolean!', this.one(SCALARS['Boolean'] as Given[]), null);
    this.#conditions.push(condition);
    return ` @${name}(if: ${condition})`;
  }

  private argument(arg: GraphQLArgument | GraphQLInputField): string {
    return this.value(arg.type, 3, arg.defaultValue !== undefined).text;
  }

  private variable(type: string, given: Given, fallback: Given | null): string {
    const name = `v${this.#variables.length}`;
    this.#variables.push(`$${name}: ${type}${fallback === null ? '' : ` = ${fallback.text}`}`);
    const isRequired = type.endsWith('!') && fallback === null;
    if (this.chance(0.03)) this.#values[name] = this.one(STRANGE);
    else if (isRequired || this.chance(0.7)) this.#values[name] = given.json;
    return `$${name}`;
  }

  /** @param variables how deep variables may stand in it */
  private value(type: GraphQLInputType, depth: number, hasDefault = false, inVariable = false): Given {
    if (!inVariable && this.chance(0.35)) {
      const given = this.value(type, depth, false, true);
      const fallback = this.chance(0.25) && isConstant(given) ? this.value(type, depth, false, true) : null;
      const declared = hasDefault && isNonNullType(type) && this.chance(0.3) ? String(type.ofType) : String(type);
      return { text: this.variable(declared, given, fallback), json: null };
    }
    if (isNonNullType(type)) return this.present(type.ofType, depth, inVariable);
    return this.chance(0.1) ? { text: 'null', json: null } : this.present(type, depth, inVariable);
  }

  private present(type: GraphQLInputType, depth: number, inVariable: boolean): Given {
    if (isListType(type)) {
      // A value stands for the list of it.
      if (this.chance(0.2)) return this.value(type.ofType, depth - 1, false, true);
      const items = Array.from({ length: Math.floor(this.random() * 3) }, () => this.value(type.ofType, depth - 1, false, inVariable));
      return { text: `[${items.map(({ text }) => text).join(', ')}]`, json: items.map(({ json }) => json) };
    }
    if (isEnumType(type)) {
      const { name } = this.one(type.getValues());
      return { text: name, json: name };
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || (depth > 0 && this.chance(0.25)));
      const given = fields.map((field) => [field.name, this.value(field.type, depth - 1, field.defaultValue !== undefined, inVariable)] as const);
      return { text: `{ ${given.map(([name, { text }]) => `${name}: ${text}`).join(', ')} }`, json: Object.fromEntries(given.map(([name, { json }]) => [name, json])) };
    }
    return this.one(SCALARS[String(getNamedType(type))] ?? [{ text: '1', json: 1 }]);
  }
}

function isConstant({ text }: Given): boolean {
  return !text.includes('$');
}
