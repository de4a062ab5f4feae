import { MantineProvider } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { Route, Router, Switch } from 'wouter';

import { type Api, ApiProvider, useApi } from './api/api.js';
import { BulkOverlay, BulkProvider } from './bulk/index.js';
import { NotFound } from './layout/not-found.js';
import { Shell } from './layout/shell.js';
import { ShortcutProvider } from './layout/shortcuts.js';
import { useOpenTask } from './routing/open-task.js';
import { executionIdOf, patterns, queueNameOf } from './routing/paths.js';
import { colorSchemeManager, theme } from './theme/theme.js';
import { TimeProvider } from './time/time.js';

const Overview = lazy(() => import('./overview/index.js'));
const QueuePage = lazy(() => import('./queue/index.js'));
const Tasks = lazy(() => import('./tasks/index.js'));
const Errors = lazy(() => import('./errors/index.js'));
const TaskDrawer = lazy(() => import('./task-drawer/index.js'));
const TaskPage = lazy(() => import('./task-drawer/page.js'));

/** The drawer of the task that the URL names, over whatever view is open. */
function OpenTask() {
  const [executionId, , close] = useOpenTask();
  if (executionId === null) return null;
  return (
    <Suspense fallback={null}>
      <TaskDrawer executionId={executionId} onClose={close} />
    </Suspense>
  );
}

function QueueOfPath() {
  const { endpoint } = useApi();
  const name = queueNameOf(location.pathname, endpoint.basePath);
  return <QueuePage name={name} key={name} />;
}

function TaskOfPath() {
  const { endpoint } = useApi();
  const executionId = executionIdOf(location.pathname, endpoint.basePath);
  return <TaskPage executionId={executionId} key={executionId} />;
}

export function App({ api }: { readonly api: Api }) {
  const schemes = useMemo(() => colorSchemeManager(), []);
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" colorSchemeManager={schemes} withCssVariables={false} withGlobalClasses={false}>
      <ApiProvider api={api}>
        <TimeProvider>
          <ShortcutProvider>
            <Router base={api.endpoint.basePath}>
              <BulkProvider>
                <Shell
                  overlay={
                    <>
                      <OpenTask />
                      <BulkOverlay />
                    </>
                  }
                >
                  <Switch>
                    <Route path={patterns.overview} component={Overview} />
                    <Route path={patterns.queue}>{() => <QueueOfPath />}</Route>
                    <Route path={patterns.tasks} component={Tasks} />
                    <Route path={patterns.task}>{() => <TaskOfPath />}</Route>
                    <Route path={patterns.errors} component={Errors} />
                    <Route component={NotFound} />
                  </Switch>
                </Shell>
              </BulkProvider>
            </Router>
          </ShortcutProvider>
        </TimeProvider>
      </ApiProvider>
    </MantineProvider>
  );
}
