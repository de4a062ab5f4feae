import { graphql, type ResultOf, type VariablesOf } from '../api/graphql.js';

const OPERATION = graphql(`
  fragment Operation on BulkOperation @_unmask {
    id
    action
    state
    matched
    processed
    succeeded
    skipped
    failed
    error
    requestedBy
    userErrors {
      code
      message
    }
  }
`);

export type Operation = ResultOf<typeof OPERATION>;
export type BulkAction = Operation['action'];

/** Looks with `dryRun`, else begins. */
export const BULK = graphql(
  `
    mutation Bulk($input: BulkInput!) {
      bulk(input: $input) {
        operation {
          ...Operation
        }
        preview {
          matched
          sample {
            executionId
            taskId
          }
        }
        userErrors {
          code
          message
        }
      }
    }
  `,
  [OPERATION],
);

export type BulkInput = VariablesOf<typeof BULK>['input'];
export type Preview = NonNullable<ResultOf<typeof BULK>['bulk']['preview']>;

export const CANCEL = graphql(
  `
    mutation CancelBulk($id: ID!) {
      cancelBulkOperation(id: $id) {
        operation {
          ...Operation
        }
        userErrors {
          code
          message
        }
      }
    }
  `,
  [OPERATION],
);

export const PROGRESS = graphql(
  `
    subscription BulkProgress($id: ID!) {
      bulkOperationProgress(id: $id) {
        ...Operation
      }
    }
  `,
  [OPERATION],
);

export const RECENT = graphql(`
  query BulkRecent {
    bulkOperations(first: 20) {
      id
      state
    }
  }
`);
