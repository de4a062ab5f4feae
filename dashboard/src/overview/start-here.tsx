import { useApi } from '../api/api.js';
import { CopyButton } from '../components/copy-button.js';
import { EmptyState } from '../components/empty-state.js';
import styles from './overview.module.css';

const ENQUEUE = `mutation {
  enqueueTask(input: { taskId: "jobs:12345", queueName: "jobs" }) {
    task { executionId status }
    userErrors { message }
  }
}`;

/** No executions at all: how the first one gets here. */
export function StartHere() {
  const { endpoint } = useApi();
  return (
    <div className={styles['start']}>
      <EmptyState title="No tasks yet" page>
        This page shows every queue as soon as there is one execution in <code>task_trackers</code>, and keeps itself up to date.
        <ul className={styles['ways']}>
          <li>
            <strong>Your workers</strong> of the original model write to the collection as they are: nothing to change, start them on this database.
          </li>
          <li>
            <strong>By the API</strong>, e.g. in <a href={endpoint.graphiql}>GraphiQL</a>: <CopyButton text={ENQUEUE} of="the mutation" />
            <pre tabIndex={0}>{ENQUEUE}</pre>
          </li>
          <li>
            <strong>Just looking?</strong> <code>npm run demo</code> starts a server with three workers that are at work.
          </li>
        </ul>
      </EmptyState>
    </div>
  );
}
