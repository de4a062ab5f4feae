import type { GraphQLError, GraphQLOutputType, GraphQLResolveInfo } from 'graphql';

import type { FieldPlan, Path, Program, Run } from './types.js';

export class OperationRun implements Run {
  /** In the order in which they happened. */
  readonly errors: GraphQLError[] = [];
  readonly #positions = new Set<Path | undefined>();

  constructor(
    readonly program: Program,
    readonly contextValue: unknown,
    readonly variableValues: Record<string, unknown>,
  ) {}

  note(error: GraphQLError, path: Path | undefined): void {
    for (let place = path; place !== undefined; place = place.prev) if (this.#positions.has(place)) return;
    if (this.#positions.has(undefined)) return;
    this.#positions.add(path);
    this.errors.push(error);
  }
}

/** What resolvers are told of the field that they resolve. Made for each call, so it holds little and looks up the rest. */
export class FieldInfo implements GraphQLResolveInfo {
  readonly #run: Run;
  readonly #plan: FieldPlan;

  constructor(
    run: Run,
    plan: FieldPlan,
    readonly path: Path,
  ) {
    this.#run = run;
    this.#plan = plan;
  }

  get fieldName(): string {
    return this.#plan.definition.name;
  }

  get fieldNodes(): GraphQLResolveInfo['fieldNodes'] {
    return this.#plan.nodes;
  }

  get returnType(): GraphQLOutputType {
    return this.#plan.definition.type;
  }

  get parentType(): GraphQLResolveInfo['parentType'] {
    return this.#plan.parentType;
  }

  get schema(): GraphQLResolveInfo['schema'] {
    return this.#run.program.schema;
  }

  get fragments(): GraphQLResolveInfo['fragments'] {
    return this.#run.program.fragments;
  }

  get rootValue(): unknown {
    return undefined;
  }

  get operation(): GraphQLResolveInfo['operation'] {
    return this.#run.program.operation;
  }

  get variableValues(): Record<string, unknown> {
    return this.#run.variableValues;
  }
}
