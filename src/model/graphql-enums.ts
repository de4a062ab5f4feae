import { registerEnumType } from 'type-graphql';

import { ErrorCategory } from './error-category.js';
import { ShownStatus } from './status.js';

registerEnumType(ShownStatus, {
  name: 'TaskStatus',
  description: 'Where an execution stands in its life.',
  valuesConfig: {
    QUEUED: { description: 'Enqueued, waiting for a worker.' },
    PROCESSING: { description: 'A worker has started it and has not said how it ended.' },
    COMPLETED: { description: 'Ended well. Final.' },
    FAILED: { description: 'Ended badly, and may be retried while `retryCount` is below `maxRetries`.' },
    DLQ: { description: 'In the dead-letter queue: retries are exhausted or the error is not recoverable. An operator decides.' },
    ARCHIVED: { description: 'Taken out of the dead-letter queue, by an operator or by retention. Final.' },
    UNKNOWN: {
      description:
        'The stored status is none of the above (see `irregularities`). Never written by TaskTracker; shown so that such documents are not hidden.',
    },
  },
});

registerEnumType(ErrorCategory, {
  name: 'ErrorCategory',
  description: 'Why an execution failed, as its worker classified it.',
  valuesConfig: {
    TRANSIENT: { description: 'Passing: a network time-out, a service away for a moment. A retry may help.' },
    VALIDATION: { description: 'The input is wrong or lacks a required field. A retry does not help.' },
    PROCESSING: { description: 'Business logic failed or data are inconsistent.' },
    INFRASTRUCTURE: { description: 'Database, file system or another resource failed.' },
    PARTNER_API: { description: "A partner's API answered with an error." },
    UNKNOWN: { description: 'Not classified, or classified with a word that is not in this list.' },
  },
});
