import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';

import styles from './error-boundary.module.css';

interface Props {
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | null;
}

/** Keeps a fault of one view to that view, and offers a way on. Give it a `key` that changes with the page. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div className={styles['fault']} role="alert">
        <h1>This page has failed</h1>
        <p>It is a fault of the dashboard, not of your tasks. If the server was updated a moment ago, loading the page again helps.</p>
        <pre>{error.message}</pre>
        <Button onClick={() => location.reload()}>Load again</Button>
      </div>
    );
  }
}
