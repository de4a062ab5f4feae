import { type DocumentNode, getOperationAST, GraphQLError } from 'graphql';

import { type CoercedVariables, MAX_MISTAKES } from '../coerced-variables.js';

/** Variables of which the execution may tell all that is wrong, in characters of JSON: each mistake repeats the value that it is in. */
const MAX_REPEATED = 16 * 1024;
const MAX_MESSAGE = 500;

type Variables = Readonly<Record<string, unknown>>;

function refusal({ message }: GraphQLError): GraphQLError {
  // Names that a wrong one resembles are not for those who may not ask about the schema, and come last.
  const said = message.replace(/ ?Did you mean [^?]*\?$/, '');
  const shown = said.length > MAX_MESSAGE ? `${said.slice(0, MAX_MESSAGE)}…` : said;
  return new GraphQLError(`The variables do not fit their types. The first mistake: ${shown}`, { extensions: { code: 'BAD_USER_INPUT' } });
}

/**
 * Whether the variables fit their types: `FITS_NOT` where the execution says why, errors where that would be too much to say.
 * Looked at before anything else reads them: for each mistake graphql-js makes a message that repeats the value and names
 * what a wrong name resembles, and a body full of mistakes would keep it for minutes.
 */
export function checkCoercion(
  coerced: CoercedVariables,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): 'FITS' | 'FITS_NOT' | readonly GraphQLError[] {
  const operation = getOperationAST(document, operationName);
  if (!operation?.variableDefinitions?.length || coerced.of(operation, variables) !== null) return 'FITS';
  const isTellable = JSON.stringify(variables).length <= MAX_REPEATED && coerced.mistakes(operation, variables).length <= MAX_MISTAKES;
  return isTellable ? 'FITS_NOT' : coerced.mistakes(operation, variables, 1).slice(0, 1).map(refusal);
}
