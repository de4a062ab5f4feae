import { defaultFieldResolver, getArgumentValues, type GraphQLFieldResolver, locatedError } from 'graphql';

import { isPromise } from './promises.js';
import { FieldInfo } from './run.js';
import type { FieldPlan, Path, Run, Selection } from './types.js';

type Results = Record<string, unknown>;

const NO_ARGUMENTS: Readonly<Record<string, unknown>> = Object.freeze({});

/** An object to be filled. */
function emptyResults({ hasProto }: Selection): Results {
  // One with a prototype is faster to fill, and to write as JSON.
  return hasProto ? (Object.create(null) as Results) : {};
}

function pathArray(path: Path): (string | number)[] {
  const parts: (string | number)[] = [];
  for (let part: Path | undefined = path; part !== undefined; part = part.prev) parts.push(part.key);
  return parts.reverse();
}

/** A value could not be completed: it is null in the response, or fails what it is in where it may not be null. */
export function failed(run: Run, { nodes }: FieldPlan, isNonNull: boolean, path: Path, cause: unknown): null {
  const error = locatedError(cause, nodes, pathArray(path));
  if (isNonNull) throw error;
  run.note(error, path);
  return null;
}

async function settled(results: Results, selection: Selection): Promise<Results> {
  const values = await Promise.all(Object.values(results));
  const resolved = emptyResults(selection);
  Object.keys(results).forEach((key, index) => (resolved[key] = values[index]));
  return resolved;
}

/** All at once. @returns the object of the response, or a promise of it */
export function executeFields(run: Run, selection: Selection, source: unknown, path: Path | undefined): Results | Promise<Results> {
  const results = emptyResults(selection);
  let containsPromise = false;
  try {
    for (const plan of selection.plans) {
      const result = executeField(run, plan, source, path);
      results[plan.key] = result;
      if (isPromise(result)) containsPromise = true;
    }
  } catch (error) {
    if (!containsPromise) throw error;
    // Those that are under way may fail too.
    return settled(results, selection).finally(() => {
      throw error;
    });
  }
  return containsPromise ? settled(results, selection) : results;
}

/** One after another, each when the one before it is done. */
export function executeFieldsSerially(run: Run, selection: Selection, source: unknown): Results | Promise<Results> {
  let results: Results | Promise<Results> = emptyResults(selection);
  const next = (done: Results, plan: FieldPlan): Results | Promise<Results> => {
    const result = executeField(run, plan, source, undefined);
    if (isPromise(result)) {
      return result.then((resolved) => {
        done[plan.key] = resolved;
        return done;
      });
    }
    done[plan.key] = result;
    return done;
  };
  for (const plan of selection.plans) results = isPromise(results) ? results.then((done) => next(done as Results, plan)) : next(results, plan);
  return results;
}

function executeField(run: Run, plan: FieldPlan, source: unknown, parentPath: Path | undefined): unknown {
  const { resolve, leaf } = plan;
  if (resolve === null && leaf !== null && typeof source === 'object' && source !== null) {
    const value = (source as Readonly<Record<string, unknown>>)[plan.definition.name];
    if (isPromise(value)) return resolveField(run, plan, source, pathTo(plan, parentPath), () => value);
    if (typeof value !== 'function') {
      try {
        return leaf(value);
      } catch (error) {
        return failed(run, plan, plan.isNonNull, pathTo(plan, parentPath), error);
      }
    }
  }
  return resolveField(run, plan, source, pathTo(plan, parentPath), resolve ?? defaultFieldResolver);
}

function pathTo(plan: FieldPlan, parentPath: Path | undefined): Path {
  return { prev: parentPath, key: plan.key, typename: plan.parentType.name };
}

function resolveField(run: Run, plan: FieldPlan, source: unknown, path: Path, resolve: GraphQLFieldResolver<unknown, unknown>): unknown {
  const { definition, nodes, complete, isNonNull } = plan;
  const info = new FieldInfo(run, plan, path);
  try {
    // Validated documents have a first node.
    const args = definition.args.length === 0 ? NO_ARGUMENTS : getArgumentValues(definition, nodes[0] as (typeof nodes)[0], run.variableValues);
    const result: unknown = resolve(source, args, run.contextValue, info);
    const completed = isPromise(result) ? result.then((resolved) => complete(run, plan, info, path, resolved)) : complete(run, plan, info, path, result);
    if (!isPromise(completed)) return completed;
    return completed.then(undefined, (error: unknown) => failed(run, plan, isNonNull, path, error));
  } catch (error) {
    return failed(run, plan, isNonNull, path, error);
  }
}
