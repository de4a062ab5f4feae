import {
  type DirectiveNode,
  type DocumentNode,
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type FragmentDefinitionNode,
  getOperationAST,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';

import { CoercedVariables } from '../coerced-variables.js';
import { executeFields, executeFieldsSerially } from './fields.js';
import { createProgram } from './program.js';
import { isPromise } from './promises.js';
import { OperationRun } from './run.js';
import type { Program } from './types.js';

/** Most variables in `@skip` and `@include` of a document that is compiled: their values make as many programs as two to the power of that. */
const MAX_CONDITIONS = 4;

/** An operation of a document, and its programs by the values of the variables that decide what is selected. */
interface Compiled {
  readonly operation: OperationDefinitionNode;
  readonly conditions: readonly string[];
  readonly programs: Map<string, Program>;
}

function conditionsOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  visit(document, {
    Directive({ name, arguments: given = [] }: DirectiveNode) {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}

/**
 * Executes queries and mutations as graphql-js' `execute` does, with the same results, errors and order, several times as
 * fast for documents that come again: which fields are selected, what they are called, and how their values are shown is
 * worked out once for a document, and not for every object. What it does not take, it hands to graphql-js.
 */
export class CompiledOperations {
  readonly #schema: GraphQLSchema;
  readonly #variables: CoercedVariables;
  readonly #compiled = new WeakMap<DocumentNode, Map<string | null, Compiled | null>>();

  /** @param variables where they may have been coerced before */
  constructor(schema: GraphQLSchema, variables = new CoercedVariables(schema)) {
    this.#schema = schema;
    this.#variables = variables;
  }

  /** @param args of a document that has passed validation, and must not change */
  execute(args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues' | 'contextValue'>): ExecutionResult | Promise<ExecutionResult> {
    const { document, operationName, contextValue } = args;
    const compiled = this.#compile(document, operationName ?? null);
    if (compiled === null) return this.#interpret(args);
    const given = args.variableValues ?? {};
    const variables = this.#variables.of(compiled.operation, given);
    if (variables === null) return { errors: this.#variables.mistakes(compiled.operation, given) };
    const program = this.#programOf(compiled, document, variables);
    return program === null ? this.#interpret(args) : run(program, contextValue, variables);
  }

  #interpret(args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues' | 'contextValue'>): ExecutionResult | Promise<ExecutionResult> {
    return execute({ ...args, schema: this.#schema }) as ExecutionResult | Promise<ExecutionResult>;
  }

  #compile(document: DocumentNode, operationName: string | null): Compiled | null {
    let operations = this.#compiled.get(document);
    if (operations === undefined) this.#compiled.set(document, (operations = new Map()));
    const known = operations.get(operationName);
    if (known !== undefined) return known;
    const operation = getOperationAST(document, operationName) ?? null;
    // Names that the document does not have come from clients, and are not kept.
    if (operation === null) return null;
    const conditions = conditionsOf(document);
    const isTaken = operation.operation !== 'subscription' && conditions.length <= MAX_CONDITIONS;
    const compiled = isTaken ? { operation, conditions, programs: new Map<string, Program>() } : null;
    operations.set(operationName, compiled);
    return compiled;
  }

  #programOf({ operation, conditions, programs }: Compiled, document: DocumentNode, variables: Record<string, unknown>): Program | null {
    const values = conditions.map((name) => variables[name]);
    // A variable of another operation, or a null that is an error in the midst of the execution.
    if (!values.every((value) => typeof value === 'boolean')) return null;
    const key = values.join();
    const known = programs.get(key);
    if (known !== undefined) return known;
    const rootType = this.#schema.getRootType(operation.operation);
    if (!rootType) return null;
    const fragments = document.definitions.filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION);
    const program = createProgram({
      schema: this.#schema,
      operation,
      fragments: Object.fromEntries(fragments.map((fragment) => [fragment.name.value, fragment])),
      conditions: Object.fromEntries(conditions.map((name, index) => [name, values[index] === true])),
      rootType,
    });
    programs.set(key, program);
    return program;
  }
}

function run(program: Program, contextValue: unknown, variables: Record<string, unknown>): ExecutionResult | Promise<ExecutionResult> {
  const running = new OperationRun(program, contextValue, variables);
  const answer = (data: unknown): ExecutionResult => {
    const { errors } = running;
    return errors.length === 0 ? { data: data as Record<string, unknown> } : { errors, data: data as Record<string, unknown> | null };
  };
  const fail = (error: unknown): ExecutionResult => {
    running.note(error as GraphQLError, undefined);
    return answer(null);
  };
  try {
    const data = program.operation.operation === 'mutation' ? executeFieldsSerially(running, program.root, undefined) : executeFields(running, program.root, undefined, undefined);
    return isPromise(data) ? data.then(answer, fail) : answer(data);
  } catch (error) {
    return fail(error);
  }
}
