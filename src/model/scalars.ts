import { GraphQLScalarType } from 'graphql';
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLJSONObject } from 'graphql-scalars';

import { instantText } from './instant-text.js';

/** graphql-scalars' RFC 3339 instant, serialised as a string in UTC, under the name that the API's clients know. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTimeISO.toConfig(),
  // An instant goes out by the hundred; what is none is the other's to say.
  serialize: (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? instantText(value) : GraphQLDateTimeISO.serialize(value)),
  name: 'DateTime',
  description: 'An instant as RFC 3339 text in UTC with milliseconds, e.g. `2026-01-31T08:15:30.250Z`. Input may carry another offset.',
});

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value.',
});

export const JsonObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  name: 'JSONObject',
  description: 'A JSON object.',
});
