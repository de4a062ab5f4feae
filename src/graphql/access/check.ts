import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  getOperationAST,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

import type { Caller } from '../../access/caller.js';
import { mayUse, type Permission } from '../../access/role.js';
import { needOf, rolesWith } from './permissions.js';

/** Coordinates of the fields that an operation selects, in the order of the document, with what each takes; those that take nothing are left out. */
type Needs = ReadonlyMap<string, Permission>;

function collect(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): Needs {
  const fragments = new Map(document.definitions.filter((each): each is FragmentDefinitionNode => each.kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]));
  const needs = new Map<string, Permission>();
  const seen = new Set<string>();
  const open: DefinitionNode[] = [operation];
  for (let definition = open.pop(); definition !== undefined; definition = open.pop()) {
    const info = new TypeInfo(schema);
    visit(
      definition,
      visitWithTypeInfo(info, {
        Field() {
          const [type, field] = [info.getParentType(), info.getFieldDef()];
          if (!type || !field) return;
          const need = needOf(type, field);
          if (need !== 'NONE') needs.set(`${type.name}.${field.name}`, need);
        },
        FragmentSpread({ name: { value: name } }) {
          const fragment = fragments.get(name);
          if (fragment === undefined || seen.has(name)) return;
          seen.add(name);
          open.push(fragment);
        },
      }),
    );
  }
  return needs;
}

function forbidden(caller: Caller, coordinate: string, permission: Permission): GraphQLError {
  const roles = rolesWith(permission);
  const message = `The role ${caller.role} may not use ${coordinate}: it takes ${roles.join(' or ')}.`;
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN', field: coordinate, roles } });
}

/** What a caller may not select, of the operation that is to be executed: one error for each field. */
export type PermissionCheck = (document: DocumentNode, operationName: string | null | undefined, caller: Caller) => readonly GraphQLError[];

/**
 * Checks each field that the operation selects, in whatever fragment and however deep, whether or not a directive skips
 * it. The document must have passed validation; what it takes is worked out once.
 */
export function createPermissionCheck(schema: GraphQLSchema): PermissionCheck {
  const known = new WeakMap<OperationDefinitionNode, Needs>();
  return (document, operationName, caller) => {
    const operation = getOperationAST(document, operationName);
    if (!operation) return [];
    let needs = known.get(operation);
    if (needs === undefined) {
      needs = collect(schema, document, operation);
      known.set(operation, needs);
    }
    return [...needs].filter(([, permission]) => !mayUse(caller.role, permission)).map(([coordinate, permission]) => forbidden(caller, coordinate, permission));
  };
}
