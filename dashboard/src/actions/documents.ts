import type { Client } from 'urql';

import { type ApiError, fromCombined } from '../api/errors.js';
import { graphql } from '../api/graphql.js';
import type { Move } from './moves.js';

// Only what was refused is asked for: what became of the executions is told by the subscriptions.
const RETRY = graphql(`
  mutation RetryTask($executionId: ID!, $reason: String) {
    outcome: retryTask(input: { executionId: $executionId, reason: $reason }) {
      userErrors {
        code
        message
      }
    }
  }
`);

const ARCHIVE = graphql(`
  mutation ArchiveTask($executionId: ID!, $reason: String!) {
    outcome: archiveTask(input: { executionId: $executionId, reason: $reason }) {
      userErrors {
        code
        message
      }
    }
  }
`);

const MOVE_TO_DLQ = graphql(`
  mutation MoveTaskToDlq($executionId: ID!, $reason: String) {
    outcome: moveTaskToDlq(executionId: $executionId, reason: $reason) {
      userErrors {
        code
        message
      }
    }
  }
`);

interface Outcome {
  readonly outcome: { readonly userErrors: readonly ApiError[] };
}

/** Asks the API to make a move. null: it was made. Never rejects. */
export async function makeMove(queries: Client, move: Move, executionId: string, reason: string): Promise<ApiError | null> {
  const given = reason.trim();
  const optional = { executionId, reason: given === '' ? null : given };
  const send = () => {
    switch (move) {
      case 'retry':
        return queries.mutation(RETRY, optional);
      case 'archive':
        return queries.mutation(ARCHIVE, { executionId, reason: given });
      case 'moveToDlq':
        return queries.mutation(MOVE_TO_DLQ, optional);
    }
  };
  const { data, error } = await (send() as unknown as { toPromise(): Promise<{ data?: Outcome; error?: Parameters<typeof fromCombined>[0] }> }).toPromise();
  return fromCombined(error) ?? data?.outcome.userErrors[0] ?? null;
}
