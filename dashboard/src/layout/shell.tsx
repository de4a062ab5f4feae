import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, Suspense, useRef } from 'react';
import { useLocation } from 'wouter';

import { useFeedHealth } from '../api/hooks.js';
import { paths } from '../routing/paths.js';
import { ErrorBoundary } from './error-boundary.js';
import { StaleNote } from './feed-indicator.js';
import { Header } from './header.js';
import { HelpDialog } from './help-dialog.js';
import { PageSkeleton } from './page-skeleton.js';
import styles from './shell.module.css';
import { useShortcut } from './shortcuts.js';
import { usePageChange } from './use-page-change.js';

/** What is around every view. `overlay` is what may open over any of them. */
export function Shell({ children, overlay }: { readonly children: ReactNode; readonly overlay?: ReactNode }) {
  const [path, navigate] = useLocation();
  const [helpOpened, help] = useDisclosure(false);
  const main = useRef<HTMLElement>(null);
  const health = useFeedHealth();
  usePageChange(path, main);
  const stale = health.kind === 'disconnected' || health.kind === 'behind';
  useShortcut('g o', 'Go to the overview', () => navigate(paths.overview()));
  useShortcut('g t', 'Go to the tasks', () => navigate(paths.tasks()));
  useShortcut('g e', 'Go to the errors', () => navigate(paths.errors()));
  useShortcut('?', 'Show this help', help.open);
  return (
    <>
      <button type="button" className={styles['skip']} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header onHelp={help.open} />
      <StaleNote />
      <main ref={main} className={styles['main']} tabIndex={-1} data-stale={stale || undefined}>
        <ErrorBoundary key={path}>
          <Suspense fallback={<PageSkeleton />}>{children}</Suspense>
        </ErrorBoundary>
      </main>
      {overlay}
      <HelpDialog opened={helpOpened} onClose={help.close} />
    </>
  );
}
