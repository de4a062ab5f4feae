import { type DocumentNode, getOperationAST, getVariableValues, GraphQLError, type GraphQLSchema } from 'graphql';

/** As many mistakes as the execution tells of. */
const MAX_MISTAKES = 50;
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
export function checkCoercion(schema: GraphQLSchema, document: DocumentNode, operationName: string | null | undefined, variables: Variables): 'FITS' | 'FITS_NOT' | readonly GraphQLError[] {
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  if (definitions.length === 0) return 'FITS';
  const mistakes = (most: number): readonly GraphQLError[] => getVariableValues(schema, definitions, variables, { maxErrors: most }).errors ?? [];
  const [first] = mistakes(1);
  if (first === undefined) return 'FITS';
  const isTellable = JSON.stringify(variables).length <= MAX_REPEATED && mistakes(MAX_MISTAKES).length <= MAX_MISTAKES;
  return isTellable ? 'FITS_NOT' : [refusal(first)];
}
